"""What the documents name and link to is there, and what has to be in them is."""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from awscli.clidriver import create_clidriver

from demo import MEANING
from orders.events import EventType
from tests.contracts.definitions import EVENTS, ROOT, example, states

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "[el]*/*.md", "tests/**/*.md", ".github/**/*.md")
    for path in ROOT.glob(pattern)
)
LINK = re.compile(r"""\]\(([^)\s]+)\)|(?:href|src|srcset)="([^"]+)\"""")


def without_code(text: str) -> str:
    return re.sub(r"^( *)```.*?^\1```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    found: set[str] = set()
    text = re.sub(r"^( *)```.*?^\1```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        repeats = sum(1 for anchor in found if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", anchor))
        found.add(f"{slug}-{repeats}" if repeats else slug)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_leads_somewhere(page: Path) -> None:
    links = [link or other for link, other in LINK.findall(without_code(page.read_text()))]
    broken = []
    for link in links:
        if "://" in link or link.startswith("mailto:"):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


# --- Commands, and the messages that the README explains ---


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_aws_cli_of_the_project_knows_each_command(page: Path) -> None:
    """Another may be on the reader's machine, but the documents put this one first."""
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(), re.DOTALL)
    commands = set(re.findall(r"\baws ([a-z][\w-]+) ([a-z][\w-]+)", "\n".join(blocks)))
    services = create_clidriver().create_help_command().command_table
    assert [
        f"{service} {operation}"
        for service, operation in commands
        if operation not in services[service].create_help_command().command_table
    ] == []


def test_each_test_that_the_lessons_name_is_there() -> None:
    page = ROOT / "docs/lessons.md"
    lessons = re.split(r"^## ", page.read_text(), flags=re.MULTILINE)[1:]
    named = [re.findall(r"\[`(test_\w+)`\]\(([^)]+)\)", lesson) for lesson in lessons]
    assert [len(tests) for tests in named] == [1] * 10
    for [(name, file)] in named:
        assert f"def {name}(" in (page.parent / file).read_text(), name


MESSAGES = (
    "is taken by",
    "does not answer after",
    "This needs Chromium, which is not installed",
    "make lint needs Node.js",
)


def test_each_command_of_make_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(page.read_text() for page in PAGES)
    named = set(re.findall(r"(?:`|\$ |\$\()make (?:-s )?([a-z-]+)(?=[`\s)])", text))
    assert "demo" in named
    assert named <= targets


def test_the_messages_that_the_readme_explains_are_printed() -> None:
    readme = (ROOT / "README.md").read_text()
    modules = chain.from_iterable(
        (ROOT / folder).glob("*.py") for folder in ("harness", "local/embedded_localstack")
    )
    printed = "".join(path.read_text() for path in (ROOT / "Makefile", *modules))
    for message in MESSAGES:
        assert message in readme
        assert message in printed


def test_the_shell_command_of_the_events_sends_the_example() -> None:
    readme = (EVENTS / "README.md").read_text()
    entries = re.search(r"put-events --entries '(.*?)'\n```", readme, re.DOTALL)
    assert entries
    [entry] = json.loads(entries[1])
    sent = example("OrderCreated")
    assert entry == {
        "EventBusName": "sw-event-bus",
        "Source": sent["source"],
        "DetailType": sent["detail-type"],
        "Detail": entry["Detail"],
    }
    assert json.loads(entry["Detail"]) == sent["detail"]


# --- Names of the architecture's page, and of errors ---

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text()
DIAGRAMS = re.findall(r"```mermaid\n(.*?)```", ARCHITECTURE, re.DOTALL)
FUNCTIONS = {path.parent.name for path in (ROOT / "functions").glob("*/handler.py")}
SHORT_NAMES = {event.rpartition(".")[2] for event in EventType}

ERRORS_SECTION = "## What is known of AWS, and what is only believed"
ERROR = r"[\"'.]([A-Z]\w+(?:Exception|TimedOut|DoesNotExist|Token))\b"
NO_ERRORS = {"ExecutionTimedOut", "OrderTimedOut", "OrdersTimedOut", "TaskToken"}


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
    assert events <= SHORT_NAMES


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
