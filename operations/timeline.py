"""Builds an order's timeline from what was found about it. Pure Python, no AWS."""

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

# Every long base64 word may be a task token of AWS. Those of an emulator are shorter: only those
# that were found in a field for one are hidden.
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{200,}")

# The fields of a log line that are shown: none that holds a whole event or response.
_FIELDS = (
    *("decision", "barista", "status", "code", "announced", "recorded"),
    *("status_code", "reason", "error", "exception_name"),
)


@dataclass(frozen=True)
class Entry:
    """A line of the timeline. ``exact`` is False if the time is known to the second only."""

    at: datetime
    source: str
    text: str
    exact: bool = True


def timeline(found: Evidence) -> list[Entry]:
    """What happened, in time order, without task tokens."""
    entries = [
        *(entry for run in found.runs for entry in _run_entries(run)),
        *(_order_entries(found.order) if found.order else ()),
        *(_line_entry(line) for line in found.lines),
        *_notification_entries(found),
        *_letter_entries(found),
    ]
    secrets = find_task_tokens(found)
    return [
        Entry(entry.at, entry.source, printable(entry.text, secrets), entry.exact)
        for entry in sorted(entries, key=_sort_time)
    ]


def find_task_tokens(found: Evidence) -> set[str]:
    """Every task token in what was found."""
    tokens = {str(found.order.task_token)} if found.order and found.order.task_token else set()
    for run in found.runs:
        for event in run.events:
            tokens |= _find_tokens(event.get("taskScheduledEventDetails", {}).get("parameters"))
    for letters in found.letters.values():
        for letter in letters:
            tokens |= _find_tokens(letter.event)
    return tokens


def _find_tokens(value: Any) -> set[str]:
    """The value of each TaskToken in an event or in JSON text."""
    match value:
        case str():
            return set(re.findall(r'"TaskToken"\s*:\s*"([^"\\]+)"', value))
        case dict() | list():
            return _find_tokens(json.dumps(value))
        case _:
            return set()


def printable(text: str, secrets: Iterable[str], most: int | None = MAX_TEXT) -> str:
    """A text without task tokens and control characters, cut to ``most`` characters."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    text = _TOKEN.sub(HIDDEN, text)
    plain = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(plain.split())
    return words if most is None or len(words) <= most else f"{words[:most]} ..."


def _sort_time(entry: Entry) -> datetime:
    """Sort an entry known to the second after the others of that second."""
    return entry.at if entry.exact else entry.at + timedelta(milliseconds=999)


def _run_entries(run: Run) -> Iterator[Entry]:
    """An entry for each state, with its duration, and for each failure."""
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
            lasted = f"took {format_duration(took - at)}" if took else "not left yet" * run.runs
            yield Entry(at, "workflow", f"{state}: {lasted or 'not left'}")
        elif kind.endswith(("Failed", "TimedOut", "Aborted")):
            what = kind if kind.startswith("Execution") else f"{state}: {kind}"
            why = ": ".join(details[name] for name in ("error", "cause") if details.get(name))
            yield Entry(at, "workflow", f"{what} {why}")
        elif kind in ("ExecutionSucceeded", "ExecutionRedriven"):
            yield Entry(at, "workflow", kind)


def _times_left(run: Run) -> dict[int, datetime]:
    """The time at which each state was exited, by the id of the event of its entry."""
    entered: dict[str, int] = {}
    left = {}
    for event in run.events:
        if "stateEnteredEventDetails" in event:
            entered[event["stateEnteredEventDetails"]["name"]] = event["id"]
        elif (exited := event.get("stateExitedEventDetails")) and exited["name"] in entered:
            left[entered[exited["name"]]] = event["timestamp"]
    return left


def _order_entries(order: Order) -> Iterator[Entry]:
    for moment in list_moments(order, records=None):
        yield Entry(datetime.fromisoformat(moment.at), "table", _describe(moment, order))


def _describe(moment: Moment, order: Order) -> str:
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


def _line_entry(line: Line) -> Entry:
    fields = line.fields
    told = [f"{name}={fields[name]}" for name in _FIELDS if name in fields]
    level = f"{fields['level']} " if fields.get("level") in ("WARNING", "ERROR") else ""
    more = f" ({', '.join(told)})" if told else ""
    return Entry(line.at, "log", f"{level}{fields.get('service')}: {fields.get('message')}{more}")


def _notification_entries(found: Evidence) -> Iterator[Entry]:
    for records in found.records.values():
        yield from _record_entries(records.preparing, "that the order is in preparation")
        yield from _record_entries(records.end, "how the order ended")


def _record_entries(record: Record | None, news: str) -> Iterator[Entry]:
    if record:
        done = "the customer was told" if record.is_published else "begun, and not known as done:"
        at = datetime.fromisoformat(record.at)
        yield Entry(at, "notification", f"{done} {news}", exact=False)


def _letter_entries(found: Evidence) -> Iterator[Entry]:
    for name, letters in found.letters.items():
        for letter in letters:
            kind, _ = letter.summary()
            text = f"{kind} of this time lies in the dead-letter queue {name}"
            yield Entry(letter.sent_at, "queue", text, exact=letter.sent_at.microsecond > 0)


def format_duration(time: timedelta) -> str:
    """A duration in its two largest units, or in seconds if it is shorter than a minute."""
    seconds = max(time.total_seconds(), 0)
    if seconds < 60:  # noqa: PLR2004 - as those below
        return f"{seconds:.3f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours:02} h"
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
