"""Where LocalStack differs from AWS, it behaves as AWS documents. test_callbacks has more.

Executions do not disturb each other either: nothing is mixed up, nothing piles up.
"""

import sys
import time
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from conftest import Deploy, Faults, Resource
from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    EmptyPollResultsException,
)
from parts import Parts, event
from polling import eventually

from embedded_localstack.checkout import Checkout
from embedded_localstack.corrections import wait_for_messages
from embedded_localstack.processes import localstack_processes

NO_QUEUE = "http://127.0.0.1/000000000000/no-such-queue"
EXECUTIONS = 5


def test_an_error_of_put_events_is_one_of_the_task_which_can_be_retried(
    faults: Faults, parts: Parts
) -> None:
    bus = parts.bus(parts.queue_arn(parts.queue()))
    task = {
        "Resource": "arn:aws:states:::events:putEvents",
        "Parameters": {"Entries": [event(bus)]},
    }
    retry = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}
    faults.set("events", "PutEvents", kind="error", code="ThrottlingException", status=400, calls=1)

    failed = parts.ended(parts.start(parts.machine(task)))
    assert failed["error"] == "EventBridge.ThrottlingException"
    faults.set("events", "PutEvents", kind="error", code="ThrottlingException", status=400, calls=1)
    retried = parts.ended(parts.start(parts.machine(task | {"Retry": [retry]})))
    assert retried["status"] == "SUCCEEDED"
    assert faults.failed == 1


def test_a_queue_is_polled_once_a_second(deploy: Deploy, recorder: Resource, parts: Parts) -> None:
    queue = parts.queue()
    polled = ("sqs:ReceiveMessage", parts.queue_arn(queue))
    recorder.put({"recording": True})
    name = deploy("def handler(event, context): pass").name
    mapping = {"FunctionName": name, "EventSourceArn": parts.queue_arn(queue)}
    parts.client("lambda").create_event_source_mapping(**mapping)

    def polls() -> int:
        calls = recorder.report()["calls"]
        return sum(call["count"] for call in calls if (call["action"], call["resource"]) == polled)

    eventually(polls, until=bool)
    began = time.monotonic()  # Before the count, or what a busy machine polls in between is lost.
    before = polls()
    eventually(polls, until=lambda now: now >= before + 3)
    assert time.monotonic() - began > 2


def test_nothing_waits_after_a_poll_that_found_nothing() -> None:
    wait_for_messages(MagicMock(side_effect=EmptyPollResultsException()), MagicMock())


def test_executions_of_one_definition_count_their_attempts_each(parts: Parts) -> None:
    machine = parts.machine(
        {
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": NO_QUEUE, "MessageBody": "to nobody"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}],
        }
    )

    executions = [parts.start(machine) for _ in range(EXECUTIONS)]

    for execution in executions:
        assert parts.ended(execution)["status"] == "FAILED"
        history = parts.client("stepfunctions").get_execution_history(executionArn=execution)
        assert [event["type"] for event in history["events"]].count("TaskScheduled") == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc to count them in")
def test_executions_leave_no_threads_behind(checkout: Checkout, parts: Parts) -> None:
    table = parts.table()
    read = {"TableName": table, "Key": {"PK": {"S": "1"}}}
    machine = parts.machine(
        *[{"Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": read}] * 3
    )

    def memory_maps() -> int:
        return sum(
            len(Path(f"/proc/{process.pid}/maps").read_text().splitlines())
            for process in localstack_processes(checkout.server_files)
        )

    def run(executions: int) -> None:
        for execution in [parts.start(machine) for _ in range(executions)]:
            parts.ended(execution)

    run(10)
    before = memory_maps()
    run(30)
    # Each would leave the stacks of four threads, and a guard page for each.
    assert memory_maps() - before < 100
