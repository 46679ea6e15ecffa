"""Orders and executions as `make trace` finds them."""

import json
from datetime import datetime, timedelta
from typing import Any

from operations.dead_letters import DeadLetter
from operations.evidence import Run
from orders.model import Order, Status, TaskToken, iso
from orders.notifications import Record, RunRecords
from tests.unit.events import DRINK, NOW, ORDER_ID, RECEIVED_AT, RUN, TOKEN, USER_ID

START, AT = datetime.fromisoformat(RECEIVED_AT), datetime.fromisoformat(NOW)
ENDED_AT = iso(AT + timedelta(seconds=30))
SOON_AFTER, MUCH_LATER = AT + timedelta(seconds=40), AT + timedelta(minutes=30)
NAME = RUN.rpartition(":")[2]
BOTH_TOLD = RunRecords(Record(NOW, is_published=True), Record(ENDED_AT, is_published=True))
WAIT = "Awaiting order completion"
REQUEST = json.dumps({"Entries": [{"Detail": {"TaskToken": TOKEN}}]})
# A barista who pastes what no barista can know.
CAUSE = {"error": "OrderDeclined", "cause": f"no milk {TOKEN}"}
# An execution's history: the milliseconds since the start, the type of each event, its details.
WAITS: list[tuple[int, str, Any]] = [
    (0, "ExecutionStarted", {"input": "{}"}),
    (12, "TaskStateEntered", {"name": "Claim order"}),
    (45, "TaskStateExited", {"name": "Claim order"}),
    (50, "TaskStateEntered", {"name": WAIT}),
    (52, "TaskScheduled", {"parameters": REQUEST}),
    (60, "TaskSubmitted", {}),
]
DECLINED = [
    *WAITS,
    (180_060, "TaskFailed", CAUSE),
    (180_070, "TaskStateExited", {"name": WAIT}),
    (180_100, "ExecutionSucceeded", {}),
]


def run(*events: Any, status: str = "RUNNING", ended: datetime | None = None) -> Run:
    """An execution with the history that the API gives: the details under a key of their type."""
    history: list[Any] = []
    for number, (millis, kind, details) in enumerate(events, start=1):
        _, is_state, what = kind.partition("State")
        key = f"state{what}" if is_state else f"{kind[0].lower()}{kind[1:]}"
        at = START + timedelta(milliseconds=millis)
        history.append({"id": number, "type": kind, "timestamp": at, f"{key}EventDetails": details})
    return Run(RUN, status, ended, history)


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
