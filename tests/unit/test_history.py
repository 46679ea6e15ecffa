"""Who did what with an order when, as staff get to see it."""

from typing import Any

import pytest

from aws.order_table import OrderTable
from customer_notification.handler import handler as customer_notification
from orders.model import Barista, Cancel, Complete, Decided, Decision, Decline, Order, Status
from orders.notifications import Record, RunRecords, preparing_key, record_id
from orders.timeline import Step, timeline
from tests.unit.api import prepare, refused, request
from tests.unit.events import (
    ANOTHER_RUN,
    NOW,
    ORDER_ID,
    RECEIVED_AT,
    RUN,
    Context,
    make_event,
    sqs_batch,
)
from tests.unit.tables import Tables, client

LATER, LAST = "2026-03-02T08:25:00.000Z", "2026-03-02T08:30:00.000Z"
JULIA, MARCO = Barista("sub-1", "Julia"), Barista("sub-2", "Marco")

pytestmark = pytest.mark.usefixtures("tables")


def seen(order_id: str = ORDER_ID) -> list[dict[str, Any]]:
    status, answer = request("GET", f"/orders/{order_id}/history")
    assert status == 200
    assert answer["order"]["orderId"] == order_id
    moments: list[dict[str, Any]] = answer["moments"]
    return moments


def test_the_history_of_a_declined_order_has_people_and_times(
    tables: Tables, order_table: OrderTable
) -> None:
    prepare(tables, order_table)
    order_table.prolong(ORDER_ID, MARCO, LATER)
    order_table.decide(ORDER_ID, Decline(JULIA, "no milk"), LAST)
    assert [moment["what"] for moment in seen()] == [
        "received",
        "in preparation",
        "prolonged",
        "declined",
    ]
    order_table.end(ORDER_ID, RUN, Status.REJECTED, LAST, {"code": "ERROR-104"})
    assert seen() == [
        {"at": RECEIVED_AT, "what": "received"},
        {"at": NOW, "what": "in preparation"},
        {"at": LATER, "what": "prolonged", "by": "Marco"},
        {"at": LAST, "what": "declined", "by": "Julia", "reason": "no milk"},
        {"at": LAST, "what": "ended"},
    ]


def test_a_second_run_begins_a_history_of_its_own(tables: Tables, order_table: OrderTable) -> None:
    prepare(tables, order_table)
    order_table.prolong(ORDER_ID, MARCO, NOW)
    order_table.decide(ORDER_ID, Cancel(), NOW)
    order_table.end(ORDER_ID, RUN, Status.CANCELED, NOW, {"over_at": NOW})
    assert tables.claim(run=ANOTHER_RUN, by_hand=True, at=LATER)
    assert seen() == [
        {"at": NOW, "what": "an earlier run was over"},
        {"at": LATER, "what": "received"},
    ]
    assert "prolongedBy" not in tables.item()
    # The end of an event is known to the second only, which may be that in which its run began.
    order_table.end(ORDER_ID, ANOTHER_RUN, Status.CANCELED, LAST, {"over_at": RECEIVED_AT})
    assert [moment["what"] for moment in seen()] == ["received", "ended"]


@pytest.mark.parametrize("claim", ["by the workflow", "by the clean-up"])
def test_a_corrected_order_does_not_show_what_was_decided_about_the_invalid_one(
    tables: Tables, order_table: OrderTable, claim: str
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    order_table.end(ORDER_ID, None, Status.REJECTED, NOW, {"code": "ERROR-100"})
    assert [moment["what"] for moment in seen()] == ["decision without effect", "ended"]
    if claim == "by the clean-up":
        order_table.claim_unclaimed(ORDER_ID, RUN, LATER, {})
    else:
        assert tables.claim(at=LATER)
    assert seen() == [{"at": LATER, "what": "received"}]


def test_the_history_has_the_notifications(
    tables: Tables, order_table: OrderTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also that the records are where Powertools leaves them."""
    topic = client("sns").create_topic(Name="customers")["TopicArn"]
    monkeypatch.setenv("CUSTOMER_TOPIC_ARN", topic)
    prepare(tables, order_table)
    customer_notification(sqs_batch(make_event("OrderProcessor.OrderInPreparation")), Context())
    (told,) = [moment for moment in seen() if moment["what"].startswith("customer told")]
    assert told["what"] == "customer told that it is in preparation"
    completed = make_event("OrderProcessor.OrderCompleted", baristaId="Julia", message="Ready.")
    customer_notification(sqs_batch(completed), Context())
    assert seen()[-1]["what"] == "customer told how it ended"
    assert seen()[-1]["at"].endswith(".000Z")


def test_a_message_that_came_too_late_to_be_sent_is_not_in_the_history(
    tables: Tables, order_table: OrderTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = client("sns").create_topic(Name="customers")["TopicArn"]
    monkeypatch.setenv("CUSTOMER_TOPIC_ARN", topic)
    prepare(tables, order_table)
    late = make_event("OrderProcessor.OrderInPreparation")
    customer_notification(sqs_batch(make_event("OrderProcessor.OrderCompleted"), late), Context())
    assert [moment["what"] for moment in seen()][-1] == "customer told how it ended"
    assert not order_table.load_records(RUN).preparing


@pytest.mark.parametrize(
    ("decided", "status", "texts"),
    [
        (Decline(JULIA, "no milk"), Status.READY, {"barista_name": "Julia"}),
        (Complete(JULIA), Status.READY, {"barista_name": "Marco"}),
        (Complete(JULIA), Status.TIMED_OUT, {}),
        (Cancel(), Status.REJECTED, {"code": "ERROR-101"}),
    ],
)
def test_a_decision_that_did_not_end_the_order_is_told_as_such(
    tables: Tables,
    order_table: OrderTable,
    decided: Decision,
    status: Status,
    texts: dict[str, str | None],
) -> None:
    prepare(tables, order_table)
    order_table.decide(ORDER_ID, decided, LATER)
    order_table.end(ORDER_ID, RUN, status, LAST, dict(texts))
    assert [moment["what"] for moment in seen()][2:] == ["decision without effect", "ended"]


def test_a_notification_that_was_only_begun_is_not_in_the_history(
    tables: Tables, order_table: OrderTable
) -> None:
    prepare(tables, order_table)
    tables.orders.put_item(
        Item={
            "orderId": record_id(preparing_key(RUN)),
            "expiration": 1_775_031_600,
            "idempotencyStatus": "INPROGRESS",
        }
    )
    assert order_table.load_records(RUN).preparing
    assert [moment["what"] for moment in seen()] == ["received", "in preparation"]


def test_a_time_that_is_known_to_the_second_comes_last_in_that_second() -> None:
    order = Order(ORDER_ID, Status.READY, ended_at="2026-03-02T08:25:00.400Z")
    told = RunRecords(preparing=None, end=Record("2026-03-02T08:25:00.000Z", is_published=True))
    assert [entry.step for entry in timeline(order, told)] == [Step.ENDED, Step.TOLD_END]


def test_a_decision_without_a_time_is_left_out() -> None:
    order = Order(ORDER_ID, Status.IN_PREPARATION, decided=Decided("cancel", None, None, None))
    assert timeline(order) == []


def test_the_history_of_an_unknown_order_says_so() -> None:
    answer = request("GET", "/orders/17/history")
    assert answer == refused(404, "There is no order 17. Check the order id.")


def test_orders_that_have_ended_are_listed_latest_first(
    tables: Tables, order_table: OrderTable
) -> None:
    for number in range(56):
        at = f"2026-03-02T08:15:{59 - number:02}.000Z"  # Who came last is served first.
        tables.claim(str(number), run=f"{RUN}-{number}", at=at)
    for number in range(55):
        at = f"2026-03-02T08:16:{number:02}.000Z"
        order_table.end(str(number), f"{RUN}-{number}", Status.READY, at, {})
    status, answer = request("GET", "/orders", query={"status": "ended"})
    assert status == 200
    assert [order["orderId"] for order in answer["orders"]] == [
        str(number) for number in range(54, 4, -1)
    ]
    assert answer["orders"][0]["endedAt"] == "2026-03-02T08:16:54.000Z"
