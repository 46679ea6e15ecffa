"""Every Task can fail and wait, and the workflow goes on. asl-validator sees to the transitions."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from policies import workflow
from policies.exceptions import exceptions
from tests.contracts.definitions import ROOT

VALIDATOR = ROOT / "policies/node_modules/.bin/asl-validator"
ACCEPTED = exceptions(workflow.EXCEPTED)


@pytest.fixture
def machine() -> dict[str, Any]:
    """The project's own workflow, for a test to break."""
    machine: dict[str, Any] = json.loads(workflow.DEFINITION.read_text())
    return machine


@pytest.mark.parametrize(
    ("state", "without", "message"),
    [
        ("Reserve capacity", "Retry", "is not retried when it fails: give it a Retry."),
        ("Reserve capacity", "Catch", "breaks the execution when it fails: give it a Catch, "),
        ("Awaiting order completion", "TimeoutSeconds", "may wait for its callback for a year: "),
        ("Awaiting order completion", "HeartbeatSeconds", "may wait for its callback for a year"),
    ],
)
@pytest.mark.parametrize("inside", [None, "Parallel", "Map"])
def test_a_broken_task_is_refused(
    machine: dict[str, Any], state: str, without: str, message: str, inside: str | None
) -> None:
    del machine["States"][state][without]
    if inside:
        inner = {"StartAt": state, "States": {state: machine["States"].pop(state)}}
        outer: dict[str, Any] = {"Parallel": {"Branches": [inner]}, "Map": {"ItemProcessor": inner}}
        machine["States"]["Outer"] = {"Type": inside, **outer[inside]}
    (problem,) = workflow.refused(machine, ACCEPTED)
    assert problem.startswith(f"{state} {message}")


def test_a_retry_that_never_tries_again_is_none(machine: dict[str, Any]) -> None:
    never = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]
    machine["States"]["Reserve capacity"]["Retry"] = never
    (problem,) = workflow.refused(machine, ACCEPTED)
    assert problem.startswith("Reserve capacity is not retried")


def test_a_broken_workflow_fails_and_an_exception_must_be_needed(
    machine: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert workflow.main() == 0
    del machine["States"]["Reserve capacity"]["Retry"]
    machine["States"]["Announce outcome"]["Catch"] = [{"ErrorEquals": ["States.ALL"]}]
    changed = tmp_path / "workflow.json"
    changed.write_text(json.dumps(machine))
    monkeypatch.setattr(workflow, "DEFINITION", changed)
    assert workflow.main() == 1
    said = capsys.readouterr().err
    assert "Reserve capacity is not retried" in said
    assert "Announce outcome is not needed any more" in said


@pytest.mark.skipif(not VALIDATOR.exists(), reason="needs Node.js and what make lint installs")
def test_a_next_that_leads_nowhere_is_refused(machine: dict[str, Any]) -> None:
    text = json.dumps(machine).replace("${Partition}", "aws")
    command = [shutil.which("node") or "node", str(VALIDATOR.resolve()), "--json-definition"]
    for definition, status in ((text, 0), (text.replace('"Next": "Is store', '"Next": "No'), 1)):
        done = subprocess.run([*command, definition], check=False, capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
