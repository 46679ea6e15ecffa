"""Which alarms are raised, from their own numbers and the data points of some periods."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import boto3

from tests.contracts.watched_metrics import ALARMS, expression, on_the_dashboard, statistics
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
    """An alarm of the template, with the metrics of a deployed stack by their ids.

    Each method raises KeyError or NameError for a kind of alarm that is not known here.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
    """

    properties: Mapping[str, Any]
    statistics: Mapping[str, tuple[Metric, str]]
    expression: str

    @property
    def metrics(self) -> set[Metric]:
        return {metric for metric, _ in self.statistics.values()}

    def value(self, samples: Samples) -> Value:
        """What is compared with the threshold in one period; None if it has no data point."""
        values = {
            name: _STATISTICS[statistic](samples[metric]) if metric in samples else None
            for name, (metric, statistic) in self.statistics.items()
        }
        return evaluate(self.expression, values)

    def is_raised(self, before: Samples, now: Samples) -> bool:
        """Whether it is in ALARM after this period, before which all periods were alike.

        CloudWatch looks at some more when data points are missing, and keeps the state it had then
        if nothing can be told; what is in ALARM here is so there at least for a while:
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        """
        periods = int(self.properties["EvaluationPeriods"])
        bad = self._breaches(before) * (periods - 1) + self._breaches(now)
        return bad >= int(self.properties.get("DatapointsToAlarm", periods))

    def _breaches(self, samples: Samples) -> bool:
        value = self.value(samples)
        if value is None:
            return _IF_MISSING[self.properties["TreatMissingData"]]
        compare = _COMPARISONS[self.properties["ComparisonOperator"]]
        return compare(value, float(self.properties["Threshold"]))


def evaluate(expression: str, values: Mapping[str, Value]) -> Value:
    """The value of metric math in one period, given those of the metrics by their ids.

    A value that is missing makes all missing that is computed from it, but for FILL. Raises
    NameError for what is not known here, so that no alarm is evaluated otherwise than on AWS.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    known = {
        "METRICS": lambda: list(values.values()),
        "FILL": _fill,
        "SUM": sum,
        "MAX": max,
        "IF": lambda condition, then, otherwise: then if condition else otherwise,
    }
    try:
        return float(eval(expression, {"__builtins__": {}, **known}, dict(values)))  # noqa: S307 (our own)
    except TypeError:
        if None in values.values():
            return None
        raise


def _fill(value: Any, filler: float) -> Any:
    if isinstance(value, list):
        return [_fill(each, filler) for each in value]
    return filler if value is None else value


def watched(stack_name: str) -> tuple[dict[str, Alarm], set[Metric]]:
    """The alarms by their names, and what the dashboard shows, of a deployed stack.

    From the template: not every emulator makes every resource of it.
    """
    names = _names(stack_name)

    def put_in(text: str) -> str:
        return re.sub(r"\$\{([^}]+)\}", lambda found: names[found[1]], text)

    def of_stack(metric: Metric) -> Metric:
        dimensions = {(name, put_in(value)) for name, value in metric.dimensions}
        return Metric(put_in(metric.namespace), metric.name, frozenset(dimensions))

    alarms = {
        name: Alarm(
            alarm,
            {key: (of_stack(metric), stat) for key, (metric, stat) in statistics(alarm).items()},
            put_in(expression(alarm)),
        )
        for name, alarm in ALARMS.items()
    }
    return alarms, {of_stack(metric) for metric in on_the_dashboard()}


def _names(stack_name: str) -> dict[str, str]:
    """What the template's names stand for in a deployed stack."""
    cloudformation = boto3.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    _, partition, _, region, account, _ = stack["StackId"].split(":", 5)
    names = {
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::AccountId": account,
        "AWS::StackName": stack_name,
    }
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name):
        for resource in page["StackResourceSummaries"]:
            name, given = resource["LogicalResourceId"], resource["PhysicalResourceId"]
            names |= {name: given, f"{name}.QueueName": given.rpartition("/")[2]}
    for parameter in stack["Parameters"]:
        names[parameter["ParameterKey"]] = parameter["ParameterValue"]
    return names
