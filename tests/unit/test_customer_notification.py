"""What the customer hears of an order, and how often."""

from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyAlreadyInProgressError
from botocore.exceptions import ReadTimeoutError

from aws import queues
from aws.clients import sns
from aws.environment import Environment
from aws.order_table import OrderTable
from customer_notification.handler import handler, notify
from orders.events import EventType
from orders.model import TaskToken
from tests.contracts.definitions import example
from tests.unit.events import (
    ANOTHER_RUN,
    DRINK,
    NOW,
    ORDER_ID,
    RUN,
    USER_ID,
    Context,
    batch_failures,
    make_event,
    sqs_batch,
    waiting_event,
    with_a_long_number,
)
from tests.unit.fake_workflow import Crash
from tests.unit.listener import Customer
from tests.unit.printed import Printed
from tests.unit.tables import Tables

IN_PREPARATION = "OrderProcessor.OrderInPreparation"
READY = "Your order is ready for pick-up. Julia prepared it."
OUTCOMES = {
    str(event): str(event.status) for event in EventType if event.status and event.status.has_ended
}

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def customer(monkeypatch: pytest.MonkeyPatch) -> Customer:
    customer = Customer()
    monkeypatch.setenv("CUSTOMER_TOPIC_ARN", customer.topic)
    return customer


def tell(*events: Any, remaining_millis: int = 10_000) -> dict[str, Any]:
    context = Context(remaining_millis=remaining_millis)
    answer: dict[str, Any] = handler(sqs_batch(*events), context)
    return answer


def completed(**changes: Any) -> dict[str, Any]:
    return make_event("OrderProcessor.OrderCompleted", message=READY, baristaId="Julia", **changes)


@pytest.mark.parametrize(
    ("detail_type", "status"), [*OUTCOMES.items(), (IN_PREPARATION, "in preparation")]
)
def test_the_customer_is_told_what_becomes_of_the_order(
    customer: Customer, detail_type: str, status: str
) -> None:
    event = example(detail_type)
    assert tell(event) == batch_failures()
    [message] = customer.received()
    text = event["detail"].get("message", "A barista will prepare your order.")
    assert message["Message"] == f"{DRINK}: {text}"
    assert message["MessageAttributes"] == {
        "orderId": {"Type": "String", "Value": ORDER_ID},
        "userId": {"Type": "String", "Value": USER_ID},
        "status": {"Type": "String", "Value": status},
    }


def test_the_customer_reads_the_number_that_is_called(
    customer: Customer, tables: Tables, order_table: OrderTable
) -> None:
    tables.claim()
    order_table.start_preparation(ORDER_ID, RUN, TaskToken("a token"), 0, NOW, 42)
    tell(make_event(IN_PREPARATION), completed())
    messages = customer.received()
    assert [message["Message"] for message in messages] == [
        f"Order 42, {DRINK}: A barista will prepare your order.",
        f"Order 42, {DRINK}: {READY}",
    ]
    for message in messages:
        assert message["MessageAttributes"]["number"] == {"Type": "Number", "Value": "42"}


def test_an_event_with_a_task_token_is_not_sent(customer: Customer) -> None:
    with pytest.raises(BatchProcessingError):
        tell(waiting_event())
    assert customer.received() == []


# --- Once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("event_id", ["0f4c9a3e-5d21-4c0b-8a67-91be3f2d7c05", "another"])
def test_a_repeated_event_is_sent_to_the_customer_once(customer: Customer, event_id: str) -> None:
    again = completed(event_id=event_id)
    assert tell(completed(), again) == batch_failures()
    assert tell(again) == batch_failures()
    assert len(customer.received()) == 1


def test_each_state_of_each_run_is_sent(customer: Customer) -> None:
    for _ in range(2):
        tell(make_event(IN_PREPARATION), completed(), completed(run=ANOTHER_RUN))
    assert len(customer.received()) == 3


@pytest.mark.parametrize("end", OUTCOMES)
def test_nothing_is_sent_after_the_end_of_a_run(customer: Customer, end: str) -> None:
    # Its execution was redriven after it had been cleaned up after, or its news come late.
    tell(make_event(end, message="The end."))
    assert (
        tell(*(make_event(detail_type) for detail_type in (IN_PREPARATION, *OUTCOMES)))
        == batch_failures()
    )
    assert customer.texts() == [f"{DRINK}: The end."]
    tell(
        make_event(IN_PREPARATION, run=ANOTHER_RUN),
        make_event("OrderProcessor.OrderFailed", run=ANOTHER_RUN),
    )
    assert len(customer.received()) == 2


def refused(code: str = "ERROR-100", **changes: Any) -> dict[str, Any]:
    return make_event("OrderProcessor.OrderRejected", code=code, message="Not so.", **changes)


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([refused(drink=None), refused(drink=None, run=ANOTHER_RUN)], 1),
        # Wrong again in another way.
        ([refused(drink=None), refused(drink=" ", run=ANOTHER_RUN), refused(drink=None)], 2),
        ([refused("ERROR-105", run=None), refused("ERROR-105", run=None, event_id="2")], 1),
        # Without an order id two events are two orders.
        ([refused(order_id=None), refused(order_id=None, event_id="2")], 2),
        ([refused(order_id=None), refused(order_id=None)], 1),
        # Such as an OrderFailed that somebody sends by hand.
        ([completed(order_id=number, run=None, event_id=number) for number in "12"], 2),
    ],
    ids=["two runs", "wrong again", "too old", "without an id", "repeated", "without a run"],
)
def test_an_order_without_a_run_is_told_once(
    customer: Customer, events: list[dict[str, Any]], told: int
) -> None:
    assert tell(*events) == batch_failures()
    assert len(customer.received()) == told


def test_a_notification_that_was_not_published_is_retried(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMER_TOPIC_ARN", f"{customer.topic}-gone")
    with pytest.raises(BatchProcessingError):
        tell(completed())
    monkeypatch.setenv("CUSTOMER_TOPIC_ARN", customer.topic)
    Environment.read.cache_clear()
    assert tell(completed()) == batch_failures()
    assert len(customer.received()) == 1


def test_a_notification_is_sent_after_a_crash(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(**_: Any) -> None:
        raise Crash

    monkeypatch.setattr(queues, "ENOUGH_MILLIS", 0)
    events = sns().meta.events
    events.register("before-call.sns", die)
    with pytest.raises(Crash):
        tell(completed(), remaining_millis=0)
    events.unregister("before-call.sns", die)

    assert tell(completed()) == batch_failures()
    assert len(customer.received()) == 1


def test_a_batch_that_takes_too_long_is_cut_between_two_messages(customer: Customer) -> None:
    context = Context(remaining_millis=queues.ENOUGH_MILLIS)

    def take_long(**_: Any) -> None:
        context.remaining_millis -= 1

    sns().meta.events.register("before-call.sns", take_long)
    events = sqs_batch(completed(), completed(run=ANOTHER_RUN))

    assert handler(events, context) == batch_failures(1)
    assert len(customer.received()) == 1


def test_a_notification_whose_record_failed_is_not_sent_again(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="dynamodb")

    monkeypatch.setattr(DynamoDBPersistenceLayer, "save_success", fail)
    assert tell(completed()) == batch_failures()
    assert len(customer.received()) == 1


def test_a_notification_that_is_being_published_is_not_published_twice(customer: Customer) -> None:
    def deliver_again(**_: Any) -> None:
        events.unregister("before-call.sns", deliver_again)
        with pytest.raises(IdempotencyAlreadyInProgressError):
            notify(SQSRecord(sqs_batch(completed())["Records"][0]), Context())  # type: ignore[arg-type]

    events = sns().meta.events
    events.register("before-call.sns", deliver_again)
    assert tell(completed()) == batch_failures()
    assert len(customer.received()) == 1


def test_the_record_of_a_notification_is_no_order_and_expires(
    customer: Customer, tables: Tables
) -> None:
    tell(completed())
    [item] = tables.orders.scan()["Items"]
    assert item["orderId"] != ORDER_ID
    assert "status" not in item
    assert int(str(item["expiration"])) > 0
    assert len(customer.received()) == 1


# --- Whatever was ordered -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "drink",
    [
        'a "quoted" drink',
        "it's {brace} and <tag>",
        "back\\slash \\u0041 \\n",
        "☕🫖",
        "قهوة تركية",
        "two\nlines\tand a tab",
        "x" * 10_000,
        "50% %s %(a)s ${b}",
        "half a \ud83d cup",  # No Unicode, so a question mark.
    ],
    ids=lambda drink: ascii(drink[:12]),
)
def test_a_drink_arrives_as_it_was_ordered(customer: Customer, drink: str) -> None:
    assert tell(completed(drink=drink)) == batch_failures()
    assert customer.texts() == [f"{drink}: {READY}".replace("\ud83d", "?")]


@pytest.mark.parametrize("order_id", [None, 17, " ", "a\x00b", "a\x1fb", "a\ufffeb"], ids=ascii)
def test_an_id_that_cannot_be_an_attribute_is_left_out(customer: Customer, order_id: Any) -> None:
    assert tell(completed(order_id=order_id)) == batch_failures()
    [message] = customer.received()
    assert set(message["MessageAttributes"]) == {"userId", "status"}


@pytest.mark.parametrize("user_id", [None, 17, "LONG", "", " ", ["a"], {"a": 1}], ids=repr)
def test_an_invalid_order_is_notified_without_its_user(customer: Customer, user_id: Any) -> None:
    event = make_event(
        "OrderProcessor.OrderRejected", userId=user_id, drink=None, code="ERROR-100", message="No."
    )
    assert tell(with_a_long_number(event)) == batch_failures()
    [message] = customer.received()
    assert message["Message"] == "Your order: No."
    assert set(message["MessageAttributes"]) == {"orderId", "status"}


def test_only_what_failed_is_delivered_again(customer: Customer) -> None:
    unknown = completed() | {"detail-type": "SomethingElse"}
    other = make_event("OrderProcessor.OrderFailed", run=ANOTHER_RUN)
    assert tell("no JSON", completed(), unknown, other) == batch_failures(0, 2)
    assert len(customer.received()) == 2


def test_every_log_line_names_its_order(customer: Customer, printed: Printed) -> None:
    tell(completed(order_id="1"), completed(order_id="2", run=ANOTHER_RUN))
    assert [line["order_id"] for line in printed.logs] == ["1", "2"]
    assert len(customer.received()) == 2
