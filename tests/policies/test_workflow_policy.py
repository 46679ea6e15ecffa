"""Every Task can fail and wait, and the workflow goes on. asl-validator sees to the transitions."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies import workflow
from tests.contracts.definitions import ROOT

VALIDATOR = ROOT / "policies/node_modules/.bin/asl-validator"


def good() -> dict[str, Any]:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:getItem",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"]}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Over"}],
        "Next": "Wait",
    }
    wait = task | {
        "Resource": "arn:aws:states:::events:putEvents.waitForTaskToken",
        "HeartbeatSeconds": "{% $number('900') %}",
        "TimeoutSeconds": 60,
        "Next": "Both",
    }
    both = {"Type": "Parallel", "Branches": [{"StartAt": "In", "States": {"In": dict(task)}}]}
    each = {"Type": "Map", "ItemProcessor": {"StartAt": "Of", "States": {"Of": dict(task)}}}
    over = {"Type": "Pass", "End": True}
    states = {"Ask": task, "Wait": wait, "Both": both, "Each": each, "Over": over}
    return {"StartAt": "Ask", "States": states}


def without(key: str, *path: str) -> Callable[[dict[str, Any]], None]:
    def change(machine: dict[str, Any]) -> None:
        part = machine["States"]
        for name in path:
            part = part[int(name)] if isinstance(part, list) else part[name]
        del part[key]

    return change


def never_again(machine: dict[str, Any]) -> None:
    machine["States"]["Ask"]["Retry"] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]


def test_a_good_workflow_passes() -> None:
    assert list(workflow.refused(good(), {})) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("Retry", "Ask"), "Ask is not retried when it fails: give it a Retry."),
        (never_again, "Ask is not retried when it fails: give it a Retry."),
        (without("Catch", "Ask"), "Ask breaks the execution when it fails: give it a Catch, "),
        (without("TimeoutSeconds", "Wait"), "Wait may wait for its callback for a year: give it T"),
        (without("HeartbeatSeconds", "Wait"), "Wait may wait for its callback for a year: gi"),
        (without("Retry", "Both", "Branches", "0", "States", "In"), "In is not retried"),
        (without("Catch", "Each", "ItemProcessor", "States", "Of"), "Of breaks the execution"),
    ],
)
def test_a_broken_workflow_is_refused(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    machine = good()
    change(machine)
    (problem,) = workflow.refused(machine, {})
    assert problem.startswith(message)


def test_a_task_may_go_without_a_catch_for_a_reason() -> None:
    machine = good()
    without("Catch", "Ask")(machine)
    assert list(workflow.refused(machine, {"Ask": "It is asked again tomorrow."})) == []


def test_a_task_of_the_projects_own_workflow_without_retry_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert workflow.main() == 0
    machine = json.loads(workflow.DEFINITION.read_text())
    del machine["States"]["Reserve capacity"]["Retry"]
    changed = tmp_path / "workflow.json"
    changed.write_text(json.dumps(machine))
    monkeypatch.setattr(workflow, "DEFINITION", changed)
    assert workflow.main() == 1
    assert "Reserve capacity is not retried" in capsys.readouterr().err


@pytest.mark.skipif(not VALIDATOR.exists(), reason="needs Node.js and what make lint installs")
def test_a_next_that_leads_nowhere_is_refused() -> None:
    text = workflow.DEFINITION.read_text().replace("${Partition}", "aws")
    machine = json.loads(text)
    machine["States"]["Get store info"]["Next"] = "Nowhere"
    command = [shutil.which("node") or "node", str(VALIDATOR.resolve()), "--json-definition"]
    sound = subprocess.run([*command, text], check=False, capture_output=True, text=True)
    broken = subprocess.run(
        [*command, json.dumps(machine)], check=False, capture_output=True, text=True
    )
    assert (sound.returncode, broken.returncode) == (0, 1)
    assert "target: Nowhere" in broken.stdout + broken.stderr
