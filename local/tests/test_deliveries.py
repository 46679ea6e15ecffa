"""Events that a rule's target does not take: it has them later, or its dead-letter queue has."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from conftest import Faults, aws
from parts import RULE_ROLE, Parts, event
from polling import eventually

from embedded_localstack.checkout import REGION, Checkout
from embedded_localstack.deliveries import passes, pause

UNAVAILABLE = {"kind": "error", "code": "ServiceUnavailable", "status": 503}
REFUSED = {"kind": "error", "code": "AccessDeniedException", "status": 403}
NOWHERE = f"arn:aws:sqs:{REGION}:000000000000:nowhere"

TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SHORTENED = {
    "InputPathsMap": {"id": "$.id", "time": "$.time"},
    "InputTemplate": '{"id": <id>, "time": <time>}',
}


def aws_error(code: str, status: int) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Operation")


@pytest.fixture
def parts(checkout: Checkout) -> Parts:
    # boto3 would insist on 60 s, the least that AWS lets an event's greatest age be.
    return Parts(aws(checkout, config=Config(parameter_validation=False)))


def test_a_target_that_was_unavailable_gets_the_event_later_and_once_and_others_at_once(
    faults: Faults, parts: Parts
) -> None:
    queue, topic = parts.queue(), parts.topic()
    others = parts.queue()
    parts.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=parts.queue_arn(others))
    bus = parts.bus(topic)
    parts.target(bus, parts.queue_arn(queue), InputTransformer=SHORTENED)

    faults.set("sns", "Publish", **UNAVAILABLE)
    number = put(parts, bus)
    (body,) = eventually(lambda: parts.received(queue), until=bool)
    assert json.loads(body) == {"id": number, "time": "2026-01-02T03:04:05Z"}
    eventually(lambda: faults.failed, until=lambda failed: failed > 1)
    assert parts.kept(others) == 0
    faults.delete()

    (body,) = eventually(lambda: parts.received(others), until=bool)
    assert number in body
    assert parts.kept(others) == 1


@pytest.mark.parametrize(
    ("fault", "policy", "tries"),
    [
        (REFUSED, {}, {1}),
        (UNAVAILABLE, {"MaximumRetryAttempts": 0}, {1}),
        (UNAVAILABLE, {"MaximumRetryAttempts": 2}, {3}),
        # Not as often as is allowed by default; once where the first try lasts a second.
        (UNAVAILABLE, {"MaximumEventAgeInSeconds": 1}, set(range(1, 20))),
    ],
)
def test_an_event_is_tried_as_often_as_allowed_and_then_a_dead_letter_as_it_was_sent(
    faults: Faults, parts: Parts, fault: Any, policy: dict[str, int], tries: set[int]
) -> None:
    dead = parts.queue()
    settings = {"RetryPolicy": policy, **dead_letters(parts, dead)}
    bus = parts.bus(parts.machine(), RoleArn=RULE_ROLE, InputTransformer=SHORTENED, **settings)

    faults.set("stepfunctions", "StartExecution", **fault)
    number = put(parts, bus)

    assert dead_letter(parts, dead) == {
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
    assert faults.failed in tries


def test_an_event_for_a_target_that_is_missing_is_a_dead_letter_at_once(parts: Parts) -> None:
    dead = parts.queue()
    number = put(parts, parts.bus(NOWHERE, **dead_letters(parts, dead)))
    assert dead_letter(parts, dead)["id"] == number


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

    faults.set("stepfunctions", "StartExecution", **REFUSED)
    number = put(parts, bus)

    (body,) = eventually(lambda: parts.received(queue), until=bool)
    assert json.loads(body)["id"] == number
    eventually(
        checkout.server_log.read_text,
        until=lambda log: any(
            all(text in line for text in (reason, machine, "AccessDenied", number))
            for line in log.splitlines()
        ),
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aws_error("ThrottlingException", 400), True),
        (aws_error("ProvisionedThroughputExceededException", 400), True),
        (aws_error("TooManyRequests", 429), True),
        (aws_error("InternalError", 500), True),
        (aws_error("AccessDeniedException", 400), False),
        (aws_error("SignatureDoesNotMatch", 403), False),
        (aws_error("NotFound", 404), False),
        (EndpointConnectionError(endpoint_url="there"), True),
        (ReadTimeoutError(endpoint_url="there"), True),
        (requests.ConnectionError(), True),
        (NotImplementedError(), False),
    ],
)
def test_an_error_is_retried_if_it_may_pass(error: Exception, expected: bool) -> None:
    assert passes(error) == expected


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


def dead_letter(parts: Parts, queue: str) -> dict[str, Any]:
    """The only message of a queue, which is waited for."""
    (body,) = eventually(lambda: parts.received(queue), until=bool)
    assert parts.kept(queue) == 1
    event: dict[str, Any] = json.loads(body)
    return event
