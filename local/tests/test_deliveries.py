"""Events that a rule's target does not take: it has them later, or its dead-letter queue has."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from conftest import Faults, aws
from parts import RULE_ROLE, Parts, event
from polling import eventually

from embedded_localstack.checkout import REGION, Checkout
from embedded_localstack.deliveries import error_code, pause

UNAVAILABLE = {"kind": "error", "code": "ServiceUnavailable", "status": 503}
REFUSED = {"kind": "error", "code": "AccessDeniedException", "status": 403}
NOWHERE = f"arn:aws:sqs:{REGION}:000000000000:nowhere"

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SHORTENED = {
    "InputPathsMap": {"id": "$.id", "time": "$.time"},
    "InputTemplate": '{"id": <id>, "time": <time>}',
}


@pytest.fixture
def parts(checkout: Checkout) -> Iterator[Parts]:
    # boto3 would insist on 60 s, the least that AWS lets an event's greatest age be.
    client = aws(checkout, config=Config(parameter_validation=False))
    with ExitStack() as stack:
        yield Parts(client, stack)


def test_a_target_that_was_unavailable_gets_the_event_later_and_once_and_others_at_once(
    faults: Faults, parts: Parts
) -> None:
    queue, topic = parts.queue(), parts.topic()
    others = parts.queue()
    parts.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=parts.queue_arn(others))
    bus = parts.bus(topic)
    parts.target(bus, parts.queue_arn(queue), InputTransformer=SHORTENED)

    faults.put("sns", "Publish", **UNAVAILABLE)
    number = put(parts, bus)
    (body,) = eventually(lambda: parts.received(queue), until=bool)
    assert json.loads(body) == {"id": number, "time": "2026-01-02T03:04:05Z"}
    eventually(lambda: faults.failed, until=lambda failed: failed > 1)
    assert parts.kept(others) == 0
    faults.delete()

    (body,) = eventually(lambda: parts.received(others), until=bool)
    assert number in body
    assert parts.kept(others) == 1


def test_an_event_that_is_refused_is_a_dead_letter_at_once(faults: Faults, parts: Parts) -> None:
    dead, machine = parts.queue(), parts.machine()
    bus = parts.bus(machine, RULE_ROLE, InputTransformer=SHORTENED, **dead_letters(parts, dead))

    faults.put("stepfunctions", "StartExecution", **REFUSED)
    number = put(parts, bus)
    body, attributes = dead_letter(parts, dead)

    assert faults.failed == 1
    assert body == {
        "version": "0",
        "id": number,
        "detail-type": "test",
        "source": "test",
        "account": "000000000000",
        "time": "2026-01-02T03:04:05Z",
        "region": REGION,
        "resources": [],
        "detail": {},
    }
    assert attributes == {
        "RULE_ARN": f"arn:aws:events:{REGION}:000000000000:rule/{bus}/{bus}",
        "TARGET_ARN": machine,
        "ERROR_CODE": "NO_PERMISSIONS",
        "ERROR_MESSAGE": "An error occurred (AccessDeniedException) when calling the StartExecution"
        " operation: Made to fail by /_embedded/faults.",
        "RETRY_ATTEMPTS": "0",
    }


def test_an_event_for_a_target_that_is_missing_is_a_dead_letter_at_once(parts: Parts) -> None:
    dead = parts.queue()

    put(parts, parts.bus(NOWHERE, **dead_letters(parts, dead)))
    _, attributes = dead_letter(parts, dead)

    assert attributes["ERROR_CODE"] == "NO_RESOURCE"
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes


@pytest.mark.parametrize("retries", [0, 2])
def test_an_event_is_tried_as_often_as_allowed_and_then_a_dead_letter(
    faults: Faults, parts: Parts, retries: int
) -> None:
    dead = parts.queue()
    policy = {"MaximumRetryAttempts": retries}
    bus = parts.bus(parts.machine(), RetryPolicy=policy, **dead_letters(parts, dead))

    faults.put("stepfunctions", "StartExecution", **UNAVAILABLE)
    number = put(parts, bus)
    body, attributes = dead_letter(parts, dead)

    assert faults.failed == 1 + retries
    assert body["id"] == number
    assert attributes["ERROR_CODE"] == "ERROR_FROM_TARGET"
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert attributes["RETRY_ATTEMPTS"] == str(retries)


def test_an_event_is_tried_until_it_is_too_old_and_then_a_dead_letter(
    faults: Faults, parts: Parts
) -> None:
    dead = parts.queue()
    policy = {"MaximumEventAgeInSeconds": 1}
    bus = parts.bus(parts.machine(), RetryPolicy=policy, **dead_letters(parts, dead))

    faults.put("stepfunctions", "StartExecution", **UNAVAILABLE)
    put(parts, bus)
    _, attributes = dead_letter(parts, dead)

    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert attributes["RETRY_ATTEMPTS"] == str(faults.failed - 1)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "The target has no dead-letter queue."),
        ({"DeadLetterConfig": {"Arn": NOWHERE}}, "The dead-letter queue refused it: "),
    ],
)
def test_an_event_that_nobody_keeps_is_logged_and_other_targets_get_it(
    checkout: Checkout, faults: Faults, parts: Parts, settings: dict[str, Any], reason: str
) -> None:
    machine, queue = parts.machine(), parts.queue()
    bus = parts.bus(machine, **settings)
    parts.target(bus, parts.queue_arn(queue))

    faults.put("stepfunctions", "StartExecution", **REFUSED)
    number = put(parts, bus)

    (body,) = eventually(lambda: parts.received(queue), until=bool)
    assert json.loads(body)["id"] == number
    eventually(
        checkout.server_log.read_text,
        until=lambda log: any(
            all(text in line for text in (reason, machine, "NO_PERMISSIONS", number))
            for line in log.splitlines()
        ),
    )


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("ThrottlingException", 400, "THROTTLING"),
        ("TooManyRequests", 429, "THROTTLING"),
        ("InternalError", 500, "ERROR_FROM_TARGET"),
        ("AccessDeniedException", 400, "NO_PERMISSIONS"),
        ("SignatureDoesNotMatch", 403, "NO_PERMISSIONS"),
        ("StateMachineDoesNotExist", 400, "NO_RESOURCE"),
        ("NotFound", 404, "NO_RESOURCE"),
        ("InvalidExecutionInput", 400, "SDK_CLIENT_ERROR"),
    ],
)
def test_an_aws_error_has_the_code_of_its_kind(code: str, status: int, expected: str) -> None:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert error_code(ClientError(response, "Operation")) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (EndpointConnectionError(endpoint_url="there"), "CONNECTION_FAILURE"),
        (ConnectTimeoutError(endpoint_url="there"), "CONNECTION_FAILURE"),
        (ReadTimeoutError(endpoint_url="there"), "CONNECTION_FAILURE"),
        (requests.ConnectionError(), "CONNECTION_FAILURE"),
        (NotImplementedError(), "UNKNOWN"),
    ],
)
def test_another_error_has_the_code_of_its_kind(error: Exception, expected: str) -> None:
    assert error_code(error) == expected


def test_pauses_grow_up_to_a_limit_and_differ() -> None:
    for retries, longest in [(0, 1), (1, 2), (4, 16), (5, 30), (184, 30)]:
        pauses = [pause(retries) for _ in range(200)]
        assert longest / 2 < max(pauses) <= longest
        assert min(pauses) < longest / 2


def put(parts: Parts, bus: str) -> str:
    answer = parts.client("events").put_events(Entries=[{**event(bus), "Time": TIME}])
    return str(answer["Entries"][0]["EventId"])


def dead_letters(parts: Parts, queue: str) -> dict[str, Any]:
    return {"DeadLetterConfig": {"Arn": parts.queue_arn(queue)}}


def dead_letter(parts: Parts, queue: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The only message of a queue, which is waited for, and its attributes."""
    (message,) = eventually(
        lambda: (
            parts.client("sqs")
            .receive_message(QueueUrl=queue, WaitTimeSeconds=1, MessageAttributeNames=["All"])
            .get("Messages", [])
        ),
        until=bool,
    )
    assert parts.kept(queue) == 1
    attributes = message["MessageAttributes"]
    return json.loads(message["Body"]), {
        name: value["StringValue"] for name, value in attributes.items()
    }
