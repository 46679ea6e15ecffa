"""Each error that the workflow or a function knows by its name is in docs/compatibility.md."""

import re
from collections.abc import Iterator

from tests.contracts.definitions import ROOT, states

SECTION = "## What is known of AWS, and what is only believed"
CODE = r"[\"'.]([A-Z]\w+(?:Exception|TimedOut|DoesNotExist|Token))\b"
OUR_OWN = {"OrderTimedOut", "OrdersTimedOut", "TaskToken"}


def named_by_the_workflow() -> Iterator[str]:
    for state in states().values():
        for entry in state.get("Retry", []) + state.get("Catch", []):
            yield from entry["ErrorEquals"]


def named_by_functions() -> Iterator[str]:
    for path in sorted((ROOT / "functions").rglob("*.py")):
        yield from re.findall(CODE, path.read_text())


def test_each_name_says_how_it_is_known() -> None:
    section = (ROOT / "docs" / "compatibility.md").read_text().partition(SECTION)[2]
    known = set(re.findall(r"`([\w.]+)`", section.partition("These are beliefs.")[0]))
    names = {*named_by_the_workflow(), *named_by_functions()} - OUR_OWN
    assert {"TaskTimedOut", "States.QueryEvaluationError"} <= names
    assert names - known == set()
