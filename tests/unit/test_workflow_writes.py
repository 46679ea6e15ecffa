"""The workflow's own writes, with the expressions that stand in its definition."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aws.order_table import OrderTable
from orders.model import Cancel, Status, TaskToken
from tests.unit.events import ANOTHER_RUN, NAME, NOW, ORDER_ID, RUN, TOKEN
from tests.unit.tables import Tables


def reserved(tables: Tables, runs: int) -> list[bool]:
    return [tables.reserve(str(number)) for number in range(runs)]


# --- Reserve capacity, Release capacity ---------------------------------------------------------


def test_ten_slots_are_the_default(tables: Tables) -> None:
    assert reserved(tables, 12) == [True] * 10 + [False] * 2


def test_a_lowered_capacity_is_obeyed(tables: Tables) -> None:
    reserved(tables, 3)
    tables.configure(capacity=2)
    assert not tables.reserve("new")
    tables.release("0")
    assert not tables.reserve("new")
    tables.release("1")
    assert tables.reserve("new")
    assert tables.reservations() == {"2", "new"}


def test_the_slots_outlast_every_change_of_the_config_item(tables: Tables) -> None:
    reserved(tables, 10)
    tables.configure()
    assert not tables.reserve("new")
    tables.config.delete_item(Key={"PK": "config"})
    assert not tables.reserve("new")
    assert len(tables.reservations()) == 10


# The table may be shared by the examples, for each begins with an empty store.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacity=st.none() | st.integers(0, 4),
    steps=st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef")), max_size=25),
)
def test_no_sequence_of_runs_overbooks_the_store(
    tables: Tables, capacity: int | None, steps: list[tuple[bool, str]]
) -> None:
    tables.config.delete_item(Key={"PK": "reservations"})
    tables.configure(**({} if capacity is None else {"capacity": capacity}))
    slots = 10 if capacity is None else capacity
    held: set[str] = set()
    for asks, run in steps:
        if asks:
            let_in = run in held or len(held) < slots
            assert tables.reserve(run) is let_in
            held |= {run} if let_in else set()
        else:
            tables.release(run)
            held.discard(run)
        assert tables.reservations() == held


# --- Claim order --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [NAME, None])
def test_an_order_may_say_what_its_customer_is_called(tables: Tables, name: str | None) -> None:
    assert tables.claim(name=name)
    assert tables.item()["name"] == name


def test_the_first_run_has_the_order_and_may_claim_it_again(
    tables: Tables, order_table: OrderTable
) -> None:
    assert tables.claim()
    assert tables.claim()
    assert not tables.claim(run=ANOTHER_RUN)
    assert tables.item()["execution"] == RUN
    order_table.end(ORDER_ID, RUN, Status.READY, NOW, {})
    assert not tables.claim(run=ANOTHER_RUN)


def test_a_claim_keeps_a_cancellation_that_came_early(
    tables: Tables, order_table: OrderTable
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    assert tables.claim()
    order = order_table.load(ORDER_ID)
    assert order
    assert (order.status, order.decision) == (Status.RECEIVED, Cancel())


def test_an_order_that_was_invalid_can_be_sent_again_corrected(
    tables: Tables, order_table: OrderTable
) -> None:
    order_table.end(ORDER_ID, None, Status.REJECTED, NOW, {"code": "ERROR-100", "message": "No."})
    assert tables.claim()
    assert {"endedAt", "code", "message"}.isdisjoint(tables.item())


# --- Claim order, in a start by hand ------------------------------------------------------------


def test_a_start_by_hand_runs_an_ended_order_again(tables: Tables, order_table: OrderTable) -> None:
    tables.claim(name=NAME)
    as_new = tables.item()
    order_table.start_preparation(ORDER_ID, RUN, TaskToken(TOKEN), 0, NOW)
    order_table.end(
        ORDER_ID,
        RUN,
        Status.REJECTED,
        NOW,
        {"barista_name": "Julia", "code": "ERROR-104", "message": "Declined."},
    )

    assert tables.claim(run=ANOTHER_RUN, by_hand=True)
    assert tables.item() == as_new | {"name": None, "execution": ANOTHER_RUN}


def test_an_ended_order_is_run_again_by_one_only(tables: Tables, order_table: OrderTable) -> None:
    tables.claim()
    order_table.end(ORDER_ID, RUN, Status.READY, NOW, {})
    assert tables.claim(run=ANOTHER_RUN, by_hand=True)
    assert tables.claim(run=ANOTHER_RUN, by_hand=True)
    assert not tables.claim(run=f"{RUN}-third", by_hand=True)


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize("run", [RUN, ANOTHER_RUN])
def test_a_run_that_is_redriven_does_not_get_its_order_back(
    tables: Tables, order_table: OrderTable, by_hand: bool, run: str
) -> None:
    tables.claim()
    order_table.end(ORDER_ID, RUN, Status.FAILED, NOW, {})
    if run == ANOTHER_RUN:
        tables.claim(run=ANOTHER_RUN, by_hand=True)
    before = tables.item()
    assert not tables.claim(by_hand=by_hand)
    assert tables.item() == before
