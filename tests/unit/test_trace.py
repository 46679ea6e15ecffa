"""What `make trace` makes of what it has read: the story, how it stands, and what is off."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from operations.dead_letters import Letter
from operations.evidence import Evidence, Line, Run
from operations.standing import limits, problems, standing
from operations.story import span, story
from operations.trace import text
from orders.model import Barista, Cancel, Complete, Decided, Order, Status, TaskToken, iso
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
NAME = RUN.rpartition(":")[2]
BOTH_TOLD = RunRecords(Record(NOW, is_published=True), Record(ENDED_AT, is_published=True))

type Happened = tuple[int, str, dict[str, Any]]


def happened(*events: Happened) -> list[Any]:
    """An execution's history: each event with its milliseconds since the start, and its details."""
    return [
        {
            "id": number,
            "previousEventId": number - 1,
            "type": kind,
            "timestamp": START + timedelta(milliseconds=millis),
        }
        | details
        for number, (millis, kind, details) in enumerate(events, start=1)
    ]


def state(what: str, name: str) -> dict[str, Any]:
    return {f"state{what}EventDetails": {"name": name}}


WAIT = "Awaiting order completion"
WAITS: tuple[Happened, ...] = (
    (0, "ExecutionStarted", {"executionStartedEventDetails": {"input": "{}"}}),
    (12, "TaskStateEntered", state("Entered", "Claim order")),
    (45, "TaskStateExited", state("Exited", "Claim order")),
    (50, "TaskStateEntered", state("Entered", WAIT)),
    (
        52,
        "TaskScheduled",
        {
            "taskScheduledEventDetails": {
                "parameters": json.dumps({"Entries": [{"Detail": {"TaskToken": TOKEN}}]})
            }
        },
    ),
    (60, "TaskSubmitted", {}),
)
DECLINED: tuple[Happened, ...] = (
    *WAITS,
    (
        180_060,
        "TaskFailed",
        {
            "taskFailedEventDetails": {
                "error": "OrderDeclined",
                "cause": f"no milk {TOKEN}",  # A barista who pastes what no barista can know.
            }
        },
    ),
    (180_070, "TaskStateExited", state("Exited", WAIT)),
    (180_100, "ExecutionSucceeded", {}),
)


def run(*events: Happened, status: str = "RUNNING", ended: datetime | None = None) -> Run:
    return Run(RUN, status, ended, happened(*events))


PREPARED: dict[str, Any] = {
    "user_id": USER_ID,
    "drink": DRINK,
    "execution": RUN,
    "received_at": RECEIVED_AT,
    "preparing_at": NOW,
}


def preparing(**more: Any) -> Order:
    known = PREPARED | {"task_token": TaskToken(TOKEN)}
    return Order(ORDER_ID, Status.IN_PREPARATION, **(known | more))


def ended(status: Status = Status.READY, **more: Any) -> Order:
    known = PREPARED | {"ended_at": ENDED_AT, "barista_name": "Julia"}
    return Order(ORDER_ID, status, **(known | more))


def letter(event: Any) -> Letter:
    return Letter.read({"Body": json.dumps(event), "Attributes": {"SentTimestamp": "0"}})


def told_lines(found: Evidence, now: datetime = SOON_AFTER) -> list[str]:
    return text(found, now).splitlines()


def test_the_story_is_told_in_time_order_with_how_long_each_step_took() -> None:
    order = ended(
        Status.REJECTED,
        code="ERROR-104",
        message="No.",
        decided=Decided("decline", NOW, "Julia", "no milk"),
    )
    log = {"service": "order_tracking", "level": "INFO", "message": "Order in preparation"}
    found = Evidence(
        ORDER_ID,
        order,
        lines=[Line(START + timedelta(milliseconds=900), log)],
        runs=[run(*DECLINED, status="SUCCEEDED", ended=AT)],
        records={RUN: BOTH_TOLD},
    )
    lines = told_lines(found)
    assert lines[0].split() == ["TIME", "(UTC)", "+", "SOURCE", "WHAT", "HAPPENED"]
    source = lines[0].index("SOURCE")
    assert [line[source:] for line in lines[1:14]] == [
        "workflow      execution first started",
        f"table         received: {DRINK} for {USER_ID}",
        "workflow      Claim order: took 0.033 s",
        f"workflow      {WAIT}: took 3 min 00 s",
        "log           order_tracking: Order in preparation",
        f"workflow      {WAIT}: TaskFailed OrderDeclined: no milk (task token)",
        "workflow      ExecutionSucceeded",
        "table         in preparation: on the counter",
        "table         decided by Julia: declined (no milk)",
        "notification  the customer was told that the order is in preparation",
        "table         ended: rejected, ERROR-104, No.",
        "notification  the customer was told how the order ended",
        "",
    ]
    times = [line[:source] for line in lines[1:]]
    assert times[2].split() == ["2026-03-02", "08:15:00.012", "+0.012", "s"]
    assert times[5].split() == ["2026-03-02", "08:18:00.060", "+2", "min", "59", "s"]
    assert times[9].split() == ["2026-03-02", "08:20:00"]
    assert times[10].split() == ["2026-03-02", "08:20:30.000", "+30.000", "s"]
    assert lines[14:16] == [
        "The order ended 10.000 s ago: it was rejected (ERROR-104), and the customer was told.",
        "Nothing is off.",
    ]


def test_no_task_token_is_told_wherever_it_is() -> None:
    """The token of a text comes from anywhere: a cause, a line, a name, a letter's own fields."""
    line = {"service": "s", "message": f"said {TOKEN}", "reason": f'{{"token": "{TOKEN}"}}'}
    found = Evidence(
        ORDER_ID,
        preparing(drink=f"{TOKEN}", decision=Complete(Barista("1", TOKEN)), task_token=None),
        lines=[Line(AT, line | {"TaskToken": TOKEN})],
        runs=[run(*DECLINED)],
        letters={"OrderTracking": [letter(waiting_event() | {"detail-type": TOKEN})]},
        unread={f"source {TOKEN}": f"because of {TOKEN}"},
    )
    assert TOKEN not in text(found, MUCH_LATER)
    # Without a history the order's own, or the letter's, is what is known.
    found.runs.clear()
    assert TOKEN not in text(found, MUCH_LATER)
    found.letters.clear()
    found.order = preparing(drink=TOKEN)
    assert TOKEN not in text(found, MUCH_LATER)


def test_what_looks_like_a_token_of_aws_is_hidden_though_nothing_tells_that_it_is_one() -> None:
    token = "AQCEAAAAKgAAAAMAAAAA" + "c2VjcmV0" * 60
    line = {"service": "s", "message": f"An error of {token}="}
    found = Evidence(ORDER_ID, lines=[Line(AT, line)])
    assert "c2VjcmV0" not in text(found, MUCH_LATER)
    assert "An error of (task token)" in text(found, MUCH_LATER)


def test_what_a_stranger_wrote_cannot_move_the_cursor() -> None:
    order = preparing(drink="Latte\x1b[2J\r\nfaked line", name="A\u202eda")
    told = text(Evidence(ORDER_ID, order), SOON_AFTER)
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert "received: Latte [2J faked line for A da" in told


def test_a_state_that_was_not_left_says_so() -> None:
    found = Evidence(ORDER_ID, preparing(), runs=[run(*WAITS)])
    assert f"{WAIT}: not left yet" in text(found, SOON_AFTER)
    found.runs = [run(*WAITS, (70, "ExecutionAborted", {}), status="ABORTED")]
    assert f"{WAIT}: not left" in text(found, SOON_AFTER)
    assert "ExecutionAborted" in text(found, SOON_AFTER)


def test_executions_are_found_wherever_they_are_named() -> None:
    arns = [f"{RUN}-{number}" for number in range(4)]
    status_change = make_event(
        "Step Functions Execution Status Change", executionArn=arns[2], run=None
    )
    found = Evidence(
        ORDER_ID,
        preparing(),
        lines=[
            Line(AT, {"execution": arns[0]}),
            Line(AT, {"notification": f"notification#{arns[1]}#in preparation"}),
            Line(AT, {"message": arns[3]}),
        ],
        letters={"OrderTracking": [letter(status_change)]},
    )
    assert found.executions() == [RUN, *arns[:3]]


# --- How it stands, and what is off ---------------------------------------------------------------


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
def test_one_sentence_says_how_it_stands(found: Evidence, sentence: str) -> None:
    assert standing(found, SOON_AFTER) == sentence


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
def test_nothing_is_off_where_all_is_well(found: Evidence) -> None:
    assert problems(found, MUCH_LATER) == []
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
def test_what_is_off_is_said_once_it_is_not_just_on_its_way(found: Evidence, off: str) -> None:
    (problem,) = problems(found, MUCH_LATER)
    assert off in problem
    assert f"! {problem}" in told_lines(found, MUCH_LATER)
    just_now = AT if not (found.order and found.order.ended_at) else AT + timedelta(seconds=31)
    if found.order and found.order.status is Status.RECEIVED:
        just_now = START + timedelta(seconds=1)
    assert problems(found, just_now) == []


def test_what_lies_in_a_dead_letter_queue_is_off_and_has_a_remedy() -> None:
    event = make_event("OrderProcessor.OrderCompleted")
    found = Evidence(
        ORDER_ID,
        ended(),
        letters={"CustomerNotification": [letter(event)], "OrderCreated": []},
        records=NOBODY_TOLD,
    )
    (problem,) = problems(found, MUCH_LATER)
    assert "1 of its events in the dead-letter queue CustomerNotification" in problem
    assert "make redrive" in problem
    entry = next(entry for entry in story(found) if entry.source == "queue")
    assert entry.text == (
        "OrderProcessor.OrderCompleted of this time lies in the dead-letter queue"
        " CustomerNotification"
    )


def test_a_notification_of_long_ago_is_not_missed() -> None:
    found = Evidence(ORDER_ID, ended(), records=NOBODY_TOLD)
    assert problems(found, AT + timedelta(days=31)) == []


def test_what_could_not_be_read_and_what_is_forgotten_is_said() -> None:
    found = Evidence(
        ORDER_ID,
        ended(user_id=None, drink=None, barista_name=None),
        unread={"the log of storefront": "not allowed; ask for logs:FilterLogEvents"},
    )
    said = limits(found)
    assert said[0] == (
        "Could not read the log of storefront: not allowed; ask for logs:FilterLogEvents."
    )
    assert "OrderRetentionDays" in said[1]
    assert told_lines(found)[-3:] == [f"? {limit}" for limit in said]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "0.000 s"),
        (0.0314, "0.031 s"),
        (59.9994, "59.999 s"),
        (60, "1 min 00 s"),
        (3599.6, "1 h 00 min"),
        (86_400 + 3600, "1 d 01 h"),
    ],
)
def test_a_span_is_told_in_the_units_that_matter(seconds: float, told: str) -> None:
    assert span(timedelta(seconds=seconds)) == told
