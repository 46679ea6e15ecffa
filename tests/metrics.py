"""Metrics as CloudWatch knows them, and the two ways in which others write them down."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Metric:
    """What CloudWatch knows a metric by: with other dimensions it is another metric.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Dimension
    """

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    def __str__(self) -> str:
        dimensions = ", ".join(f"{name}={value}" for name, value in sorted(self.dimensions))
        return f"{self.namespace} {self.name} {{{dimensions}}}"

    @classmethod
    def in_row(cls, row: Sequence[Any]) -> Self:
        """The metric in a row of a dashboard's widget.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
        """
        namespace, name, *dimensions = (part for part in row if isinstance(part, str))
        pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
        return cls(namespace, name, frozenset(pairs))


def embedded(line: Mapping[str, Any]) -> Iterator[tuple[Metric, list[float]]]:
    """The metrics in a line of a log in the embedded format, and their values.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = frozenset((name, line[name]) for name in names)
            for defined in directive["Metrics"]:
                values = line[defined["Name"]]
                metric = Metric(directive["Namespace"], defined["Name"], dimensions)
                yield metric, values if isinstance(values, list) else [values]
