"""The metrics that the template's alarms and its dashboard look at."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.contracts.definitions import resources

ALARMS = resources("AWS::CloudWatch::Alarm")
OURS = "${AWS::StackName}"
"""The namespace of what the functions count."""


class Metric(NamedTuple):
    """A metric of CloudWatch. Texts of the template are written as !Sub takes them."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


def by_alarms() -> set[Metric]:
    return {metric for alarm in ALARMS.values() for metric in _of(alarm)}


def on_the_dashboard() -> set[Metric]:
    listed = [line for widget in widgets() for line in widget["properties"].get("metrics", [])]
    return {_listed(*(part for part in line if isinstance(part, str))) for line in listed}


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


def _listed(namespace: str, name: str, *dimensions: str) -> Metric:
    pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
    return Metric(namespace, name, frozenset(pairs))
