"""How an order stands, and what is wrong with it, as `make trace` says."""

from datetime import timedelta
from typing import Any

import pytest

from operations.assessment import describe_state, list_gaps, list_problems
from operations.evidence import Evidence, Run
from operations.trace import report
from orders.model import Cancel, Decided, Order, Status
from orders.notifications import Record, RunRecords
from tests.unit.events import NOW, ORDER_ID, RECEIVED_AT, RUN, make_event
from tests.unit.traced import (
    AT,
    BOTH_TOLD,
    ENDED_AT,
    MUCH_LATER,
    NAME,
    SOON_AFTER,
    ended,
    letter,
    preparing,
    run,
)

ANNOUNCED = make_event("OrderProcessor.OrderCompleted")
NOBODY_TOLD = {RUN: RunRecords(None, None)}
DYING = {RUN: RunRecords(None, Record(ENDED_AT, is_published=False))}
RECEIVED = Order(ORDER_ID, Status.RECEIVED, received_at=RECEIVED_AT)


def over(status: str = "SUCCEEDED") -> Run:
    return run(status=status, ended=AT)


@pytest.mark.parametrize(
    ("order", "more", "sentence"),
    [
        (preparing(), {}, "The order is in preparation for 40.000 s."),
        (
            preparing(decision=Cancel()),
            {},
            "The order is in preparation for 40.000 s; the customer has canceled it.",
        ),
        (ended(), {}, "The order ended 10.000 s ago: Julia completed it."),
        (
            ended(),
            {"records": {RUN: BOTH_TOLD}},
            "The order ended 10.000 s ago: Julia completed it, and the customer was told.",
        ),
        (None, {}, "The order table has no such order."),
        (
            None,
            {"letters": {"OrderCreated": [letter(ANNOUNCED)]}},
            "The order table has no such order; an event of it lies in a dead-letter queue.",
        ),
    ],
)
def test_one_sentence_gives_the_state_of_the_order(
    order: Order | None, more: dict[str, Any], sentence: str
) -> None:
    assert describe_state(Evidence(ORDER_ID, order, **more), SOON_AFTER) == sentence


@pytest.mark.parametrize(
    ("order", "more"),
    [
        (preparing(), {"slots": {NAME}, "runs": [run()], "records": {RUN: BOTH_TOLD}}),
        (ended(), {"slots": {"another"}, "runs": [over()], "records": {RUN: BOTH_TOLD}}),
    ],
)
def test_a_sound_order_has_no_problem(order: Order, more: dict[str, Any]) -> None:
    found = Evidence(ORDER_ID, order, **more)
    assert list_problems(found, MUCH_LATER) == []
    assert "Nothing is off." in report(found, MUCH_LATER)


@pytest.mark.parametrize(
    ("order", "more", "off"),
    [
        (ended(), {"slots": {NAME}, "runs": [over()]}, "still has a slot"),
        (preparing(), {"runs": [over("FAILED")]}, "is over (FAILED), but the order"),
        (ended(), {"runs": [run()]}, "still runs"),
        (ended(), {"records": NOBODY_TOLD}, "has not been told how it ended"),
        (ended(), {"records": DYING}, "begun and is not known as done"),
        (preparing(), {"records": NOBODY_TOLD}, "has not been told that it is in preparation"),
        (
            preparing(decided=Decided("complete", NOW, "Julia", None)),
            {},
            "the same barista clicks again",
        ),
        (preparing(decided=Decided("cancel", NOW, None, None)), {}, "send OrderDeleted again"),
        (RECEIVED, {}, "not on the counter yet"),
    ],
)
def test_a_problem_is_reported_after_the_time_that_its_mending_takes(
    order: Order, more: dict[str, Any], off: str
) -> None:
    found = Evidence(ORDER_ID, order, **more)
    (problem,) = list_problems(found, MUCH_LATER)
    assert off in problem
    assert f"\n! {problem}\n" in report(found, MUCH_LATER)
    just_now = AT + timedelta(seconds=31) if order.ended_at else AT
    assert list_problems(found, just_now - timedelta(minutes=5) * (order is RECEIVED)) == []


def test_an_event_in_a_dead_letter_queue_is_a_problem_with_a_remedy() -> None:
    letters = {"CustomerNotification": [letter(ANNOUNCED)], "OrderCreated": []}
    found = Evidence(ORDER_ID, ended(), letters=letters, records=NOBODY_TOLD)
    (problem,) = list_problems(found, MUCH_LATER)
    assert "1 of its events in the dead-letter queue CustomerNotification" in problem
    assert "make redrive" in problem
    lies = "OrderProcessor.OrderCompleted of this time lies in the dead-letter queue"
    assert f"{lies} CustomerNotification" in report(found, MUCH_LATER)


def test_a_notification_of_long_ago_is_not_missed() -> None:
    found = Evidence(ORDER_ID, ended(), records=NOBODY_TOLD)
    assert list_problems(found, AT + timedelta(days=31)) == []


def test_unread_sources_and_removed_data_are_named() -> None:
    forgotten = ended(user_id=None, drink=None, barista_name=None)
    found = Evidence(ORDER_ID, forgotten, unread={"the log of storefront": "not allowed"})
    said = list_gaps(found)
    assert said[0] == "Could not read the log of storefront: not allowed."
    assert "OrderRetentionDays" in said[1]
    assert report(found, SOON_AFTER).splitlines()[-3:] == [f"? {gap}" for gap in said]
