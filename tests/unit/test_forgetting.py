"""A month after its end an order is still known, and its personal data is removed."""

import pytest

from aws.order_table import OrderTable
from orders.model import (
    Barista,
    Complete,
    Status,
    TaskToken,
)
from tests.unit.events import ANOTHER_RUN, NOW, ORDER_ID, RECEIVED_AT, RUN, TOKEN, USER_ID
from tests.unit.tables import Tables

JULIA = Complete(Barista("Julia", "Julia"))
LATER = "2026-03-02T09:00:00.000Z"


@pytest.fixture
def waiting(tables: Tables, order_table: OrderTable) -> str:
    """An order that waits for a barista."""
    tables.claim()
    assert order_table.start_preparation(ORDER_ID, RUN, TaskToken(TOKEN), 0, NOW)
    return ORDER_ID


def test_an_ended_order_forgets_its_people_and_is_still_known(
    waiting: str, tables: Tables, order_table: OrderTable
) -> None:
    texts: dict[str, str | None] = {"barista_name": "Julia", "message": "Ready."}
    order_table.prolong(waiting, JULIA.barista, NOW)
    order_table.decide(waiting, JULIA, NOW)
    order_table.end(waiting, RUN, Status.READY, NOW, texts)
    assert list(order_table.list_ended_before(NOW)) == []
    assert not order_table.forget(waiting, NOW)
    assert list(order_table.list_ended_before(LATER)) == [waiting]
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
    assert list(order_table.list_ended_before(LATER)) == []
    assert not order_table.forget(waiting, LATER)
    assert not tables.claim(run=ANOTHER_RUN)
    assert order_table.end(waiting, RUN, Status.READY, LATER, texts) is None
    assert order_table.end(waiting, None, Status.FAILED, LATER, texts) is None


def test_a_refused_order_forgets_its_people(tables: Tables, order_table: OrderTable) -> None:
    texts: dict[str, str | None] = {"user_id": USER_ID, "code": "ERROR-100", "message": "Not so."}
    order_table.end(ORDER_ID, None, Status.REJECTED, NOW, texts)
    assert list(order_table.list_ended_before(LATER)) == [ORDER_ID]
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
    assert list(order_table.list_ended_before(LATER)) == [waiting]
    assert tables.claim(run=ANOTHER_RUN, by_hand=True)
    assert list(order_table.list_ended_before(LATER)) == []
    before = tables.item()
    assert not order_table.forget(waiting, LATER)
    assert tables.item() == before
