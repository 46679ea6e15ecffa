"""An order's story: what happened in time order, from all that was found. Pure Python, no AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from operations.evidence import Evidence, Line, Run
from orders.history import Moment, What, list_moments
from orders.model import Order
from orders.notifications import Record

MAX_TEXT = 200
HIDDEN = "(task token)"

# A task token of AWS's is a long word of base64; of an emulator's, only what is known as one.
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{200,}")

# What is shown of a log line beside its message: nothing that an event or an answer holds whole.
_FIELDS = (
    *("decision", "barista", "status", "code", "announced", "recorded"),
    *("status_code", "reason", "error", "exception_name"),
)


@dataclass(frozen=True)
class Entry:
    """A line of the story. ``exact`` is False where the time is known to the second only."""

    at: datetime
    source: str
    text: str
    exact: bool = True


def story(found: Evidence) -> list[Entry]:
    """What happened, in time order; no entry says a task token."""
    entries = [
        *(entry for run in found.runs for entry in _of_run(run)),
        *(_of_order(found.order) if found.order else ()),
        *(_of_line(line) for line in found.lines),
        *_of_notifications(found),
        *_of_letters(found),
    ]
    secrets = task_tokens(found)
    return [
        Entry(entry.at, entry.source, shown(entry.text, secrets), entry.exact)
        for entry in sorted(entries, key=_when)
    ]


def task_tokens(found: Evidence) -> set[str]:
    """Every task token in what was found."""
    tokens = {str(found.order.task_token)} if found.order and found.order.task_token else set()
    for run in found.runs:
        for event in run.events:
            tokens |= _tokens(event.get("taskScheduledEventDetails", {}).get("parameters"))
    for letters in found.letters.values():
        for letter in letters:
            tokens |= _tokens(letter.event)
    return tokens


def _tokens(value: Any) -> set[str]:
    """The values of each TaskToken in an event, or in a text of JSON."""
    match value:
        case str():
            return set(re.findall(r'"TaskToken"\s*:\s*"([^"\\]+)"', value))
        case dict() | list():
            return _tokens(json.dumps(value))
        case _:
            return set()


def shown(text: str, secrets: Iterable[str], most: int | None = MAX_TEXT) -> str:
    """A text of whatever origin as a terminal can take it, cut, without any task token."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    text = _TOKEN.sub(HIDDEN, text)
    plain = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(plain.split())
    return words if most is None or len(words) <= most else f"{words[:most]} ..."


def _when(entry: Entry) -> datetime:
    """An entry known to the second comes after the others of that second."""
    return entry.at if entry.exact else entry.at + timedelta(milliseconds=999)


def _of_run(run: Run) -> Iterator[Entry]:
    """Each state with how long it took, and what failed in it."""
    left = _times_left(run)
    state = ""
    for event in run.events:
        kind, at = event["type"], event["timestamp"]
        details: Mapping[str, Any] = event.get(  # type: ignore[assignment] # One key a type.
            f"{kind[0].lower()}{kind[1:]}EventDetails", {}
        )
        if kind == "ExecutionStarted":
            yield Entry(at, "workflow", f"execution {run.name} started")
        elif entered := event.get("stateEnteredEventDetails"):
            state = entered["name"]
            took = left.get(event["id"])
            lasted = f"took {span(took - at)}" if took else "not left yet" * run.runs
            yield Entry(at, "workflow", f"{state}: {lasted or 'not left'}")
        elif kind.endswith(("Failed", "TimedOut", "Aborted")):
            what = kind if kind.startswith("Execution") else f"{state}: {kind}"
            why = ": ".join(details[name] for name in ("error", "cause") if details.get(name))
            yield Entry(at, "workflow", f"{what} {why}")
        elif kind in ("ExecutionSucceeded", "ExecutionRedriven"):
            yield Entry(at, "workflow", kind)


def _times_left(run: Run) -> dict[int, datetime]:
    """When each state was left, by the id of the event that it was entered with."""
    entered: dict[str, int] = {}
    left = {}
    for event in run.events:
        if "stateEnteredEventDetails" in event:
            entered[event["stateEnteredEventDetails"]["name"]] = event["id"]
        elif (exited := event.get("stateExitedEventDetails")) and exited["name"] in entered:
            left[entered[exited["name"]]] = event["timestamp"]
    return left


def _of_order(order: Order) -> Iterator[Entry]:
    for moment in list_moments(order, records=None):
        yield Entry(datetime.fromisoformat(moment.at), "table", _said(moment, order))


def _said(moment: Moment, order: Order) -> str:
    who, by = order.name or order.user_id, moment.by or "somebody"
    texts = {
        What.RECEIVED: f"received: {order.drink} for {who}" if who else "received",
        What.PREPARING: "in preparation: on the counter",
        What.PROLONGED: f"prolonged by {by}",
        What.COMPLETED: f"decided by {by}: completed",
        What.DECLINED: f"decided by {by}: declined ({moment.reason})",
        What.CANCELED: "decided by the customer: canceled",
        What.ENDED: ", ".join(filter(None, (f"ended: {order.status}", order.code, order.message))),
    }
    return texts.get(moment.what, str(moment.what))


def _of_line(line: Line) -> Entry:
    fields = line.fields
    told = [f"{name}={fields[name]}" for name in _FIELDS if name in fields]
    level = f"{fields['level']} " if fields.get("level") in ("WARNING", "ERROR") else ""
    more = f" ({', '.join(told)})" if told else ""
    return Entry(line.at, "log", f"{level}{fields.get('service')}: {fields.get('message')}{more}")


def _of_notifications(found: Evidence) -> Iterator[Entry]:
    for records in found.records.values():
        yield from _of_record(records.preparing, "that the order is in preparation")
        yield from _of_record(records.end, "how the order ended")


def _of_record(record: Record | None, news: str) -> Iterator[Entry]:
    if record:
        done = "the customer was told" if record.is_published else "begun, and not known as done:"
        at = datetime.fromisoformat(record.at)
        yield Entry(at, "notification", f"{done} {news}", exact=False)


def _of_letters(found: Evidence) -> Iterator[Entry]:
    for name, letters in found.letters.items():
        for letter in letters:
            kind, _ = letter.described()
            text = f"{kind} of this time lies in the dead-letter queue {name}"
            yield Entry(letter.sent_at, "queue", text, exact=letter.sent_at.microsecond > 0)


def span(time: timedelta) -> str:
    """How long something took, in the two units that matter."""
    seconds = max(time.total_seconds(), 0)
    if seconds < 60:  # noqa: PLR2004 - as those below
        return f"{seconds:.3f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02} h"
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
