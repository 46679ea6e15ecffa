"""docs/architecture.md names parts that exist, and leaves out no function and no event."""

import re
from functools import cache

import pytest

from orders.events import EventType
from tests.contracts.definitions import ROOT, states

PAGE = (ROOT / "docs/architecture.md").read_text()
DIAGRAMS = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
NAMED = sorted(set(re.findall(r"`([^`]+)`", PROSE)))
FILES = [name for name in NAMED if "/" in name and " " not in name]
COMMANDS = [name.split()[1] for name in NAMED if name.startswith("make ")]
OTHERS = [
    name for name in NAMED if name not in FILES and not name.startswith(("make ", ".venv/bin"))
]
FUNCTIONS = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
EVENTS = {event.rpartition(".")[2] for event in EventType}


@cache
def source() -> str:
    """All that the names of the page may be found in."""
    paths = [ROOT / "template.yaml", *(ROOT / "statemachine").glob("*.json")]
    paths += [*(ROOT / "functions").rglob("*.py"), *(ROOT / "tests/e2e").glob("*.py")]
    paths += (ROOT / "events").glob("*/*.json")
    names = " ".join(path.name for path in paths)
    return "\n".join([names, *(path.read_text() for path in paths)])


@pytest.mark.parametrize("file", FILES)
def test_each_file_exists(file: str) -> None:
    assert (ROOT / file).exists()


@pytest.mark.parametrize("target", COMMANDS)
def test_each_command_is_a_target_of_make(target: str) -> None:
    assert re.search(rf"^{target}:.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", OTHERS)
def test_each_name_is_one_of_the_code(name: str) -> None:
    word = re.escape(name.partition("(")[0].removeprefix("shop."))
    is_found = re.search(rf"(?<![\w-]){word}(?![\w-])", source()) is not None
    assert is_found


@pytest.mark.parametrize("state", sorted(set(re.findall(r'"([A-Z][^"]+)"', PAGE))))
def test_each_name_in_quotes_is_a_state(state: str) -> None:
    assert state in states()


def test_each_function_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:queue|REST)", PAGE, re.MULTILINE)
    assert set(rows) == FUNCTIONS


@pytest.mark.parametrize("diagram", DIAGRAMS)
def test_a_diagram_shows_functions_and_events_that_exist(diagram: str) -> None:
    participants = re.findall(r"(?: as |\[)(\w+_\w+)\]?$", diagram, re.MULTILINE)
    assert participants
    assert set(participants) <= FUNCTIONS
    events = set(re.findall(r"\b(?:Order(?!Processor)|Waiting)[A-Z]\w+", diagram))
    assert events
    assert events <= EVENTS
