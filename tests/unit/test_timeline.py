"""What `make trace` prints of an order's story, without a task token."""

from datetime import timedelta

import pytest

from operations.assessment import format_duration
from operations.evidence import Evidence, LogLine
from operations.trace import report
from orders.model import Barista, Complete, Decided, Order, Status
from tests.unit.events import DRINK, NOW, ORDER_ID, RUN, TOKEN, USER_ID, make_event, waiting_event
from tests.unit.traced import (
    AT,
    BOTH_TOLD,
    DECLINED,
    MUCH_LATER,
    SOON_AFTER,
    START,
    WAIT,
    WAITS,
    ended,
    letter,
    preparing,
    run,
)


def test_the_story_is_in_time_order_and_says_how_long_each_step_took() -> None:
    decided = Decided("decline", NOW, "Julia", "no milk")
    log = {"service": "order_tracking", "level": "INFO", "message": "Order in preparation"}
    found = Evidence(
        ORDER_ID,
        ended(Status.REJECTED, code="ERROR-104", message="No.", decided=decided),
        lines=[LogLine(START + timedelta(milliseconds=900), log)],
        runs=[run(*DECLINED, status="SUCCEEDED", ended=AT)],
        records={RUN: BOTH_TOLD},
    )
    lines = report(found, SOON_AFTER).splitlines()
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


def test_no_task_token_is_in_the_story_wherever_it_came_from() -> None:
    """The token of a text comes from anywhere: a cause, a line, a name, a letter's own fields."""
    line = {"service": "s", "message": f"said {TOKEN}", "reason": f'{{"token": "{TOKEN}"}}'}
    found = Evidence(
        ORDER_ID,
        preparing(drink=TOKEN, decision=Complete(Barista("1", TOKEN)), task_token=None),
        lines=[LogLine(AT, line | {"TaskToken": TOKEN})],
        runs=[run(*DECLINED)],
        letters={"OrderTracking": [letter(waiting_event() | {"detail-type": TOKEN})]},
        unread={f"source {TOKEN}": f"because of {TOKEN}"},
    )
    assert TOKEN not in report(found, MUCH_LATER)
    # Without a history the order's own, or the letter's, is what is known.
    found.runs.clear()
    assert TOKEN not in report(found, MUCH_LATER)
    found.letters.clear()
    found.order = preparing(drink=TOKEN)
    assert TOKEN not in report(found, MUCH_LATER)


def test_what_looks_like_a_task_token_or_controls_the_terminal_is_not_printed() -> None:
    token = "AQCEAAAAKgAAAAMAAAAA" + "c2VjcmV0" * 60
    order = preparing(drink="Latte\x1b[2J\r\nfaked line", name="A\u202eda")
    found = Evidence(ORDER_ID, order, lines=[LogLine(AT, {"message": f"An error of {token}="})])
    told = report(found, SOON_AFTER)
    assert "An error of (task token)" in told
    assert "received: Latte [2J faked line for A da" in told
    assert [text for text in ("c2VjcmV0", "\x1b", "\u202e") if text in told] == []


def test_what_is_not_known_is_not_printed_as_none() -> None:
    order = Order(ORDER_ID, Status.REJECTED, received_at=NOW)
    declined = Decided("decline", NOW, None, None)
    found = Evidence(
        ORDER_ID,
        ended(Status.REJECTED, drink=None, decided=declined),
        lines=[LogLine(AT, {"service": None, "message": "said", "code": None})],
    )
    assert "None" not in report(found, SOON_AFTER)
    assert "None" not in report(Evidence(ORDER_ID, order), SOON_AFTER)


def test_a_state_that_was_not_left_is_marked() -> None:
    found = Evidence(ORDER_ID, preparing(), runs=[run(*WAITS)])
    assert f"{WAIT}: not left yet" in report(found, SOON_AFTER)
    found.runs = [run(*WAITS, (70, "ExecutionAborted", {}), status="ABORTED")]
    assert f"{WAIT}: not left\n" in report(found, SOON_AFTER)
    assert "ExecutionAborted" in report(found, SOON_AFTER)


def test_executions_are_found_wherever_they_are_named() -> None:
    arns = [f"{RUN}-{number}" for number in range(4)]
    change = make_event("Step Functions Execution Status Change", run=None, executionArn=arns[2])
    found = Evidence(
        ORDER_ID,
        preparing(),
        lines=[
            LogLine(AT, {"execution": arns[0]}),
            LogLine(AT, {"notification": f"notification#{arns[1]}#in preparation"}),
            LogLine(AT, {"message": arns[3]}),
        ],
        letters={"OrderTracking": [letter(change)]},
    )
    assert found.executions() == [RUN, *arns[:3]]


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
def test_a_duration_is_shown_in_two_units_at_most(seconds: float, told: str) -> None:
    assert format_duration(timedelta(seconds=seconds)) == told
