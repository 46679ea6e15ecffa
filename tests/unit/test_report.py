"""What `make trace` prints of an order: its story without a task token, its state, what is off."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from operations.dead_letters import DeadLetter
from operations.printing import format_duration
from operations.report import Evidence, Run, list_problems, report
from orders.model import Barista, Complete, Decided, Order, Status, TaskToken, iso
from orders.notifications import Record, RunRecords
from tests.unit.events import (
    DRINK,
    NOW,
    ORDER_ID,
    RECEIVED_AT,
    RUN,
    TOKEN,
    USER_ID,
    make_event,
    waiting_event,
)

START, AT = datetime.fromisoformat(RECEIVED_AT), datetime.fromisoformat(NOW)
ENDED_AT = iso(AT + timedelta(seconds=30))
SOON_AFTER, MUCH_LATER = AT + timedelta(seconds=40), AT + timedelta(minutes=30)
BOTH_TOLD = {RUN: RunRecords(Record(NOW, is_published=True), Record(ENDED_AT, is_published=True))}
NOBODY_TOLD = {RUN: RunRecords(None, None)}
TOLD_HALF = {RUN: RunRecords(None, Record(ENDED_AT, is_published=False))}
WAIT = "Awaiting order completion"


def run(*events: tuple[int, str, Any]) -> Run:
    """An execution with the history that the API gives: the details under a key of their type.

    Each event has the milliseconds since the start, its type, and its details.
    """
    history: list[Any] = []
    for millis, kind, details in events:
        _, is_state, what = kind.partition("State")
        key = f"state{what}" if is_state else f"{kind[0].lower()}{kind[1:]}"
        at = START + timedelta(milliseconds=millis)
        history.append({"type": kind, "timestamp": at, f"{key}EventDetails": details})
    return Run(RUN, history)


WAITS: list[tuple[int, str, Any]] = [
    (0, "ExecutionStarted", {"input": "{}"}),
    (12, "TaskStateEntered", {"name": "Claim order"}),
    (45, "TaskStateExited", {"name": "Claim order"}),
    (50, "TaskStateEntered", {"name": WAIT}),
    (52, "TaskScheduled", {"parameters": json.dumps({"Detail": {"TaskToken": TOKEN}})}),
]
# A barista who pastes what no barista can know.
CAUSE = {"error": "OrderDeclined", "cause": f"no milk {TOKEN}"}
DECLINED = run(
    *WAITS,
    (180_060, "TaskFailed", CAUSE),
    (180_070, "TaskStateExited", {"name": WAIT}),
    (180_100, "ExecutionSucceeded", {}),
)
RUNS, FAILED = run(*WAITS), run(*WAITS, (60, "ExecutionFailed", {}))
KNOWN = {"user_id": USER_ID, "drink": DRINK, "execution": RUN, "received_at": RECEIVED_AT}
RECEIVED = Order(ORDER_ID, Status.RECEIVED, received_at=RECEIVED_AT)


def preparing(**more: Any) -> Order:
    known: dict[str, Any] = KNOWN | {"preparing_at": NOW, "task_token": TaskToken(TOKEN)}
    return Order(ORDER_ID, Status.IN_PREPARATION, **(known | more))


def ended(status: Status = Status.READY, **more: Any) -> Order:
    known: dict[str, Any] = KNOWN | {"preparing_at": NOW, "ended_at": ENDED_AT}
    return Order(ORDER_ID, status, **(known | {"barista_name": "Julia"} | more))


def letter(event: Any) -> DeadLetter:
    return DeadLetter.read({"Body": json.dumps(event), "Attributes": {"SentTimestamp": "0"}})


def test_the_story_is_in_time_order_and_says_how_long_each_step_took() -> None:
    decided = Decided("decline", NOW, "Julia", "no milk")
    at = START + timedelta(milliseconds=900)
    found = Evidence(
        ORDER_ID,
        ended(Status.REJECTED, code="ERROR-104", message="No.", decided=decided),
        lines=[{"at": at, "service": "order_tracking", "level": "ERROR", "message": "Failed"}],
        runs=[DECLINED],
        records=BOTH_TOLD,
    )
    lines = report(found, SOON_AFTER).splitlines()
    assert lines[0].split() == ["TIME", "(UTC)", "+", "SOURCE", "WHAT", "HAPPENED"]
    source = lines[0].index("SOURCE")
    assert [line[source:] for line in lines[1:14]] == [
        "workflow  execution first: ExecutionStarted",
        f"table     received: {DRINK} for {USER_ID}",
        "workflow  Claim order: took 0.033 s",
        f"workflow  {WAIT}: took 0:03:00",
        "log       ERROR order_tracking: Failed",
        f"workflow  {WAIT}: TaskFailed OrderDeclined: no milk (task token)",
        "workflow  execution first: ExecutionSucceeded",
        "table     in preparation",
        "table     declined by Julia (no milk)",
        "table     customer told that it is in preparation",
        "table     ended: rejected, ERROR-104, No.",
        "table     customer told how it ended",
        "",
    ]
    times = [line[:source].split() for line in lines]
    assert times[3] == ["2026-03-02", "08:15:00.012", "+0.012", "s"]
    assert times[6] == ["2026-03-02", "08:18:00.060", "+0:02:59"]
    assert times[10] == ["2026-03-02", "08:20:00"]
    assert times[11] == ["2026-03-02", "08:20:30.000", "+30.000", "s"]
    assert lines[14:16] == [
        "The order ended 10.000 s ago: it was rejected (ERROR-104).",
        "Nothing is off.",
    ]


def test_no_task_token_is_in_the_story_wherever_it_came_from() -> None:
    """The token of a text comes from anywhere: a cause, a line, a name, a letter's own fields."""
    line = {"at": AT, "service": "s", "message": f"said {TOKEN}", "reason": f'{{"t": "{TOKEN}"}}'}
    found = Evidence(
        ORDER_ID,
        preparing(drink=TOKEN, decision=Complete(Barista("1", TOKEN)), task_token=None),
        lines=[line],
        runs=[DECLINED],
        unread={f"source {TOKEN}": f"because of {TOKEN}"},
    )
    assert TOKEN not in report(found, MUCH_LATER)
    found.runs.clear()  # Then one of the letter, or the order's own, is what is known.
    found.letters = {"OrderTracking": [letter(waiting_event() | {"detail-type": TOKEN})]}
    assert TOKEN not in report(found, MUCH_LATER)
    found.letters, found.order = {}, preparing(drink=TOKEN)
    assert TOKEN not in report(found, MUCH_LATER)


def test_a_long_base64_word_and_what_controls_the_terminal_is_not_printed() -> None:
    order = preparing(drink="Latte\x1b[2J\r\nfaked line", name="A\u202eda")
    found = Evidence(ORDER_ID, order, lines=[{"at": AT, "message": f"said {'c2VjcmV0' * 60}="}])
    told = report(found, SOON_AFTER)
    assert "said (task token)\n" in told
    assert "received: Latte [2J faked line for A da\n" in told


def test_a_state_that_was_not_left_is_marked_and_what_is_unknown_is_left_out() -> None:
    order = ended(drink=None, user_id=None, decided=Decided("decline", NOW, None, None))
    line = {"at": AT, "service": None, "message": "said", "code": None}
    found = Evidence(ORDER_ID, order, lines=[line], runs=[RUNS], records=TOLD_HALF)
    told = report(found, SOON_AFTER)
    assert f"{WAIT}: not left yet" in told
    assert "begun, and not known as done: customer told how it ended" in told
    assert "None" not in told
    found.runs = [run(*WAITS, (70, "ExecutionAborted", {}))]
    assert f"{WAIT}: not left\n" in report(found, SOON_AFTER)


def test_executions_are_found_wherever_they_are_named() -> None:
    arns = [f"{RUN}-{number}" for number in range(4)]
    lines: list[Any] = [
        {"execution": arns[0]},
        {"notification": f"notification#{arns[1]}#in preparation"},
        {"message": arns[3]},
    ]
    parked = {"OrderTracking": [letter(make_event("OrderCreated", run=arns[2]))]}
    found = Evidence(ORDER_ID, preparing(), lines=lines, letters=parked)
    assert found.executions() == [RUN, *arns[:3]]


@pytest.mark.parametrize(
    ("order", "more", "now", "state"),
    [
        (None, {}, SOON_AFTER, "The order table has no such order."),
        (RECEIVED, {}, START, "The order is received for 0.000 s."),
        (
            preparing(),
            {"slots": {"first"}, "runs": [RUNS], "records": BOTH_TOLD},
            MUCH_LATER,
            "The order is in preparation for 0:30:00.",
        ),
        (
            ended(),
            {"slots": {"another"}, "runs": [FAILED], "records": BOTH_TOLD},
            MUCH_LATER,
            "The order ended 0:29:30 ago: Julia completed it.",
        ),
        # Of long ago: the records of the notifications are gone.
        (ended(), {"records": NOBODY_TOLD}, AT + timedelta(days=31), "The order ended 30 days, "),
    ],
)
def test_a_sound_order_has_a_state_and_no_problem(
    order: Order | None, more: dict[str, Any], now: datetime, state: str
) -> None:
    told = report(Evidence(ORDER_ID, order, **more), now)
    assert f"\n\n{state}" in told
    assert "\nNothing is off.\n" in told


@pytest.mark.parametrize(
    ("order", "more", "off"),
    [
        (
            ended(),
            {"slots": {"first"}, "runs": [FAILED]},
            "Execution first is over and still has a slot",
        ),
        (preparing(), {"runs": [FAILED]}, "execution is over, but the order is not"),
        (ended(), {"runs": [RUNS]}, "still runs"),
        (ended(), {"records": NOBODY_TOLD}, "not known to have been told how it ended"),
        (ended(), {"records": TOLD_HALF}, "not known to have been told how it ended"),
        (preparing(), {"records": NOBODY_TOLD}, "been told that it is in preparation"),
        (preparing(decided=Decided("complete", NOW, "Julia", None)), {}, "same barista clicks"),
        (preparing(decided=Decided("cancel", NOW, None, None)), {}, "send OrderDeleted again"),
        (RECEIVED, {}, "not on the counter yet"),
    ],
)
def test_a_problem_is_one_after_the_time_that_its_mending_takes(
    order: Order, more: dict[str, Any], off: str
) -> None:
    found = Evidence(ORDER_ID, order, **more)
    (problem,) = list_problems(found, MUCH_LATER)
    assert off in problem
    just_now = START if order is RECEIVED or FAILED in found.runs else SOON_AFTER
    assert list_problems(found, just_now) == []


def test_an_event_in_a_dead_letter_queue_is_a_problem_at_once_with_a_remedy() -> None:
    event = make_event("OrderProcessor.OrderCompleted")
    letters = {"CustomerNotification": [letter(event)], "OrderCreated": []}
    found = Evidence(ORDER_ID, ended(), letters=letters, records=NOBODY_TOLD)
    lies = "OrderProcessor.OrderCompleted of this time lies in the dead-letter queue"
    assert f"{lies} CustomerNotification" in report(found, SOON_AFTER)
    for now in (SOON_AFTER, MUCH_LATER):  # No second problem is made of it later.
        (problem,) = list_problems(found, now)
        assert problem.startswith("1 of its events in the dead-letter queue CustomerNotification")
        assert "make redrive" in problem


def test_unread_sources_and_removed_data_are_named() -> None:
    unread = {"the log of storefront": "no"}
    told = report(Evidence(ORDER_ID, ended(drink=None), unread=unread), SOON_AFTER)
    gaps = [line for line in told.splitlines() if line.startswith("? ")]
    assert gaps[0] == "? Could not read the log of storefront: no."
    assert "OrderRetentionDays" in gaps[1]
    assert gaps[2].startswith("? Not shown: ")


def test_a_duration_has_fractions_only_where_they_matter() -> None:
    seconds = (-1, 0.0314, 60, 86_400 + 3599.6)
    told = [format_duration(timedelta(seconds=number)) for number in seconds]
    assert told == ["0.000 s", "0.031 s", "0:01:00", "1 day, 1:00:00"]
