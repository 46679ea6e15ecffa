"""What `up` does where a stack is deployed already: what is there stays, and what changed comes."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Function, alive, aws
from polling import eventually
from project import WORKFLOW, Project

from coffee_shop import STACK
from embedded_localstack import server, stack

pytestmark = pytest.mark.xdist_group("up")  # They share a stack.


class Stack:
    """The stack of a project that is up, with an order in preparation."""

    def __init__(self, project: Project) -> None:
        self._client = aws(project.checkout)
        self._outputs = self.outputs()
        started = self._client("stepfunctions").start_execution(
            stateMachineArn=self._outputs["Machine"]
        )
        self._execution = started["executionArn"]

    def outputs(self) -> dict[str, str]:
        cloudformation = self._client("cloudformation")
        (found,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}

    @property
    def keeps_order(self) -> bool:
        """Whether everything is there still, under the names that LocalStack made up for it."""
        if self.outputs() != self._outputs:
            return False
        stepfunctions = self._client("stepfunctions")
        found = stepfunctions.describe_execution(executionArn=self._execution)
        return bool(found["status"] == "RUNNING")

    def drinks(self) -> list[str]:
        """What the function answers, without and with its alias."""
        name = self._outputs["Function"]
        return [Function(each, self._client)().payload for each in (name, f"{name}:live")]

    @property
    def workflow(self) -> Any:
        machine = self._outputs["Machine"]
        found = self._client("stepfunctions").describe_state_machine(stateMachineArn=machine)
        return json.loads(found["definition"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("project"))
    yield project
    server.stop(project.checkout)


@pytest.fixture
def up(project: Project) -> Stack:
    """The stack as it is at first, whatever an earlier test made of it."""
    project.restore()
    status, _, errors = project("up")
    assert status == 0, errors
    return Stack(project)


def test_the_workflow_and_the_functions_are_updated_and_everything_else_stays(
    project: Project, up: Stack
) -> None:
    assert up.drinks() == ["a Flat white", "a Flat white"]

    project.write_workflow(json.dumps(WORKFLOW | {"Comment": "new"}))
    project.change("functions/index.py", "Flat white", "Espresso")
    status, _, errors = project("run", "--", "true")

    assert status == 0, errors
    assert "updating functions, statemachine\n" in errors
    assert project.sam_commands == ["build"]
    assert up.drinks() == ["a Espresso", "a Espresso"]
    assert up.workflow["Comment"] == "new"
    assert up.workflow["States"]["Wait"]["Comment"] == up.outputs()["ConfigTableName"]
    assert up.keeps_order

    assert "nothing has changed" in project("up")[2]


def test_anything_else_is_built_anew_by_up_alone_and_that_is_said(
    project: Project, up: Stack
) -> None:
    project.change("template.yaml", "PK", "SK")
    status, _, errors = project("run", "--", "true")
    assert status == 1
    assert "What has changed (template.yaml) can't be put into" in errors
    assert "Run `make up` first" in errors
    assert up.keeps_order, "only up may lose it"

    project.restore()
    project.change("template.yaml", "MemorySize: 128", "MemorySize: 256")
    slow = project.path("slow-deploy")
    slow.touch()
    killed = project.begin("up")
    (sam,) = eventually(lambda: project.sam("deploy"), until=bool, seconds=30)
    os.kill(sam, signal.SIGSTOP)  # So that it does not end by itself.
    killed.kill()
    _, errors = killed.communicate(timeout=10)
    assert "Restarting LocalStack: all data is deleted." in errors

    slow.unlink()
    status, _, errors = project("up")
    assert status == 0, errors
    assert project.sam_commands == ["deploy"], "what is built already is not built again"
    assert not alive(sam), "what the killed one ran is gone"
    assert not up.keeps_order
    function = aws(project.checkout)("lambda").get_function(FunctionName=up.outputs()["Function"])
    assert function["Configuration"]["MemorySize"] == 256


def test_a_workflow_that_is_refused_leaves_the_stack_as_it_was(project: Project, up: Stack) -> None:
    project.write_workflow('{"StartAt": "Nowhere", "States": {}}')

    for _ in range(2):
        status, _, errors = project("up")
        assert status == 1
        assert "The workflow's definition is invalid. " in errors
        assert up.keeps_order

    project.restore()
    assert project("up")[0] == 0
    assert up.keeps_order


def test_a_build_that_fails_tells_why_and_leaves_the_stack_as_it_was(
    project: Project, up: Stack
) -> None:
    project.change("functions/index.py", "Flat white", "Tea")
    broken = project.path("broken")
    broken.touch()

    status, _, errors = project("up")

    broken.unlink()
    assert status == 1
    assert errors.endswith(f"There is no template.\nThe whole log: {project.checkout.sam_log}\n")
    assert up.keeps_order
    assert project("up")[0] == 0, "what is half built is built again"
    assert up.drinks() == ["a Tea", "a Tea"]


@pytest.mark.usefixtures("up")
def test_a_stack_of_others_is_not_taken_for_what_up_deployed(project: Project) -> None:
    cloudformation, name = aws(project.checkout)("cloudformation"), {"StackName": STACK}
    gone = cloudformation.get_waiter("stack_delete_complete")
    cloudformation.delete_stack(**name)
    gone.wait(**name, WaiterConfig={"Delay": 1})
    assert project("up")[0] == 0
    assert Stack(project).keeps_order

    cloudformation.delete_stack(**name)
    gone.wait(**name, WaiterConfig={"Delay": 1})
    others = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    cloudformation.create_stack(**name, TemplateBody=others)
    status, _, errors = project("run", "--", "true")
    assert status == 1
    assert "What has changed (the deployed stack) can't be put into" in errors


@pytest.mark.usefixtures("up")
@pytest.mark.parametrize("killed", [False, True])
def test_two_at_once_wait_for_each_other_but_not_for_a_killed_one(
    project: Project, killed: bool
) -> None:
    project.change("functions/index.py", "Flat white", "Tea")
    slow = project.path("slow-build")
    slow.touch()
    first = project.begin("up")
    eventually(lambda: project.sam("build"), until=bool, seconds=30)
    if killed:
        slow.unlink()
        os.kill(first.pid, signal.SIGSTOP)  # It holds what it holds, and goes no further.
    second = project.begin("run", "--", "true")
    assert second.stderr
    assert "waiting for another command" in second.stderr.readline()

    if killed:
        first.kill()
    else:
        slow.unlink()

    _, errors = second.communicate(timeout=60)
    first.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (-signal.SIGKILL if killed else 0, 0)
    assert ("nothing has changed" in errors) != killed
    assert project.processes, "up leaves it running, whoever else used it"


def test_a_change_of_anything_that_is_deployed_is_seen_and_of_nothing_else(tmp_path: Path) -> None:
    project = Project(tmp_path)
    seen = [stack.sources(project.checkout)]
    for name in (
        "template.yaml",
        "template-alarms.yaml",
        "samconfig.toml",
        "uv.lock",
        "functions/requirements.txt",
        "functions/orders/model.py",
        "statemachine/workflow.asl.json",
    ):
        project.path(name).parent.mkdir(exist_ok=True)
        project.path(name).write_text("changed")
        seen.append(stack.sources(project.checkout))
        assert seen[-1] not in seen[:-1], name

    for name in ("functions/orders/__pycache__/model.pyc", "statemachine/node_modules/x/y.json"):
        project.path(name).parent.mkdir(parents=True)
        project.path(name).write_text("changed")
    assert stack.sources(project.checkout) == seen[-1]


def test_the_values_in_a_definition_are_found_and_those_of_another_one_are_not() -> None:
    source = '{"a": "${One}", "b": "${Two} and ${One}", "c": "${AWS::Region} [1].*"}'
    deployed = source.replace("${One}", "x").replace("${Two}", "y and x")

    assert stack.substitutions(source, deployed) == {"One": "x", "Two": "y and x"}
    for other in (deployed + " ", deployed.replace(' and x"', ' and z"')):
        with pytest.raises(ValueError, match="not made from"):
            stack.substitutions(source, other)
