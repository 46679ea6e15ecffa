"""Orders and executions as `make trace` finds them."""

import json
from datetime import datetime, timedelta
from typing import Any

from operations.dead_letters import DeadLetter
from operations.evidence import Evidence, Run
from operations.trace import text
from orders.model import Order, Status, TaskToken, iso
from orders.notifications import Record, RunRecords
from tests.unit.events import (
    DRINK,
    NOW,
    ORDER_ID,
    RECEIVED_AT,
    RUN,
    TOKEN,
    USER_ID,
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


def letter(event: Any) -> DeadLetter:
    return DeadLetter.read({"Body": json.dumps(event), "Attributes": {"SentTimestamp": "0"}})


def told_lines(found: Evidence, now: datetime = SOON_AFTER) -> list[str]:
    return text(found, now).splitlines()
