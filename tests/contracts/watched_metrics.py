"""The metrics that the template's alarms and its dashboard look at.

Texts of the template are written as !Sub takes them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.contracts.definitions import resources
from tests.metrics import Metric

ALARMS = resources("AWS::CloudWatch::Alarm")
OURS = "${AWS::StackName}"
"""The namespace of what the functions count."""


def by_alarms() -> set[Metric]:
    return {metric for alarm in ALARMS.values() for metric in _of(alarm)}


def on_the_dashboard() -> set[Metric]:
    rows = [row for widget in widgets() for row in widget["properties"].get("metrics", [])]
    return {Metric.in_row(row) for row in rows}


def widgets() -> list[dict[str, Any]]:
    """The dashboard's widgets; a number that is a parameter is 0."""
    [dashboard] = resources("AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]["Sub"].replace(": ${HeartbeatSeconds}", ": 0")
    loaded: list[dict[str, Any]] = json.loads(body)["widgets"]
    return loaded


def expressions(alarm: Mapping[str, Any]) -> list[str]:
    return [
        text(query["Expression"]) for query in alarm.get("Metrics", []) if "Expression" in query
    ]


def text(value: Any) -> str:
    """A value of the template as a text for !Sub."""
    match value:
        case {"Ref": str(name)} | {"GetAtt": str(name)}:
            return f"${{{name}}}"
        case {"Sub": str(written)}:
            return written
    return str(value)


def _of(alarm: Mapping[str, Any]) -> Iterator[Metric]:
    queries = [
        query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query
    ]
    for query in queries or [alarm]:
        dimensions = {each["Name"]: text(each["Value"]) for each in query["Dimensions"]}
        yield Metric(text(query["Namespace"]), query["MetricName"], frozenset(dimensions.items()))
