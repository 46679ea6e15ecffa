"""The metrics that the template's alarms and its dashboard look at.

Texts of the template are written as !Sub takes them.
"""

import json
from collections.abc import Mapping
from typing import Any

from tests.contracts.definitions import resources
from tests.metrics import Metric

ALARMS = resources("AWS::CloudWatch::Alarm")
OURS = "${AWS::StackName}"
"""The namespace of what the functions count."""


def by_alarms() -> set[Metric]:
    return {metric for alarm in ALARMS.values() for metric, _ in statistics(alarm).values()}


def on_the_dashboard() -> set[Metric]:
    rows = [row for widget in widgets() for row in widget["properties"].get("metrics", [])]
    return {Metric.in_row(row) for row in rows}


def widgets() -> list[dict[str, Any]]:
    """The dashboard's widgets; a number that is a parameter is 0."""
    [dashboard] = resources("AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]["Sub"].replace(": ${HeartbeatSeconds}", ": 0")
    loaded: list[dict[str, Any]] = json.loads(body)["widgets"]
    return loaded


def statistics(alarm: Mapping[str, Any]) -> dict[str, tuple[Metric, str]]:
    """The metrics that an alarm looks at, and their statistics, by their ids in its expression."""
    only = {"Id": "only", "MetricStat": {"Metric": alarm, "Stat": alarm.get("Statistic")}}
    found: dict[str, tuple[Metric, str]] = {}
    for query in alarm.get("Metrics", [only]):
        if stat := query.get("MetricStat"):
            metric = stat["Metric"]
            dimensions = {(each["Name"], text(each["Value"])) for each in metric["Dimensions"]}
            named = Metric(text(metric["Namespace"]), metric["MetricName"], frozenset(dimensions))
            found[query["Id"]] = named, stat["Stat"]
    return found


def expression(alarm: Mapping[str, Any]) -> str:
    """What an alarm compares with its threshold: metric math, or the id of its only metric."""
    queries = alarm.get("Metrics", [{"Expression": "only"}])
    (math,) = (text(query["Expression"]) for query in queries if "Expression" in query)
    return math


def text(value: Any) -> str:
    """A value of the template as a text for !Sub."""
    match value:
        case {"Ref": str(name)} | {"GetAtt": str(name)}:
            return f"${{{name}}}"
        case {"Sub": str(written)}:
            return written
    return str(value)
