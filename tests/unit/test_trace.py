"""What `make trace` reads of an order, and what happens where something can't be read."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws import clients
from aws.order_table import OrderTable
from operations import dead_letters, stack
from operations.report import Evidence
from operations.trace import FUNCTIONS, Sources, _pattern
from orders.model import Status
from orders.notifications import end_key, record_id
from tests.unit.api import prepare
from tests.unit.events import ANOTHER_RUN, NOW, ORDER_ID, RUN, make_event
from tests.unit.step_functions import StepFunctions
from tests.unit.tables import CONFIG_TABLE, ORDER_TABLE, STACK, Tables, client

PARKED_BY = "CustomerNotification"


@pytest.fixture
def queue(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> str:  # noqa: ARG001 (an account)
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    url: str = client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]
    return url


def look(queue: str) -> Evidence:
    outputs = {"OrderTableName": ORDER_TABLE, "ConfigTableName": CONFIG_TABLE}
    sources = Sources(STACK, outputs | {f"{PARKED_BY}DeadLetterQueueUrl": queue})
    sources._stepfunctions = clients.workflow()._stepfunctions
    return sources.collect(ORDER_ID)


def write(function: str, *lines: str) -> None:
    logs, where = client("logs"), {"logGroupName": f"/aws/lambda/{STACK}-{function}"}
    logs.create_log_group(**where)
    where["logStreamName"] = "stream"
    logs.create_log_stream(**where)
    now = time.time_ns() // 1_000_000  # Nothing is taken that is weeks old.
    logs.put_log_events(**where, logEvents=[{"timestamp": now, "message": line} for line in lines])


def test_the_sources_that_can_be_read_are_read_when_others_fail(
    tables: Tables, order_table: OrderTable, queue: str, step_functions: StepFunctions
) -> None:
    prepare(tables, order_table)
    tables.reserve()
    record: dict[str, Any] = {"expiration": 1_775_031_600, "idempotencyStatus": "COMPLETED"}
    tables.orders.put_item(Item={"orderId": record_id(end_key(RUN)), **record})
    line = {"order_id": ORDER_ID, "message": "known", "timestamp": "2026-03-02 08:16:00,500+0000"}
    line["execution"] = ANOTHER_RUN
    others = [line | {"order_id": f"{ORDER_ID}0"}, line | {"_aws": {}}, [ORDER_ID]]
    write("storefront", *map(json.dumps, [line, *others]), f"no JSON about {ORDER_ID}")
    events = [{"timestamp": NOW, "type": f"Execution{what}"} for what in ("Started", "Aborted")]
    step_functions.histories[RUN] = [
        {"events": events[:1], "nextToken": "more"},
        {"events": events[1:]},
    ]
    step_functions.histories[ANOTHER_RUN] = [{"events": events[:1]}]
    found = look(queue)
    assert found.order
    assert found.order.status is Status.IN_PREPARATION
    assert found.slots == {"first"}
    assert [line["at"].isoformat() for line in found.lines] == ["2026-03-02T08:16:00.500000+00:00"]
    ends = [records.end and records.end.at for records in found.records.values()]
    assert ends == ["2026-03-02T08:20:00.000Z", None]
    assert [(run.arn, [event["type"] for event in run.events]) for run in found.runs] == [
        (RUN, ["ExecutionStarted", "ExecutionAborted"]),
        (ANOTHER_RUN, ["ExecutionStarted"]),
    ]
    why = "FilterLogEvents failed (ResourceNotFoundException)"
    unread = [function for function in FUNCTIONS if function != "storefront"]
    assert found.unread == {f"the log of {function}": why for function in unread}


def test_dead_letters_are_looked_at_and_stay_where_they_are(queue: str) -> None:
    sqs = client("sqs")
    for order_id in (ORDER_ID, "another"):
        event = make_event("OrderProcessor.OrderCompleted", order_id=order_id)
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
    sqs.send_message(QueueUrl=queue, MessageBody="no event")
    for _ in range(2):
        (letter,) = look(queue).letters[PARKED_BY]
        assert letter.summary() == ("OrderProcessor.OrderCompleted", ORDER_ID)
    assert len(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]) == 3


def test_a_history_that_step_functions_has_deleted_is_no_failure_and_says_nothing_more() -> None:
    error: Any = {"Error": {"Code": "ExecutionDoesNotExist", "Message": "secret"}}
    why = stack.reason(ClientError(error, "GetExecutionHistory"))
    assert why == "Step Functions has deleted it (90 days after its end)"


def test_the_pattern_for_the_logs_finds_any_id() -> None:
    assert _pattern("web-17/a") == '{ $.order_id = "web-17/a" }'
    assert _pattern('a"b\\c☕') == '{ $.order_id = "a*b*c*" }'
