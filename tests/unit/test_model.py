"""The rules about an order."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.conflicts import OrderConflict, OrderError, OrderTimedOut, find_conflict
from orders.model import (
    Barista,
    Cancel,
    Complete,
    Decision,
    Decline,
    Fail,
    Order,
    Status,
    TaskToken,
    is_order_id,
)
from tests.unit.events import SECRET, TOKEN

JULIA = Complete(Barista("Julia", "Julia"))
PAUL = Complete(Barista("Paul", "Paul"))
NO_MILK = Decline(Barista("Julia", "Julia"), "no milk")
CANCEL = Cancel()
ACTIVE = [Status.RECEIVED, Status.IN_PREPARATION]
NO_BEANS = Decline(Barista("Julia", "Julia"), "no beans")
DECISIONS: list[Decision] = [JULIA, PAUL, NO_MILK, NO_BEANS, CANCEL, Fail()]
JULIAS = {JULIA, NO_MILK, NO_BEANS}  # One may replace the other.
WANTED: list[Decision | None] = [*DECISIONS, None]


def order(status: Status, decision: Decision | None = None, *, token: bool = True) -> Order:
    return Order(
        "17",
        status,
        barista_name="Julia",
        code="ERROR-101",
        decision=decision,
        task_token=TaskToken(TOKEN) if token else None,
    )


@pytest.mark.parametrize("status", [status for status in Status if status.has_ended])
@pytest.mark.parametrize("decision", WANTED)
@pytest.mark.parametrize("wanted", WANTED)
def test_nothing_can_be_done_with_an_order_that_has_ended(
    wanted: Decision | None, decision: Decision | None, status: Status
) -> None:
    refused = find_conflict(order(status, decision), wanted)
    assert type(refused) is (OrderTimedOut if status is Status.TIMED_OUT else OrderConflict)


@pytest.mark.parametrize("status", ACTIVE)
@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("wanted", WANTED)
def test_the_first_decision_stands(
    wanted: Decision | None, decision: Decision, status: Status
) -> None:
    refused = find_conflict(order(status, decision), wanted)
    if wanted == decision or {wanted, decision} <= JULIAS:
        assert refused is None
    else:
        assert isinstance(refused, OrderConflict)


@pytest.mark.parametrize("status", ACTIVE)
@pytest.mark.parametrize("wanted", WANTED)
def test_anything_can_be_done_while_the_workflow_waits(
    wanted: Decision | None, status: Status
) -> None:
    assert find_conflict(order(status), wanted) is None


@pytest.mark.parametrize("status", ACTIVE)
@pytest.mark.parametrize("wanted", WANTED)
def test_only_a_cancellation_comes_before_the_workflow_waits(
    wanted: Decision | None, status: Status
) -> None:
    refused = find_conflict(order(status, token=False), wanted)
    if wanted == CANCEL:
        assert refused is None
    else:
        assert isinstance(refused, OrderConflict)
        why = "not in preparation yet" if status is Status.RECEIVED else "about to end"
        assert why in str(refused)


def test_baristas_are_distinguished_by_their_ids() -> None:
    waiting = replace(order(Status.IN_PREPARATION), decision=Complete(Barista("1", "Julia")))
    assert find_conflict(waiting, Complete(Barista("1", "Julia K."))) is None
    refused = find_conflict(waiting, Complete(Barista("2", "Julia")))
    assert isinstance(refused, OrderConflict)
    assert "Julia has completed it" in str(refused)


def test_a_task_token_does_not_show_itself() -> None:
    secretive = order(Status.IN_PREPARATION)
    for shown in (
        repr(secretive.task_token),
        repr(secretive),
        str(secretive),
        f"{secretive}",
        f"{[secretive.task_token]}",
        f"{secretive.task_token!r}",
        repr(replace(secretive, decision=CANCEL)),
    ):
        assert SECRET not in shown


@pytest.mark.parametrize(
    "value", ["1", " 1", "\u00a0", "\ufffd", "a/b", "...", "%2e", "☕", "☕" * 500, "notification"]
)
def test_an_order_may_be_kept_under_any_string(value: str) -> None:
    assert is_order_id(value)


@pytest.mark.parametrize(
    "value",
    [
        *(None, 17, ["1"], "", " ", "\t\r\n", "☕" * 501, "\v1", "1\uffff", "\ud83d"),
        *("notification#1", ".", ".."),
    ],
)
def test_an_order_is_not_kept_under_what_is_no_key(value: object) -> None:
    assert not is_order_id(value)


texts = st.text(min_size=1, max_size=30)
baristas = st.builds(Barista, texts, texts)
decisions = st.one_of(
    st.builds(Complete, baristas), st.builds(Decline, baristas, texts), st.just(Cancel())
)
orders = st.builds(
    Order,
    order_id=texts,
    status=st.sampled_from(Status),
    barista_name=st.none() | texts,
    code=st.none() | texts,
    decision=st.none() | decisions,
    task_token=st.none() | st.just(TaskToken(TOKEN)),
)


@given(orders, st.none() | decisions)
def test_a_refusal_names_the_order_and_never_the_token(
    any_order: Order, wanted: Decision | None
) -> None:
    refused = find_conflict(any_order, wanted)
    assert refused is None or (
        isinstance(refused, OrderError)
        and any_order.order_id in str(refused)
        and SECRET not in str(refused)
    )
