"""Which alarms are raised, from their own numbers and the data points of some periods."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import boto3

from tests.contracts.watched_metrics import ALARMS, on_the_dashboard, text
from tests.metrics import Metric

type Value = float | None
"""A metric's value in one period; None where it has no data point."""

type Samples = Mapping[Metric, Sequence[float]]
"""What was published of each metric in one period."""

_STATISTICS: Final[dict[str, Callable[[Sequence[float]], float]]] = {
    "Sum": sum,
    "Maximum": max,
    "SampleCount": len,
}
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
}
_IF_MISSING: Final = {"breaching": True, "notBreaching": False, "ignore": False}


@dataclass(frozen=True)
class Alarm:
    """An AWS::CloudWatch::Alarm whose properties are texts and numbers.

    Each method raises KeyError or NameError for a kind of alarm that is not known here.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
    """

    name: str
    properties: Mapping[str, Any]

    @property
    def periods(self) -> int:
        return int(self.properties["EvaluationPeriods"])

    @property
    def metrics(self) -> set[Metric]:
        return {metric for metric, _ in self._statistics.values()}

    def value(self, samples: Samples) -> Value:
        """What is compared with the threshold in one period; None if it has no data point."""
        values = {
            name: float(_STATISTICS[statistic](samples[metric])) if samples.get(metric) else None
            for name, (metric, statistic) in self._statistics.items()
        }
        queries = self.properties.get("Metrics", [{"Expression": "m"}])
        (expression,) = (query["Expression"] for query in queries if "Expression" in query)
        return evaluate(expression, values)

    def is_raised(self, last: Sequence[Samples]) -> bool:
        """Whether it is in ALARM after these periods, the newest last, of which there are enough.

        CloudWatch looks at some more when data points are missing, and keeps the state it had then
        if nothing can be told; what is in ALARM here is so there at least for a while:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        """
        assert len(last) >= self.periods, f"{self.name} looks at {self.periods} periods."
        breaches = _COMPARISONS[self.properties["ComparisonOperator"]]
        threshold = float(self.properties["Threshold"])
        if_missing = _IF_MISSING[self.properties["TreatMissingData"]]
        values = [self.value(samples) for samples in last[-self.periods :]]
        bad = [if_missing if value is None else breaches(value, threshold) for value in values]
        return sum(bad) >= int(self.properties.get("DatapointsToAlarm", self.periods))

    @property
    def _statistics(self) -> dict[str, tuple[Metric, str]]:
        """The metrics and their statistics, by their ids in the expression."""
        queries = self.properties.get(
            "Metrics",
            [
                {
                    "Id": "m",
                    "MetricStat": {
                        "Metric": self.properties,
                        "Stat": self.properties.get("Statistic"),
                    },
                }
            ],
        )
        found = {query["Id"]: query["MetricStat"] for query in queries if "MetricStat" in query}
        return {name: (_metric(stat["Metric"]), stat["Stat"]) for name, stat in found.items()}


def _metric(properties: Mapping[str, Any]) -> Metric:
    dimensions = {each["Name"]: each["Value"] for each in properties["Dimensions"]}
    return Metric(properties["Namespace"], properties["MetricName"], frozenset(dimensions.items()))


def evaluate(expression: str, values: Mapping[str, Value]) -> Value:
    """The value of metric math in one period, given those of the metrics by their ids.

    A value that is missing makes all missing that is computed from it, but for FILL. Raises
    NameError for what is not known here, so that no alarm is evaluated otherwise than on AWS.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    known = {
        "METRICS": lambda: list(values.values()),
        "FILL": _fill,
        "SUM": lambda array: _over(sum, array),
        "MAX": lambda array: _over(max, array),
        "IF": lambda condition, then, otherwise: then if condition else otherwise,
    }
    try:
        result = eval(expression, {"__builtins__": {}, **known}, dict(values))  # noqa: S307 (our own)
    except ZeroDivisionError:
        return None  # No number, so no data point.
    except TypeError:
        if None in values.values():
            return None
        raise
    return None if result is None else float(result)


def _fill(value: Any, filler: float) -> Any:
    if isinstance(value, list):
        return [_fill(each, filler) for each in value]
    return filler if value is None else value


def _over(function: Callable[[list[float]], float], array: list[Value]) -> Value:
    present = [value for value in array if value is not None]
    return function(present) if present else None


class Watched:
    """What the alarms and the dashboard of a deployed stack look at, with its own names put in.

    From the template: not every emulator makes every resource of it.
    """

    def __init__(self, stack_name: str) -> None:
        cloudformation = boto3.client("cloudformation")
        (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
        pages = cloudformation.get_paginator("list_stack_resources")
        _, partition, _, region, account, _ = stack["StackId"].split(":", 5)
        self._names = {
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::AccountId": account,
            "AWS::StackName": stack_name,
        }
        for page in pages.paginate(StackName=stack_name):
            for resource in page["StackResourceSummaries"]:
                name, given = resource["LogicalResourceId"], resource["PhysicalResourceId"]
                self._names |= {name: given, f"{name}.QueueName": given.rpartition("/")[2]}
        for parameter in stack["Parameters"]:
            self._names[parameter["ParameterKey"]] = parameter["ParameterValue"]

    def alarms(self) -> list[Alarm]:
        return [Alarm(name, self._resolve(found)) for name, found in ALARMS.items()]

    def dashboard_metrics(self) -> set[Metric]:
        """What the dashboard shows."""
        return {
            Metric(
                self._resolve({"Sub": metric.namespace}),
                metric.name,
                frozenset(
                    (name, self._resolve({"Sub": value})) for name, value in metric.dimensions
                ),
            )
            for metric in on_the_dashboard()
        }

    def _resolve(self, value: Any) -> Any:
        match value:
            case {"Ref": _} | {"GetAtt": _} | {"Sub": _}:
                # Of what is no metric's, such as a topic, the name in the template is enough.
                return re.sub(
                    r"\$\{([^}]+)\}",
                    lambda found: self._names.get(found[1], f"<{found[1]}>"),
                    text(value),
                )
            case dict():
                return {key: self._resolve(inner) for key, inner in value.items()}
            case list():
                return [self._resolve(inner) for inner in value]
        return value
