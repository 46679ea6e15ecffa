"""What the functions print, for a test to read."""

import json
import sys
from typing import Any

import pytest

from tests.unit.tables import STACK


class CurrentStdout:
    """pytest captures the phases of a test with a stream each; a logger keeps its first."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


class Printed:
    """What the functions wrote: log lines, and metrics in CloudWatch's embedded format."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""

    @property
    def text(self) -> str:
        captured = self._capsys.readouterr()
        self._text += captured.out + captured.err
        return self._text

    @property
    def logs(self) -> list[dict[str, Any]]:
        return [line for line in self._lines() if "_aws" not in line]

    @property
    def emf(self) -> list[dict[str, Any]]:
        """The lines that CloudWatch takes metrics from.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
        """
        return [line for line in self._lines() if "_aws" in line]

    @property
    def metrics(self) -> dict[str, float]:
        """The sum of each metric by its name; of rejections by name and code."""
        sums: dict[str, float] = {}
        for line in self.emf:
            for block in line["_aws"]["CloudWatchMetrics"]:
                assert block["Namespace"] == STACK
                for name in (metric["Name"] for metric in block["Metrics"]):
                    key = f"{name} {line['code']}" if "code" in line else name
                    sums[key] = sums.get(key, 0) + sum(line[name])
        return sums

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]
