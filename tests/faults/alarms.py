"""Which alarms are in ALARM, from their own numbers and the data points of some periods."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean
from typing import Any, Final, Self

from tests.metrics import Metric

from .metric_math import Value, evaluate

type Samples = Mapping[Metric, Sequence[float]]
"""What was published of each metric in one period."""


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


_STATISTICS: Final[dict[str, Callable[[Sequence[float]], float]]] = {
    "Sum": sum,
    "Average": fmean,
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Statistic:
    """A metric's value in a period."""

    metric: Metric
    statistic: str
    period: int
    """In seconds."""

    @classmethod
    def of(cls, metric: Mapping[str, Any], statistic: str, period: float) -> Self:
        dimensions = frozenset(
            (dimension["Name"], dimension["Value"]) for dimension in metric.get("Dimensions", [])
        )
        named = Metric(metric["Namespace"], metric["MetricName"], dimensions)
        return cls(named, statistic, int(period))

    def value(self, samples: Samples) -> Value:
        published = samples.get(self.metric)
        return float(_STATISTICS[self.statistic](published)) if published else None


@dataclass(frozen=True)
class Alarm:
    """An AWS::CloudWatch::Alarm whose properties are texts and numbers.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
    """

    name: str
    statistics: Mapping[str, Statistic]
    """By id, as the expression has it."""

    expression: str
    threshold: float
    comparison: str
    periods: int
    breaches: int
    """So many of the last ``periods`` have to breach the threshold."""

    missing: str

    @classmethod
    def of(cls, name: str, properties: Mapping[str, Any]) -> Self:
        """Raises KeyError or ValueError for a kind of alarm that is not known here."""
        if "Metrics" in properties:
            (expression,) = (
                query["Expression"] for query in properties["Metrics"] if "Expression" in query
            )
            stats = {
                query["Id"]: query["MetricStat"]
                for query in properties["Metrics"]
                if "MetricStat" in query
            }
            statistics = {
                name: Statistic.of(stat["Metric"], stat["Stat"], stat["Period"])
                for name, stat in stats.items()
            }
        else:
            expression = "m"
            statistics = {
                expression: Statistic.of(properties, properties["Statistic"], properties["Period"])
            }
        periods = int(properties["EvaluationPeriods"])
        return cls(
            name,
            statistics,
            expression,
            float(properties["Threshold"]),
            properties["ComparisonOperator"],
            periods,
            int(properties.get("DatapointsToAlarm", periods)),
            properties.get("TreatMissingData", "missing"),
        )

    @property
    def metrics(self) -> set[Metric]:
        return {statistic.metric for statistic in self.statistics.values()}

    def value(self, samples: Samples) -> Value:
        """What is compared with the threshold in one period; None if it has no data point."""
        values = {name: of.value(samples) for name, of in self.statistics.items()}
        return evaluate(self.expression, values)

    def state(self, last: Sequence[Samples]) -> State:
        """Its state after these periods, the newest last, of which there are enough.

        CloudWatch looks at some more when data points are missing, and keeps the state it had then
        if nothing can be told; what is in ALARM here is so there at least for a while:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        """
        looked_at = last[-self.periods :]
        assert len(looked_at) == self.periods, f"{self.name} looks at {self.periods} periods."
        values = [self.value(samples) for samples in looked_at]
        breaching = _COMPARISONS[self.comparison]
        missing = {"breaching": True, "notBreaching": False}.get(self.missing)
        bad = [missing if value is None else breaching(value, self.threshold) for value in values]
        if bad.count(True) >= self.breaches:
            return State.ALARM
        return State.INSUFFICIENT_DATA if set(bad) == {None} else State.OK
