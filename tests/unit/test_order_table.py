"""What the order table lets happen."""

import pytest

from aws.order_table import OrderTable, Written
from orders.model import (
    Barista,
    Cancel,
    Complete,
    Decision,
    Decline,
    Order,
    Status,
    TaskToken,
)
from tests.unit.events import ANOTHER_RUN, DRINK, NOW, ORDER_ID, RECEIVED_AT, RUN, TOKEN, USER_ID
from tests.unit.tables import Tables

JULIA, PAUL = Complete(Barista("Julia", "Julia")), Complete(Barista("Paul", "Paul"))
DECLINE = Decline(Barista("Julia", "Julia"), "no milk")
LATER = "2026-03-02T09:00:00.000Z"
BARISTAS: list[Decision] = [JULIA, DECLINE]


@pytest.fixture
def waiting(tables: Tables, order_table: OrderTable) -> str:
    """An order that waits for a barista."""
    tables.claim()
    assert order_table.start_preparation(ORDER_ID, RUN, TaskToken(TOKEN), 0, NOW)
    return ORDER_ID


def known(order_table: OrderTable, order_id: str = ORDER_ID) -> Order:
    order = order_table.load(order_id)
    assert order
    return order


def before_write(written: Written | None) -> Order:
    """The order as it was before a write that took place."""
    assert written
    assert written.before
    return written.before


def test_an_order_without_an_item_is_unknown(order_table: OrderTable) -> None:
    assert order_table.load(ORDER_ID) is None


def test_an_order_is_kept_to_the_end(waiting: str, order_table: OrderTable) -> None:
    received = known(order_table)
    assert (received.status, received.preparing_at) == (Status.IN_PREPARATION, NOW)
    assert received.task_token == TOKEN

    texts = {"barista_name": "Julia", "code": None, "message": "Ready."}
    assert before_write(order_table.end(waiting, RUN, Status.READY, LATER, texts)) == received
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


# --- Deciding: first come, first served ---------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *((decision, decision) for decision in (JULIA, DECLINE, Cancel())),
        (JULIA, Complete(Barista("Julia", "Julia K."))),
        (DECLINE, Decline(Barista("Julia", "Julia K."), "no milk")),
        (JULIA, DECLINE),
        (DECLINE, JULIA),
        (DECLINE, Decline(Barista("Julia", "Julia"), "no beans")),
    ],
)
def test_who_decided_may_decide_again(
    waiting: str, order_table: OrderTable, first: Decision, second: Decision
) -> None:
    before = before_write(order_table.decide(waiting, first, NOW))
    assert (before.decision, before.task_token) == (None, TOKEN)
    assert known(order_table).decision == first
    assert before_write(order_table.decide(waiting, second, LATER)).decision == first
    assert known(order_table).decision == second


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (JULIA, PAUL),
        (JULIA, Complete(Barista("another", "Julia"))),
        (JULIA, Cancel()),
        (DECLINE, Decline(Barista("another", "Julia"), "no milk")),
        (DECLINE, PAUL),
        (DECLINE, Cancel()),
        (Cancel(), JULIA),
        (Cancel(), DECLINE),
    ],
)
def test_another_decision_comes_too_late(
    waiting: str, order_table: OrderTable, first: Decision, second: Decision
) -> None:
    order_table.decide(waiting, first, NOW)
    assert order_table.decide(waiting, second, NOW) is None
    assert known(order_table).decision == first


@pytest.mark.parametrize("decision", [JULIA, DECLINE, Cancel()])
@pytest.mark.parametrize("status", [status for status in Status if status.has_ended])
def test_nothing_is_decided_after_the_end(
    waiting: str, order_table: OrderTable, status: Status, decision: Decision
) -> None:
    order_table.end(waiting, RUN, status, LATER, {})
    ended = known(order_table)
    assert order_table.decide(waiting, decision, NOW) is None
    assert known(order_table) == ended


@pytest.mark.parametrize("decision", BARISTAS)
def test_a_barista_decides_only_while_the_workflow_waits(
    tables: Tables, order_table: OrderTable, decision: Decision
) -> None:
    assert order_table.decide(ORDER_ID, decision, NOW) is None
    assert tables.item() == {}
    tables.claim()
    assert order_table.decide(ORDER_ID, decision, NOW) is None
    assert known(order_table).decision is None


# --- Following a run ----------------------------------------------------------------------------


def test_only_the_run_that_has_the_order_prepares_it(
    tables: Tables, order_table: OrderTable
) -> None:
    token = TaskToken(TOKEN)
    assert order_table.start_preparation(ORDER_ID, RUN, token, 0, NOW) is None
    assert tables.item() == {}
    tables.claim()
    before = tables.item()
    assert order_table.start_preparation(ORDER_ID, ANOTHER_RUN, token, 0, NOW) is None
    assert tables.item() == before


def test_the_time_of_preparation_is_that_of_the_first_event(
    waiting: str, order_table: OrderTable
) -> None:
    first = order_table.load(ORDER_ID)
    assert first
    order_table.start_preparation(
        ORDER_ID, waiting, TaskToken(TOKEN), 0, "2026-03-02T09:00:00.000Z"
    )
    again = order_table.load(ORDER_ID)
    assert again
    assert again.preparing_at == first.preparing_at


def test_an_ended_order_is_neither_prepared_nor_prolonged(
    waiting: str, tables: Tables, order_table: OrderTable
) -> None:
    order_table.end(waiting, RUN, Status.CANCELED, LATER, {})
    before = tables.item()
    assert order_table.start_preparation(waiting, RUN, TaskToken(TOKEN), 0, LATER) is None
    order_table.prolong(waiting, JULIA.barista, LATER)
    assert tables.item() == before


def test_an_order_ends_once(waiting: str, order_table: OrderTable) -> None:
    assert order_table.end(waiting, RUN, Status.READY, NOW, {"message": "Ready."})
    ended = known(order_table)
    assert order_table.end(waiting, RUN, Status.READY, LATER, {"message": "Ready."}) is None
    assert order_table.end(waiting, RUN, Status.FAILED, LATER, {"message": "Broken."}) is None
    assert known(order_table) == ended


def test_an_end_leaves_neither_token_nor_decision(
    waiting: str, tables: Tables, order_table: OrderTable
) -> None:
    order_table.decide(waiting, JULIA, NOW)
    order_table.end(waiting, RUN, Status.READY, LATER, {})
    assert {"taskToken", "decision"}.isdisjoint(tables.item())
    assert tables.item()["counter"] == "ended"


# --- What the public reads ----------------------------------------------------------------------


def test_the_public_sees_no_more_than_it_is_shown(waiting: str, order_table: OrderTable) -> None:
    order_table.decide(waiting, JULIA, NOW)
    assert order_table.load_public(waiting) == Order(
        waiting, Status.IN_PREPARATION, drink=DRINK, received_at=RECEIVED_AT
    )
    assert order_table.load_public("unknown") is None


def test_of_an_order_in_the_queue_the_public_reads_the_id(
    waiting: str, order_table: OrderTable
) -> None:
    assert list(order_table.list_queue()) == [waiting]
