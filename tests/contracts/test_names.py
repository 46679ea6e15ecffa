"""What the documents name is there, and what has to be in them is: parts, states, errors."""

import re
from collections.abc import Iterator

import pytest

from demo import MEANING
from orders.events import EventType
from tests.contracts.definitions import ROOT, states

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
DIAGRAMS = re.findall(r"```mermaid\n(.*?)```", ARCHITECTURE, re.DOTALL)
FUNCTIONS = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
EVENTS = {event.rpartition(".")[2] for event in EventType}

ERRORS_SECTION = "## What is known of AWS, and what is only believed"
ERROR = r"[\"'.]([A-Z]\w+(?:Exception|TimedOut|DoesNotExist|Token))\b"
NO_ERRORS = {"OrderTimedOut", "OrdersTimedOut", "TaskToken"}


def source() -> str:
    """All that the names of the architecture's page may be found in."""
    paths = [ROOT / "template.yaml", *(ROOT / "statemachine").glob("*.json")]
    paths += [*(ROOT / "functions").rglob("*.py"), *(ROOT / "tests/e2e").glob("*.py")]
    paths += (ROOT / "events").glob("*/*.json")
    names = " ".join(path.name for path in paths)
    return "\n".join([names, *(path.read_text() for path in paths)])


def test_the_architecture_names_what_is_there() -> None:
    prose = re.sub(r"```.*?```", "", ARCHITECTURE, flags=re.DOTALL)
    named = set(re.findall(r"`([^`]+)`", prose))
    files = {name for name in named if "/" in name and " " not in name}
    others = {name for name in named - files if not name.startswith(("make ", ".venv/bin"))}
    words = {name: name.partition("(")[0].removeprefix("shop.") for name in others}
    text = source()
    assert [file for file in files if not (ROOT / file).exists()] == []
    assert [
        name
        for name, word in words.items()
        if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)
    ] == []
    assert set(re.findall(r'"([A-Z][^"]+)"', ARCHITECTURE)) <= set(states())


def test_the_architecture_leaves_out_no_function() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:queue|REST)", ARCHITECTURE, re.MULTILINE)
    assert set(rows) == FUNCTIONS


@pytest.mark.parametrize("diagram", DIAGRAMS)
def test_a_diagram_shows_functions_and_events_that_exist(diagram: str) -> None:
    participants = re.findall(r"(?: as |\[)(\w+_\w+)\]?$", diagram, re.MULTILINE)
    assert participants
    assert set(participants) <= FUNCTIONS
    events = set(re.findall(r"\b(?:Order(?!Processor)|Waiting)[A-Z]\w+", diagram))
    assert events
    assert events <= EVENTS


def test_the_demo_explains_states_that_the_workflow_has() -> None:
    assert set(MEANING) <= set(states())


def test_each_error_that_is_known_by_its_name_says_how_it_is_known() -> None:
    page = (ROOT / "docs" / "compatibility.md").read_text()
    section = page.partition(ERRORS_SECTION)[2].partition("These are beliefs.")[0]
    names = {*named_by_the_workflow(), *named_by_functions()} - NO_ERRORS
    assert {"TaskTimedOut", "States.QueryEvaluationError"} <= names
    assert names - set(re.findall(r"`([\w.]+)`", section)) == set()


def named_by_the_workflow() -> Iterator[str]:
    for state in states().values():
        for entry in state.get("Retry", []) + state.get("Catch", []):
            yield from entry["ErrorEquals"]


def named_by_functions() -> Iterator[str]:
    for path in sorted((ROOT / "functions").rglob("*.py")):
        yield from re.findall(ERROR, path.read_text())
