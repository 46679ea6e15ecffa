"""Faults as the stack meets them: in functions, in workflows, and on the way of an event."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from conftest import Deploy, eventually
from parts import ANY_CALL, Parts, event, write

from embedded_localstack.checkout import Checkout

THROTTLED = {"kind": "error", "code": "ThrottlingException", "status": 400}
REFUSED = {"kind": "error", "code": "AccessDenied", "status": 403}


class Faults:
    def __init__(self, checkout: Checkout) -> None:
        self._url = f"{checkout.endpoint}/_embedded/faults"

    def put(self, service: str, operation: str, **how: Any) -> None:
        answer = self.put_json([{"service": service, "operation": operation, **how}])
        assert answer.status_code == 200, answer.text
        assert answer.json() == self.report()

    def put_json(self, body: object) -> requests.Response:
        return requests.put(self._url, json=body, timeout=5)

    def report(self) -> Any:
        return requests.get(self._url, timeout=5).json()

    @property
    def failed(self) -> int:
        (fault,) = self.report()
        return int(fault["failed"])

    def delete(self) -> None:
        assert requests.delete(self._url, timeout=5).status_code == 204


@pytest.fixture
def faults(checkout: Checkout) -> Iterator[Faults]:
    faults = Faults(checkout)
    yield faults
    faults.delete()


@pytest.fixture
def parts(client: Callable[[str], Any]) -> Iterator[Parts]:
    with ExitStack() as stack:
        yield Parts(client, stack)


def test_a_list_of_faults_is_kept_and_a_wrong_one_changes_nothing(faults: Faults) -> None:
    assert faults.report() == []

    faults.put("events", "PutEvents", kind="failed-entry", code="InternalFailure", share=0.5)
    kept = faults.report()
    answer = faults.put_json([{"service": "events", "operation": "Put", **THROTTLED}])

    assert (answer.status_code, answer.text) == (400, "events has no Put\n")
    assert kept == faults.report()
    assert kept == [
        {
            "service": "events",
            "operation": "PutEvents",
            "kind": "failed-entry",
            "code": "InternalFailure",
            "status": None,
            "share": 0.5,
            "seconds": None,
            "failed": 0,
            "active": True,
        }
    ]


def test_calls_of_functions_fail_and_those_of_tests_do_not(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, table = deploy(ANY_CALL), parts.table()
    read = {"TableName": table, "Key": {"PK": {"S": "counter"}}}
    calls = [("dynamodb", "update_item", write(table)), ("dynamodb", "get_item", read)]

    faults.put("dynamodb", "UpdateItem", **THROTTLED)
    failed, passed = function(calls).payload
    parts.client("dynamodb").update_item(**write(table))

    assert failed == ["ThrottlingException", 400]
    assert "Item" not in passed, "it was not carried out"
    assert faults.failed == 1
    faults.delete()
    _, passed = function(calls).payload
    assert passed["Item"]["calls"] == {"N": "2"}


def test_a_share_of_the_calls_fails(deploy: Deploy, faults: Faults, parts: Parts) -> None:
    function, call = deploy(ANY_CALL), ("dynamodb", "update_item", write(parts.table()))

    faults.put("dynamodb", "*", **THROTTLED, share=0.5)
    outcomes = function([call] * 60).payload

    failed = outcomes.count(["ThrottlingException", 400])
    assert 15 < failed < 45
    assert faults.failed == failed


def test_a_call_whose_answer_is_lost_was_carried_out(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, table, topic, queue = deploy(ANY_CALL), parts.table(), parts.topic(), parts.queue()
    lost = {"kind": "lost-answer", "code": "InternalServerError", "status": 500}

    faults.put("dynamodb", "UpdateItem", **lost)
    assert function([("dynamodb", "update_item", write(table))]).payload == [
        ["InternalServerError", 500]
    ]
    (item,) = parts.client("dynamodb").scan(TableName=table)["Items"]
    assert item["calls"] == {"N": "1"}

    parts.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=parts.queue_arn(queue))
    faults.put("sns", "Publish", **lost)
    publish = ("sns", "publish", {"TopicArn": topic, "Message": "published"})
    assert function([publish]).payload == [["InternalServerError", 500]]
    (body,) = parts.received(queue)
    assert "published" in body


def test_events_whose_entries_fail_are_not_delivered(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, queue = deploy(ANY_CALL), parts.queue()
    bus = parts.bus(parts.queue_arn(queue))
    call = ("events", "put_events", {"Entries": [event(bus), event(bus)]})

    faults.put("events", "PutEvents", kind="failed-entry", code="InternalFailure")
    (answer,) = function([call]).payload

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["FailedEntryCount"] == 2
    assert [entry["ErrorCode"] for entry in answer["Entries"]] == ["InternalFailure"] * 2
    assert parts.received(queue) == []


def test_tasks_of_workflows_fail_and_what_step_functions_says_of_them_does_not(
    faults: Faults, parts: Parts
) -> None:
    bus = parts.bus(parts.queue_arn(parts.queue()))
    machine = parts.machine(
        {"Resource": "arn:aws:states:::dynamodb:updateItem", "Parameters": write(parts.table())},
        {"Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [event(bus)]}},
    )

    def run() -> tuple[str, str | None]:
        ended = parts.ended(parts.start(machine))
        return ended["status"], ended.get("error")

    assert run() == ("SUCCEEDED", None)
    faults.put("dynamodb", "*", **THROTTLED)
    assert run() == ("FAILED", "DynamoDB.ThrottlingException")
    faults.put("events", "PutEvents", kind="failed-entry", code="InternalFailure")
    assert run() == ("FAILED", "EventBridge.FailedEntry")
    assert faults.failed == 1, "the status of the execution was an event, too"


def test_events_do_not_reach_a_target_that_fails(faults: Faults, parts: Parts) -> None:
    queue = parts.queue()
    bus = parts.bus(parts.queue_arn(queue))

    faults.put("sqs", "*", **REFUSED)
    parts.client("events").put_events(Entries=[event(bus)])
    eventually(lambda: faults.failed, until=lambda failed: failed == 1)

    assert parts.received(queue) == []


def test_lambda_polls_a_queue_undisturbed_until_that_is_named(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, queue = deploy("def handler(event, context): print('heard')"), parts.queue()
    parts.mapping(queue, function.name)

    faults.put("sqs", "*", **REFUSED)
    parts.client("sqs").send_message(QueueUrl=queue, MessageBody="message")
    function.logged("heard")
    eventually(lambda: _messages(parts, queue), until=lambda number: number == 0)
    assert faults.failed == 0

    faults.put("sqs", "DeleteMessageBatch", **REFUSED)
    parts.client("sqs").send_message(QueueUrl=queue, MessageBody="message")
    eventually(lambda: faults.failed, until=lambda failed: failed > 1)
    heard = [line for line in function.logged("heard") if line == "heard"]
    assert len(heard) > 2, "a message that is not deleted comes again"


def _messages(parts: Parts, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = parts.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)
    return sum(int(attributes["Attributes"][name]) for name in names)
