"""How an order stands, and what is wrong with it, as `make trace` says."""

from datetime import timedelta

import pytest

from operations.assessment import describe_state, list_gaps, list_problems
from operations.evidence import Evidence, Run
from operations.timeline import timeline
from operations.trace import text
from orders.model import Cancel, Decided, Order, Status
from orders.notifications import Record, RunRecords
from tests.unit.events import (
    NOW,
    ORDER_ID,
    RECEIVED_AT,
    RUN,
    make_event,
)
from tests.unit.traced import (
    AT,
    BOTH_TOLD,
    ENDED_AT,
    MUCH_LATER,
    NAME,
    SOON_AFTER,
    START,
    ended,
    letter,
    preparing,
    run,
    told_lines,
)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Evidence(ORDER_ID, preparing()), "The order is in preparation for 40.000 s."),
        (
            Evidence(ORDER_ID, preparing(decision=Cancel())),
            "The order is in preparation for 40.000 s; the customer has canceled it.",
        ),
        (Evidence(ORDER_ID, ended()), "The order ended 10.000 s ago: Julia completed it."),
        (
            Evidence(ORDER_ID, ended(), records={RUN: BOTH_TOLD}),
            "The order ended 10.000 s ago: Julia completed it, and the customer was told.",
        ),
        (Evidence(ORDER_ID), "The order table has no such order."),
        (
            Evidence(
                ORDER_ID, letters={"OrderCreated": [letter(make_event("OrderCreated", run=None))]}
            ),
            "The order table has no such order; an event of it lies in a dead-letter queue.",
        ),
    ],
)
def test_one_sentence_gives_the_state_of_the_order(found: Evidence, sentence: str) -> None:
    assert describe_state(found, SOON_AFTER) == sentence


def over(status: str = "SUCCEEDED") -> Run:
    return run(status=status, ended=AT)


@pytest.mark.parametrize(
    "found",
    [
        Evidence(ORDER_ID, preparing(), slots={NAME}, runs=[run()], records={RUN: BOTH_TOLD}),
        Evidence(ORDER_ID, ended(), runs=[over()], records={RUN: BOTH_TOLD}),
        Evidence(ORDER_ID, ended(), slots={"another"}, runs=[over()], records={RUN: BOTH_TOLD}),
    ],
)
def test_a_sound_order_has_no_problem(found: Evidence) -> None:
    assert list_problems(found, MUCH_LATER) == []
    assert "Nothing is off." in text(found, MUCH_LATER)


NOBODY_TOLD = {RUN: RunRecords(None, None)}
DYING = {RUN: RunRecords(None, Record(ENDED_AT, is_published=False))}


@pytest.mark.parametrize(
    ("found", "off"),
    [
        (Evidence(ORDER_ID, ended(), slots={NAME}, runs=[over()]), "still has a slot"),
        (Evidence(ORDER_ID, preparing(), runs=[over("FAILED")]), "is over (FAILED), but the order"),
        (Evidence(ORDER_ID, ended(), runs=[run()]), "still runs"),
        (Evidence(ORDER_ID, ended(), records=NOBODY_TOLD), "has not been told how it ended"),
        (Evidence(ORDER_ID, ended(), records=DYING), "begun and is not known as done"),
        (
            Evidence(ORDER_ID, preparing(), records=NOBODY_TOLD),
            "has not been told that it is in preparation",
        ),
        (
            Evidence(ORDER_ID, preparing(decided=Decided("complete", NOW, "Julia", None))),
            "the same barista clicks again",
        ),
        (
            Evidence(ORDER_ID, preparing(decided=Decided("cancel", NOW, None, None))),
            "send OrderDeleted again",
        ),
        (
            Evidence(ORDER_ID, Order(ORDER_ID, Status.RECEIVED, received_at=RECEIVED_AT)),
            "not on the counter yet",
        ),
    ],
)
def test_a_problem_is_reported_after_the_time_that_its_mending_takes(
    found: Evidence, off: str
) -> None:
    (problem,) = list_problems(found, MUCH_LATER)
    assert off in problem
    assert f"! {problem}" in told_lines(found, MUCH_LATER)
    just_now = AT if not (found.order and found.order.ended_at) else AT + timedelta(seconds=31)
    if found.order and found.order.status is Status.RECEIVED:
        just_now = START + timedelta(seconds=1)
    assert list_problems(found, just_now) == []


def test_an_event_in_a_dead_letter_queue_is_a_problem_with_a_remedy() -> None:
    event = make_event("OrderProcessor.OrderCompleted")
    found = Evidence(
        ORDER_ID,
        ended(),
        letters={"CustomerNotification": [letter(event)], "OrderCreated": []},
        records=NOBODY_TOLD,
    )
    (problem,) = list_problems(found, MUCH_LATER)
    assert "1 of its events in the dead-letter queue CustomerNotification" in problem
    assert "make redrive" in problem
    entry = next(entry for entry in timeline(found) if entry.source == "queue")
    assert entry.text == (
        "OrderProcessor.OrderCompleted of this time lies in the dead-letter queue"
        " CustomerNotification"
    )


def test_a_notification_of_long_ago_is_not_missed() -> None:
    found = Evidence(ORDER_ID, ended(), records=NOBODY_TOLD)
    assert list_problems(found, AT + timedelta(days=31)) == []


def test_unread_sources_and_removed_data_are_named() -> None:
    found = Evidence(
        ORDER_ID,
        ended(user_id=None, drink=None, barista_name=None),
        unread={"the log of storefront": "not allowed; ask for logs:FilterLogEvents"},
    )
    said = list_gaps(found)
    assert said[0] == (
        "Could not read the log of storefront: not allowed; ask for logs:FilterLogEvents."
    )
    assert "OrderRetentionDays" in said[1]
    assert told_lines(found)[-3:] == [f"? {limit}" for limit in said]
