"""A schema may change only so that nobody else has to follow."""

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies import compatibility
from tests.contracts.definitions import DETAIL_TYPES, schema

SAID = "OrderProcessor.OrderRejected"
HEARD = "OrderCreated"
Change = Callable[[dict[str, Any]], None]


def changed(detail_type: str, change: Change) -> list[str]:
    """What is incompatible after a change of an event."""
    old = {name: schema(name) for name in DETAIL_TYPES}
    new = copy.deepcopy(old)
    change(new[detail_type])
    return [name for name, _ in compatibility.incompatible(old, new)]


def required_field(event: dict[str, Any]) -> None:
    event["properties"]["milk"] = {"type": "string"}
    event["required"].append("milk")


def field_that_may_be_missing(event: dict[str, Any]) -> None:
    event["required"].remove("drink")


def narrower(event: dict[str, Any]) -> None:
    event["properties"]["drink"] = {"type": "string", "enum": ["Espresso", "Americano"]}


def new_code(event: dict[str, Any]) -> None:
    event["properties"]["code"]["enum"].append("ERROR-199")


def no_more_fields(event: dict[str, Any]) -> None:
    event["additionalProperties"] = False


@pytest.mark.parametrize("change", [required_field, narrower])
def test_a_sent_event_may_gain_fields(change: Change) -> None:
    assert changed(SAID, change) == []


@pytest.mark.parametrize("change", [field_that_may_be_missing, new_code])
def test_a_sent_event_may_lose_nothing(change: Change) -> None:
    assert changed(SAID, change) == [SAID]


def test_a_received_event_may_require_less() -> None:
    assert changed(HEARD, field_that_may_be_missing) == []


@pytest.mark.parametrize("change", [required_field, narrower, no_more_fields])
def test_a_received_event_may_require_nothing_more(change: Change) -> None:
    assert changed(HEARD, change) == [HEARD]


def test_an_event_may_come_but_not_go() -> None:
    old = {SAID: schema(SAID)}
    new = {HEARD: schema(HEARD)}
    assert [name for name, _ in compatibility.incompatible(old, new)] == [SAID]
    assert not list(compatibility.incompatible({}, new))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one event and no tag."""
    events = tmp_path / "events" / HEARD
    events.mkdir(parents=True)
    (events / "schema.json").write_text(json.dumps(schema(HEARD)))
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Say it")
    monkeypatch.setattr(compatibility, "ROOT", tmp_path)
    return tmp_path


def git(root: Path, *arguments: str) -> None:
    somebody = ["-c", "user.name=Julia", "-c", "user.email=julia@example.com"]
    command = ["git", "-C", str(root), *somebody, *arguments]
    subprocess.run(command, check=True)


def test_without_a_release_it_says_why(
    repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert compatibility.main() == 0
    assert capsys.readouterr().out.endswith("No release has a tag yet.\n")
    git(repository, "tag", "v1")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "Say no more")
    shallow = tmp_path_factory.mktemp("clones") / "shallow"
    git(repository, "clone", "--quiet", "--depth", "1", repository.as_uri(), str(shallow))
    monkeypatch.setattr(compatibility, "ROOT", shallow)
    assert compatibility.main() == 0
    assert capsys.readouterr().out.endswith("This clone is shallow: fetch the tags.\n")


def test_a_schema_is_compared_with_that_of_the_release(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    git(repository, "tag", "v1")
    assert compatibility.main() == 0
    assert capsys.readouterr().out == "The events' schemas are compared with those of v1.\n"

    event = schema(HEARD)
    required_field(event)
    (repository / "events" / HEARD / "schema.json").write_text(json.dumps(event))
    assert compatibility.main() == 1
    assert (
        "events/OrderCreated: It no longer allows what it allowed before" in capsys.readouterr().err
    )

    monkeypatch.setattr(compatibility, "exceptions", lambda _: {HEARD: "The one sender was told."})
    assert compatibility.main() == 0
    git(repository, "commit", "--quiet", "--all", "--message", "Ask for more")
    git(repository, "tag", "v2")
    assert compatibility.main() == 1
    assert "OrderCreated is not needed any more" in capsys.readouterr().err
