"""Where LocalStack differs from AWS, it behaves as AWS documents. test_callbacks has more."""

import time
from typing import Any

import requests
from conftest import Deploy, Faults
from localstack.utils.backoff import ExponentialBackoff
from parts import Parts, event
from polling import eventually

from embedded_localstack.checkout import Checkout
from embedded_localstack.corrections import back_off_as_told


def test_an_execution_that_waits_for_a_token_ends_aborted_when_it_is_stopped(parts: Parts) -> None:
    queue = parts.queue()
    execution = parts.start(
        parts.machine(
            {
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
                "HeartbeatSeconds": 60,
            }
        )
    )
    eventually(lambda: parts.received(queue), until=bool)

    stepfunctions = parts.client("stepfunctions")
    stepfunctions.stop_execution(executionArn=execution)

    assert parts.ended(execution)["status"] == "ABORTED"
    history = {"executionArn": execution, "reverseOrder": True}
    eventually(
        lambda: stepfunctions.get_execution_history(**history)["events"][0]["type"],
        until=lambda last: last == "ExecutionAborted",
    )


def test_an_error_of_put_events_is_one_of_the_task_which_can_be_retried(
    faults: Faults, parts: Parts
) -> None:
    bus = parts.bus(parts.queue_arn(parts.queue()))
    task = {
        "Resource": "arn:aws:states:::events:putEvents",
        "Parameters": {"Entries": [event(bus)]},
    }
    retry = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}
    faults.put("events", "PutEvents", kind="error", code="ThrottlingException", status=400, calls=1)

    failed = parts.ended(parts.start(parts.machine(task)))
    assert failed["error"] == "EventBridge.ThrottlingException"
    faults.put("events", "PutEvents", kind="error", code="ThrottlingException", status=400, calls=1)
    retried = parts.ended(parts.start(parts.machine(task | {"Retry": [retry]})))
    assert retried["status"] == "SUCCEEDED"
    assert faults.failed == 1


def test_a_queue_is_polled_once_a_second(checkout: Checkout, deploy: Deploy, parts: Parts) -> None:
    calls, queue = f"{checkout.endpoint}/_embedded/calls", parts.queue()
    requests.put(calls, json={"recording": True}, timeout=5)
    parts.mapping(queue, deploy("def handler(event, context): pass").name)

    def polls() -> int:
        return sum(
            call["count"]
            for call in requests.get(calls, timeout=5).json()["calls"]
            if (call["action"], call["resource"]) == ("sqs:ReceiveMessage", parts.queue_arn(queue))
        )

    before = eventually(polls, until=bool)
    began = time.monotonic()
    eventually(polls, until=lambda now: now >= before + 3)
    requests.put(calls, json={"recording": False}, timeout=5)
    requests.delete(calls, timeout=5)
    assert time.monotonic() - began > 2


def test_no_pause_between_two_polls_is_longer_than_it_should_be() -> None:
    backoff: Any = ExponentialBackoff
    assert back_off_as_told(backoff.next_backoff, backoff(max_interval=0.01)) <= 0.01
