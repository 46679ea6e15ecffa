"""What an emulator can't do, found out by trying: never by its name.

Each probe is tried at most once a run, and only when a test asks for it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, wraps
from typing import NoReturn
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from harness.aws import ON_AWS
from harness.inbox import Inbox
from harness.polling import NeverHappened, until
from harness.workflow import Workflow

from .call_recorder import recorded_calls

SECONDS = 5
"""How long what should happen at once, or after a second, may take on a busy machine."""


def need(works: Callable[[], bool]) -> None:
    """Skip the test, for what the probe's docstring says, where the probe fails."""
    if not works():
        cannot(str(works.__doc__))


def cannot(do: str) -> NoReturn:
    """Skip the test, or fail it on the embedded LocalStack, which should do everything."""
    reason = f"{'AWS' if ON_AWS else 'This emulator'} does not {do}"
    if calls_are_recorded():
        pytest.fail(reason)
    pytest.skip(reason)


def capability(works: Callable[[], bool]) -> Callable[[], bool]:
    """Try it once a run, and never on AWS: what AWS documents is no question there."""

    @cache
    @wraps(works)
    def tried() -> bool:
        return ON_AWS or works()

    return tried


@cache
def calls_are_recorded() -> bool:
    """record which role calls what"""
    return recorded_calls() is not None


@capability
def heartbeats_end() -> bool:
    """end a wait for a task token with its heartbeat"""
    with _waiting(heartbeat_seconds=1) as execution:
        return _end(execution) != "RUNNING"


@capability
def waits_can_be_stopped() -> bool:
    """end an execution that waits for a task token when it is stopped"""
    stepfunctions = boto3.client("stepfunctions")

    def submitted() -> bool:
        history = stepfunctions.get_execution_history(executionArn=execution)
        return any(event["type"] == "TaskSubmitted" for event in history["events"])

    with _waiting(heartbeat_seconds=60) as execution:
        # The wait begins when the message with the token has been answered, a moment after it is
        # there. Not every emulator writes that down.
        with suppress(NeverHappened):
            until("wait for the task token", submitted, bool, within=5)
        stepfunctions.stop_execution(executionArn=execution)
        return _end(execution) != "RUNNING"


def break_off(workflow: Workflow, execution: str) -> None:
    """Stop an execution that waits. Not every emulator notices by itself."""
    token = workflow.token(execution)
    workflow.stop(execution)
    if not waits_can_be_stopped():
        workflow.send_task_success(token, {})


@capability
def knows_sources_of_dead_letters() -> bool:
    """list the queues whose dead letters a queue has"""
    inbox = Inbox()
    try:
        boto3.client("sqs").list_dead_letter_source_queues(QueueUrl=inbox.url)
    except ClientError:
        return False
    finally:
        inbox.delete()
    return True


@contextmanager
def _waiting(heartbeat_seconds: int) -> Iterator[str]:
    """An execution that waits for a task token."""
    stepfunctions, inbox = boto3.client("stepfunctions"), Inbox()
    wait = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": inbox.url, "MessageBody": {"token.$": "$$.Task.Token"}},
        "HeartbeatSeconds": heartbeat_seconds,
        "TimeoutSeconds": 3600,
        "End": True,
    }
    try:
        with _state_machine(wait) as machine:
            started = stepfunctions.start_execution(stateMachineArn=machine)
            token = inbox.wait_for("task token of the probe", lambda _: True)["token"]
            yield started["executionArn"]
            with _already_over():
                stepfunctions.send_task_success(taskToken=token, output="{}")
    finally:
        inbox.delete()


@contextmanager
def _state_machine(state: Mapping[str, object]) -> Iterator[str]:
    """A state machine of one state."""
    stepfunctions = boto3.client("stepfunctions")
    machine = stepfunctions.create_state_machine(
        name=f"e2e-{uuid4()}",
        definition=json.dumps({"StartAt": "Probe", "States": {"Probe": state}}),
        roleArn="arn:aws:iam::000000000000:role/probe",
    )["stateMachineArn"]
    try:
        yield machine
    finally:
        stepfunctions.delete_state_machine(stateMachineArn=machine)


@contextmanager
def _already_over() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in {
            "TaskTimedOut",
            "TaskDoesNotExist",
            "InvalidToken",
        }:
            raise


def _end(execution: str) -> str:
    """The status of an execution once it has ended, or when there was time enough for that."""
    stepfunctions = boto3.client("stepfunctions")

    def status() -> str:
        return stepfunctions.describe_execution(executionArn=execution)["status"]

    with suppress(NeverHappened):
        until(f"end of {execution}", status, lambda seen: seen != "RUNNING", within=SECONDS)
    return status()
