"""What the order table lets happen, shows, and forgets."""

from itertools import product
from typing import Any

import pytest

from aws.clients import counter_index
from aws.order_table import OrderTable
from orders.model import (
    Barista,
    Cancel,
    Complete,
    Decision,
    Decline,
    Order,
    Status,
    TaskToken,
    Use,
    attributes,
)
from tests.unit.events import ANOTHER_RUN, DRINK, NOW, ORDER_ID, RECEIVED_AT, RUN, TOKEN, USER_ID
from tests.unit.tables import Tables

JULIA = Complete(Barista("Julia", "Julia"))
DECISIONS: list[Decision] = [
    JULIA,
    Complete(Barista("Julia", "Julia K.")),
    Complete(Barista("another", "Julia")),
    Decline(Barista("Julia", "Julia"), "no milk"),
    Decline(Barista("Julia", "Julia"), "no beans"),
    Decline(Barista("another", "Julia"), "no milk"),
    Cancel(),
]
LATER = "2026-03-02T09:00:00.000Z"


def test_an_order_is_kept_to_the_end(waiting: str, order_table: OrderTable) -> None:
    received = order_table.load(waiting)
    assert received
    assert (received.status, received.preparing_at) == (Status.IN_PREPARATION, NOW)
    assert received.task_token == TOKEN

    texts = {"barista_name": "Julia", "code": None, "message": "Ready."}
    written = order_table.end(waiting, RUN, Status.READY, LATER, texts)
    assert written
    assert written.before == received
    assert order_table.load(waiting) == Order(
        waiting,
        Status.READY,
        user_id=USER_ID,
        drink=DRINK,
        execution=RUN,
        barista_name="Julia",
        message="Ready.",
        received_at=RECEIVED_AT,
        preparing_at=NOW,
        ended_at=LATER,
    )


@pytest.mark.parametrize(("first", "second"), [*product(DECISIONS, DECISIONS)])
def test_the_first_decision_is_kept_unless_it_is_the_one_to_be_replaced(
    waiting: str, order_table: OrderTable, first: Decision, second: Decision
) -> None:
    order_table.decide(waiting, first, NOW)
    decided = order_table.load(waiting)
    assert decided
    assert (decided.decision, decided.task_token) == (first, TOKEN)
    written = order_table.decide(waiting, second, NOW)
    assert (written and written.before) == (decided if first == second else None)
    for other in DECISIONS:
        written = order_table.decide(waiting, second, LATER, replacing=other)
        if other == first:
            break
        assert written is None
    kept = order_table.load(waiting)
    assert kept
    assert kept.decision == second


def test_an_ended_order_is_not_prolonged(
    waiting: str, tables: Tables, order_table: OrderTable
) -> None:
    """A time-out may come between the heartbeat and its note."""
    order_table.end(waiting, RUN, Status.CANCELED, LATER, {})
    before = tables.item()
    order_table.prolong(waiting, JULIA.barista, LATER)
    assert tables.item() == before


# --- What the counter and the public read -------------------------------------------------------


def test_the_counter_is_read_to_the_last_page(tables: Tables, order_table: OrderTable) -> None:
    # DynamoDB ends a page after 1 MB.
    for number in range(12):
        tables.claim(str(number), drink="x" * 200_000, at=f"2026-03-02T08:{number:02}:00.000Z")
        order_table.start_preparation(str(number), RUN, TaskToken(TOKEN), 0, NOW)
    first_page: Any = tables.orders.query(
        IndexName="counter",
        KeyConditionExpression="#counter = :counter",
        ExpressionAttributeNames={"#counter": "counter"},
        ExpressionAttributeValues={":counter": "active"},
    )
    assert first_page["Count"] < 12
    assert [order.order_id for order in counter_index().list_in_preparation()] == [
        str(n) for n in range(12)
    ]


@pytest.mark.usefixtures("waiting")
def test_the_counters_index_holds_no_token(tables: Tables) -> None:
    [item] = tables.orders.scan(IndexName="counter")["Items"]
    assert item["orderId"] == ORDER_ID
    assert set(item) <= {"counter", "sortedAt", "status", "orderId"} | {
        *attributes(Use.COUNTER).values()
    }
    assert "taskToken" in tables.item()


def test_the_public_sees_no_more_than_it_is_shown(waiting: str, order_table: OrderTable) -> None:
    order_table.decide(waiting, JULIA, NOW)
    assert order_table.load_public(waiting) == Order(
        waiting, Status.IN_PREPARATION, drink=DRINK, received_at=RECEIVED_AT
    )
    assert order_table.load_public("unknown") is None


# --- A month after its end an order is still known, and its personal data is removed ------------


def test_an_ended_order_forgets_its_people_and_is_still_known(
    waiting: str, tables: Tables, order_table: OrderTable
) -> None:
    texts: dict[str, str | None] = {"barista_name": "Julia", "message": "Ready."}
    order_table.prolong(waiting, JULIA.barista, NOW)
    order_table.decide(waiting, JULIA, NOW)
    order_table.end(waiting, RUN, Status.READY, NOW, texts)
    assert list(counter_index().list_ended_before(NOW)) == []
    assert not order_table.forget(waiting, NOW)
    assert list(counter_index().list_ended_before(LATER)) == [waiting]
    assert order_table.forget(waiting, LATER)
    assert tables.item() == {
        "orderId": waiting,
        "execution": RUN,
        "status": "ready for pickup",
        "receivedAt": RECEIVED_AT,
        "preparingAt": NOW,
        "prolongedAt": NOW,
        "endedAt": NOW,
    }
    assert list(counter_index().list_ended_before(LATER)) == []
    assert not order_table.forget(waiting, LATER)
    assert not tables.claim(run=ANOTHER_RUN)
    assert order_table.end(waiting, RUN, Status.READY, LATER, texts) is None
    assert order_table.end(waiting, None, Status.FAILED, LATER, texts) is None


def test_a_refused_order_forgets_its_people(tables: Tables, order_table: OrderTable) -> None:
    texts: dict[str, str | None] = {"user_id": USER_ID, "code": "ERROR-100", "message": "Not so."}
    order_table.end(ORDER_ID, None, Status.REJECTED, NOW, texts)
    assert list(counter_index().list_ended_before(LATER)) == [ORDER_ID]
    assert order_table.forget(ORDER_ID, LATER)
    assert tables.item() == {
        "orderId": ORDER_ID,
        "status": "rejected",
        "code": "ERROR-100",
        "receivedAt": NOW,
        "endedAt": NOW,
    }


def test_an_order_that_was_started_again_is_not_forgotten(
    waiting: str, tables: Tables, order_table: OrderTable
) -> None:
    order_table.end(waiting, RUN, Status.TIMED_OUT, NOW, {})
    assert list(counter_index().list_ended_before(LATER)) == [waiting]
    assert tables.claim(run=ANOTHER_RUN, by_hand=True)
    assert list(counter_index().list_ended_before(LATER)) == []
    before = tables.item()
    assert not order_table.forget(waiting, LATER)
    assert tables.item() == before
