"""What is read of an order, and what happens where something can't be read."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import clients
from aws.order_table import OrderTable
from operations import dead_letters
from operations.evidence import FUNCTIONS, Evidence, Sources, _failure, _pattern
from orders.model import Status
from orders.notifications import end_key, record_id
from tests.unit.api import prepare
from tests.unit.events import NOW, ORDER_ID, RUN, make_event
from tests.unit.step_functions import StepFunctions
from tests.unit.tables import CONFIG_TABLE, ORDER_TABLE, Tables, client

STACK = "stack-of-a-test"
DEAD_LETTERS = "CustomerNotification"


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    url: str = client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]
    return url


def look(queue: str, order_id: str = ORDER_ID) -> Evidence:
    outputs = {
        "OrderTableName": ORDER_TABLE,
        "ConfigTableName": CONFIG_TABLE,
        f"{DEAD_LETTERS}DeadLetterQueueUrl": queue,
    }
    sources = Sources(STACK, outputs, lambda _: None)
    sources._stepfunctions = clients.workflow()._stepfunctions
    return sources.collect(order_id)


def write(function: str, *lines: str) -> None:
    logs, group = client("logs"), f"/aws/lambda/{STACK}-{function}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="stream")
    now = int(datetime.now(UTC).timestamp() * 1000)  # Nothing is taken that is weeks old.
    events = [{"timestamp": now, "message": line} for line in lines]
    logs.put_log_events(logGroupName=group, logStreamName="stream", logEvents=events)


def test_the_sources_that_can_be_read_are_read_when_others_fail(
    tables: Tables, order_table: OrderTable, queue: str
) -> None:
    prepare(tables, order_table)
    tables.reserve()
    tables.orders.put_item(
        Item={
            "orderId": record_id(end_key(RUN)),
            "expiration": 1_775_031_600,
            "idempotencyStatus": "COMPLETED",
        }
    )
    line = {"order_id": ORDER_ID, "message": "known", "timestamp": "2026-03-02 08:16:00,500+0000"}
    write(
        "storefront",
        json.dumps(line),
        json.dumps(line | {"order_id": f"{ORDER_ID}0"}),
        json.dumps(line | {"_aws": {}}),
        f"no JSON about {ORDER_ID}",
        json.dumps([ORDER_ID]),
    )
    found = look(queue)
    assert found.order
    assert found.order.status is Status.IN_PREPARATION
    assert found.slots == {"first"}
    assert [line.at.isoformat() for line in found.lines] == ["2026-03-02T08:16:00.500000+00:00"]
    (records,) = found.records.values()
    assert records.end
    assert records.end.at == "2026-03-02T08:20:00.000Z"
    unread = {f"the log of {function}" for function in FUNCTIONS if function != "storefront"}
    why = "FilterLogEvents failed (ResourceNotFoundException)"
    gone = "Step Functions has deleted it (90 days after its end)"
    assert found.unread == dict.fromkeys(unread, why) | {"execution first": gone}
    assert not found.is_empty


@pytest.mark.usefixtures("tables")
def test_dead_letters_are_looked_at_and_stay_where_they_are(queue: str) -> None:
    sqs = client("sqs")
    for event in (
        make_event("OrderProcessor.OrderCompleted"),
        make_event("OrderProcessor.OrderCompleted", order_id="another"),
    ):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
    sqs.send_message(QueueUrl=queue, MessageBody="no event")
    for _ in range(2):
        (letter,) = look(queue).letters[DEAD_LETTERS]
        assert letter.summary() == ("OrderProcessor.OrderCompleted", ORDER_ID)
    assert len(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]) == 3


@pytest.mark.usefixtures("tables")
def test_of_an_unknown_order_nothing_is_found(queue: str) -> None:
    assert look(queue, "unknown").is_empty


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("AccessDeniedException", "not allowed; ask for logs:FilterLogEvents"),
        ("ThrottlingException", "FilterLogEvents failed (ThrottlingException)"),
    ],
)
def test_why_a_source_is_unread_says_what_to_do_and_nothing_of_the_order(
    code: str, why: str
) -> None:
    error = ClientError({"Error": {"Code": code, "Message": "secret"}}, "FilterLogEvents")
    assert _failure(error, "logs:FilterLogEvents") == why


def test_the_pattern_for_the_logs_finds_any_id() -> None:
    assert _pattern("web-17/a") == '{ $.order_id = "web-17/a" }'
    assert _pattern('a"b\\c☕') == '{ $.order_id = "a*b*c*" }'


def test_every_page_of_an_executions_history_is_read(
    tables: Tables, order_table: OrderTable, queue: str, step_functions: StepFunctions
) -> None:
    prepare(tables, order_table)
    pages: list[dict[str, Any]] = [
        {"events": [{"timestamp": NOW, "type": "ExecutionStarted", "id": 1}], "nextToken": "more"},
        {"events": [{"timestamp": NOW, "type": "ExecutionAborted", "id": 2}]},
    ]
    step_functions.inputs[RUN] = "{}"
    step_functions.histories[RUN] = pages
    (run,) = look(queue).runs
    assert [event["type"] for event in run.events] == ["ExecutionStarted", "ExecutionAborted"]
