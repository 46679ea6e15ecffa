"""What `up` does where a stack is deployed already: what is there stays, and what changed comes."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import alive, aws
from polling import eventually
from project import WORKFLOW, Project

from embedded_localstack import server, stack, updates
from embedded_localstack.processes import sam_processes

pytestmark = pytest.mark.xdist_group("updates")  # They share a stack.

ORDER = {"PK": {"S": "an order"}}


class Stack:
    """The stack of a project that is up, with an order in preparation."""

    def __init__(self, project: Project) -> None:
        self._client = aws(project.checkout)
        self._endpoint = project.checkout.endpoint
        self._outputs = self.outputs()
        self._client("dynamodb").put_item(TableName=self._outputs["ConfigTableName"], Item=ORDER)
        started = self._client("stepfunctions").start_execution(
            stateMachineArn=self._outputs["Machine"]
        )
        self._execution = started["executionArn"]

    def outputs(self) -> dict[str, str]:
        cloudformation = self._client("cloudformation")
        (found,) = cloudformation.describe_stacks(StackName=stack.STACK)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}

    @property
    def keeps_order(self) -> bool:
        """Whether everything is there still, under the same names."""
        if self.outputs() != self._outputs:
            return False
        key = {"TableName": self._outputs["ConfigTableName"], "Key": ORDER}
        stepfunctions = self._client("stepfunctions")
        status = stepfunctions.describe_execution(executionArn=self._execution)["status"]
        return "Item" in self._client("dynamodb").get_item(**key) and status == "RUNNING"

    @property
    def menu(self) -> str:
        """What the API answers, at the link it was given at first."""
        path = f"/_aws/execute-api/{self._outputs['ApiUrl']}/v1/menu"
        return requests.get(self._endpoint + path, timeout=10).text

    @property
    def workflow(self) -> Any:
        machine = self._outputs["Machine"]
        found = self._client("stepfunctions").describe_state_machine(stateMachineArn=machine)
        return json.loads(found["definition"])

    @property
    def template(self) -> str:
        found = self._client("cloudformation").get_template(StackName=stack.STACK)
        return str(found["TemplateBody"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("project"))
    yield project
    server.stop(project.checkout)


@pytest.fixture
def up(project: Project) -> Stack:
    """The stack as it is at first, whatever an earlier test made of it."""
    project.change_template("", "")
    project.write_workflow(json.dumps(WORKFLOW))
    status, _, errors = project("up")
    assert status == 0, errors
    return Stack(project)


def test_what_can_be_updated_is_and_everything_else_stays(project: Project, up: Stack) -> None:
    assert up.menu == "a Flat white"

    # Longer than a template in a request may be.
    project.change_template(
        "Default: Flat white}", "Default: Espresso} # and so on" + " and on" * 9_000
    )
    status, _, errors = project("up")

    assert status == 0, errors
    assert "updating Function, Machine\n" in errors
    assert up.menu == "a Espresso"
    assert up.workflow["States"]["Wait"]["Comment"] == "a Espresso"
    assert up.keeps_order

    project.write_workflow(json.dumps(WORKFLOW | {"Comment": "new"}))
    status, _, errors = project("up")

    assert "updating Machine\n" in errors
    assert project.sam_commands == ["build", "package"]
    assert up.workflow["Comment"] == "new"
    assert up.menu == "a Espresso", "the API lives on after each update"
    assert up.keeps_order

    for old, new in (
        ("MemorySize: 128", "MemorySize: 256"),
        ("{ZipFile: FUNCTION_CODE}", '{ZipFile: \'def handler(*_): return {"body": "tea"}\'}'),
    ):
        project.change_template(old, new)
        assert "updating Function" in project("up")[2]
    assert up.menu == "tea"
    assert up.keeps_order


def test_what_cannot_be_updated_is_built_anew_and_that_is_said(project: Project, up: Stack) -> None:
    # A property that is gone would stay as it was; rules know no update.
    for old, new, what in (
        ("MemorySize: 128", "", "Function"),
        ("source: [shop]", "source: [other]", "Rule"),
    ):
        project.change_template(old, new)
        status, _, errors = project("run", "--deploy", "--", "true")
        assert status == 1
        assert f"can't update {what} in place. Run `make up` first" in errors
        assert up.keeps_order, "only up may lose it"

    slow = project.checkout.root / "slow-deploy"
    slow.touch()
    killed = project.begin("up")
    (sam,) = eventually(lambda: _sam(project, "deploy"), until=bool, seconds=30)
    os.kill(sam, signal.SIGSTOP)  # So that it does not end by itself.
    killed.kill()
    _, errors = killed.communicate(timeout=10)
    assert "can't update Rule in place. Restarting LocalStack: orders" in errors

    slow.unlink()
    status, _, errors = project("up")
    assert status == 0, errors
    assert "nothing has changed" not in errors, "what was killed is not taken for done"
    assert not alive(sam), "what the killed one ran is gone"
    assert not up.keeps_order
    (rule,) = aws(project.checkout)("events").list_rules(EventBusName="bus")["Rules"]
    assert json.loads(rule["EventPattern"]) == {"source": ["other"]}


def test_what_is_refused_leaves_the_stack_as_it_was(project: Project, up: Stack) -> None:
    project.write_workflow('{"StartAt": "Nowhere", "States": {}}')
    status, _, errors = project("up")
    assert status == 1
    assert "The definition of Machine is invalid." in errors
    project.write_workflow(json.dumps(WORKFLOW))

    for old, new in (("!Ref Drink", "!Ref Nothing"),):
        project.change_template(old, new)
        status, _, errors = project("up")
        assert status == 1
        assert "The template is invalid: " in errors
        assert up.keeps_order

    project.change_template("", "")
    assert project("up")[0] == 0
    assert up.menu == "a Flat white"
    assert up.keeps_order


@pytest.mark.usefixtures("up")
def test_an_update_that_failed_is_not_taken_for_done(project: Project) -> None:
    project.change_template("MemorySize: 128", "MemorySize: much")
    status, _, errors = project("up")
    assert status == 1
    assert "Updating the stack failed." in errors
    assert "Function: " in errors

    project.change_template("", "")
    status, _, errors = project("up")

    assert status == 0, errors
    assert "The last deployment did not succeed. Restarting LocalStack" in errors
    assert Stack(project).menu == "a Flat white"


def test_a_stack_that_others_changed_is_not_taken_for_what_up_deployed(
    project: Project, up: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in project.checkout.client_variables().items():
        monkeypatch.setenv(name, value)
    updates.update(stack.STACK, up.template, {"Drink": "Tea"}, print)
    assert up.menu == "a Tea"

    assert "updating Function, Machine\n" in project("up")[2]
    assert up.menu == "a Flat white"

    aws(project.checkout)("cloudformation").delete_stack(StackName=stack.STACK)
    eventually(lambda: updates.deployment(stack.STACK), until=lambda found: not found)

    assert project("up")[0] == 0
    assert Stack(project).menu == "a Flat white"


@pytest.mark.usefixtures("up")
def test_two_at_once_wait_for_each_other(project: Project) -> None:
    project.change_template("MemorySize: 128", "MemorySize: 256")
    slow = project.checkout.root / "slow-build"
    slow.touch()
    first = project.begin("up")
    eventually(lambda: _sam(project, "build"), until=bool, seconds=30)
    second = project.begin("run", "--deploy", "--", "true")
    assert second.stderr
    assert "waiting for another command" in second.stderr.readline()

    slow.unlink()

    assert first.wait(timeout=60) == 0
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 0
    assert "nothing has changed" in errors
    assert project.processes, "up leaves it running, whoever else used it"


@pytest.mark.usefixtures("up")
def test_a_killed_command_keeps_nobody_waiting(project: Project) -> None:
    project.change_template("MemorySize: 128", "MemorySize: 256")
    (project.checkout.root / "slow-build").touch()
    first = project.begin("up")
    eventually(lambda: _sam(project, "build"), until=bool, seconds=30)
    (project.checkout.root / "slow-build").unlink()
    os.kill(first.pid, signal.SIGSTOP)  # It holds what it holds, and goes no further.
    second = project.begin("up")
    assert second.stderr
    assert "waiting for another command" in second.stderr.readline()

    first.kill()

    second.communicate(timeout=60)
    first.communicate(timeout=10)
    assert second.returncode == 0


def test_who_ends_first_leaves_localstack_to_the_others(project: Project, tmp_path: Path) -> None:
    project("down")
    go_on = {name: tmp_path / name for name in ("first", "second")}
    commands = {
        name: project.begin(
            "run", "--", "sh", "-c", f"touch {file}; while [ -e {file} ]; do sleep 0.05; done"
        )
        for name, file in go_on.items()
    }
    for file in go_on.values():
        eventually(file.exists, until=bool, seconds=30)

    for name, left in (("first", True), ("second", False)):
        go_on[name].unlink()
        assert commands[name].wait(timeout=20) == 0
        assert bool(project.processes) == left
        commands[name].communicate()


def test_the_fingerprint_is_of_all_that_is_deployed_and_nothing_else(tmp_path: Path) -> None:
    project = Project(tmp_path)
    root = project.checkout.root
    seen = [stack.fingerprint(project.checkout)]
    for name in (
        "template.yaml",
        "samconfig.toml",
        "uv.lock",
        "functions/requirements.txt",
        "functions/orders/model.py",
        "statemachine/workflow.json",
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("changed")
        seen.append(stack.fingerprint(project.checkout))
    assert len({*seen}) == len(seen)

    for name in ("functions/orders/__pycache__/model.pyc", "statemachine/node_modules/x/y.json"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("changed")
    assert stack.fingerprint(project.checkout) == seen[-1]


def _sam(project: Project, command: str) -> list[int]:
    return [
        process.pid
        for process in sam_processes(project.checkout.sam_files)
        if command in process.cmdline()
    ]
