"""The workflow's own writes, with the expressions that stand in its definition."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.model import Cancel, Status, TaskToken
from orders.order_table import OrderTable
from tests.contracts.definitions import states
from tests.unit.shop import ANOTHER_RUN, NAME, NOW, ORDER_ID, RUN, TOKEN, Shop

CLAIM_ENDED = "Claim ended order"


def reserved(shop: Shop, runs: int) -> list[bool]:
    return [shop.reserve(str(number)) for number in range(runs)]


# --- Reserve capacity, Reserve default capacity -------------------------------------------------


@pytest.mark.parametrize("capacity", [0, 1, 3])
def test_as_many_are_let_in_as_there_are_slots(shop: Shop, capacity: int) -> None:
    shop.configure(capacity=capacity)
    assert reserved(shop, 5) == [number < capacity for number in range(5)]
    assert len(shop.reservations()) == capacity


def test_ten_are_let_in_where_nothing_is_said(shop: Shop) -> None:
    assert reserved(shop, 12) == [True] * 10 + [False] * 2


def test_an_execution_takes_one_slot_however_often_it_asks(shop: Shop) -> None:
    shop.configure(capacity=1)
    assert shop.reserve("1")
    assert shop.reserve("1")
    assert shop.reservations() == {"1"}
    assert not shop.reserve("2")


def test_an_execution_keeps_its_slot_when_the_store_is_full(shop: Shop) -> None:
    shop.configure(capacity=2)
    assert reserved(shop, 3) == [True, True, False]
    assert shop.reserve("1")


def test_a_slot_that_came_back_is_given_away_again(shop: Shop) -> None:
    shop.configure(capacity=1)
    shop.reserve("1")
    shop.release("1")
    assert shop.reserve("2")


def test_the_last_slot_comes_back_too(shop: Shop) -> None:
    shop.configure(capacity=1)
    for _ in range(3):
        assert shop.reserve("1")
        assert not shop.reserve("2")
        shop.release("1")
    assert shop.reservations() == set()


def test_a_lowered_capacity_is_obeyed(shop: Shop) -> None:
    reserved(shop, 3)
    shop.configure(capacity=2)
    assert not shop.reserve("new")
    shop.release("0")
    assert not shop.reserve("new")
    shop.release("1")
    assert shop.reserve("new")
    assert shop.reservations() == {"2", "new"}


def test_whatever_is_done_to_the_config_item_the_slots_stay(shop: Shop) -> None:
    reserved(shop, 10)
    shop.configure()
    assert not shop.reserve("new")
    shop.config.delete_item(Key={"PK": "config"})
    assert not shop.reserve("new")
    assert len(shop.reservations()) == 10


def test_the_slot_of_a_run_is_not_freed_by_an_earlier_run_of_the_order(shop: Shop) -> None:
    shop.reserve(ANOTHER_RUN)
    shop.release(RUN)
    assert shop.reservations() == {"second"}


@pytest.mark.parametrize("state", ["Release capacity", "Release declined capacity"])
def test_releasing_is_idempotent_and_leaves_other_slots(shop: Shop, state: str) -> None:
    reserved(shop, 2)
    for _ in range(2):
        assert shop.release("0", state=state)
        assert shop.reservations() == {"1"}


# The table may be shared by the examples, for each begins with an empty store.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    capacity=st.none() | st.integers(0, 4),
    steps=st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef")), max_size=25),
)
def test_no_sequence_of_runs_overbooks_the_store(
    shop: Shop, capacity: int | None, steps: list[tuple[bool, str]]
) -> None:
    shop.config.delete_item(Key={"PK": "reservations"})
    shop.configure(**({} if capacity is None else {"capacity": capacity}))
    slots = 10 if capacity is None else capacity
    held: set[str] = set()
    for asks, run in steps:
        if asks:
            let_in = run in held or len(held) < slots
            assert shop.reserve(run) is let_in
            held |= {run} if let_in else set()
        else:
            shop.release(run)
            held.discard(run)
        assert shop.reservations() == held


# --- Claim order --------------------------------------------------------------------------------


def test_the_first_run_has_the_order(shop: Shop) -> None:
    assert shop.claim(run=RUN)
    assert not shop.claim(run=ANOTHER_RUN)
    assert shop.item()["execution"] == RUN


def test_an_order_may_say_what_its_customer_is_called(shop: Shop) -> None:
    assert shop.claim(state="Claim named order")
    assert shop.item()["name"] == NAME
    assert not shop.claim(run=ANOTHER_RUN, state="Claim named order")


def test_both_claims_differ_in_the_name_only() -> None:
    claim, named = states()["Claim order"], json.dumps(states()["Claim named order"])
    for part in (
        "#name = :name, ",
        ', "#name": "name"',
        '":name": {"S.$": "$.orderToCreate.name"}, ',
    ):
        assert named.count(part) == 1
        named = named.replace(part, "")
    assert json.loads(named) | {"Comment": ""} == claim | {"Comment": ""}


def test_a_retry_of_the_claim_passes(shop: Shop) -> None:
    assert shop.claim(run=RUN)
    assert shop.claim(run=RUN)


def test_a_repeated_event_does_not_get_an_order_that_has_ended(
    shop: Shop, order_table: OrderTable
) -> None:
    shop.claim(run=RUN)
    order_table.end(ORDER_ID, RUN, Status.READY, NOW, {})
    assert not shop.claim(run=ANOTHER_RUN)


def test_a_claim_keeps_a_cancellation_that_came_early(shop: Shop, order_table: OrderTable) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    assert shop.claim()
    order = order_table.load(ORDER_ID)
    assert order
    assert (order.status, order.decision) == (Status.RECEIVED, Cancel())


def test_an_order_that_was_invalid_can_be_sent_again_corrected(
    shop: Shop, order_table: OrderTable
) -> None:
    order_table.end(ORDER_ID, None, Status.REJECTED, NOW, {"code": "ERROR-100", "message": "No."})
    assert shop.claim()
    assert {"endedAt", "code", "message"}.isdisjoint(shop.item())


# --- Claim ended order --------------------------------------------------------------------------


def test_a_start_by_hand_runs_an_ended_order_again(shop: Shop, order_table: OrderTable) -> None:
    shop.claim()
    order_table.start_preparation(ORDER_ID, RUN, TaskToken(TOKEN), 0, NOW)
    order_table.end(
        ORDER_ID,
        RUN,
        Status.REJECTED,
        NOW,
        {"barista_name": "Julia", "code": "ERROR-104", "message": "Declined."},
    )

    assert shop.claim(run=ANOTHER_RUN, state=CLAIM_ENDED)
    as_new = {"orderId", "userId", "drink", "status", "counter", "receivedAt", "execution"}
    assert set(shop.item()) == as_new
    assert shop.item()["execution"] == ANOTHER_RUN
    assert shop.item()["status"] == "received"


def test_a_start_by_hand_does_not_take_an_active_order(shop: Shop) -> None:
    shop.claim()
    before = shop.item()
    assert not shop.claim(run=ANOTHER_RUN, state=CLAIM_ENDED)
    assert shop.item() == before


def test_an_ended_order_is_run_again_by_one_only(shop: Shop, order_table: OrderTable) -> None:
    shop.claim()
    order_table.end(ORDER_ID, RUN, Status.READY, NOW, {})
    assert shop.claim(run=ANOTHER_RUN, state=CLAIM_ENDED)
    assert shop.claim(run=ANOTHER_RUN, state=CLAIM_ENDED)
    assert not shop.claim(run=f"{RUN}-third", state=CLAIM_ENDED)


def test_late_news_of_the_earlier_run_change_nothing(shop: Shop, order_table: OrderTable) -> None:
    shop.claim()
    order_table.end(ORDER_ID, RUN, Status.TIMED_OUT, NOW, {})
    shop.claim(run=ANOTHER_RUN, state=CLAIM_ENDED)
    before = shop.item()
    assert order_table.start_preparation(ORDER_ID, RUN, TaskToken(TOKEN), 0, NOW) is None
    assert order_table.end(ORDER_ID, RUN, Status.FAILED, NOW, {}) is None
    assert shop.item() == before


@pytest.mark.parametrize("state", ["Claim order", CLAIM_ENDED])
@pytest.mark.parametrize("run", [RUN, ANOTHER_RUN])
def test_a_run_that_is_redriven_does_not_get_its_order_back(
    shop: Shop, order_table: OrderTable, state: str, run: str
) -> None:
    shop.claim()
    order_table.end(ORDER_ID, RUN, Status.FAILED, NOW, {})
    if run == ANOTHER_RUN:
        shop.claim(run=ANOTHER_RUN, state=CLAIM_ENDED)
    before = shop.item()
    assert not shop.claim(state=state)
    assert shop.item() == before
