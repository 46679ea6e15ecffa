"""Prints what is known of one order in time order, then the order's state and any problems.

It reads the executions' histories, the order table, the records of the notifications, the
functions' logs and the dead-letter queues, and changes nothing. A source that can't be read is
named, and the others are printed. No task token is printed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from operations import stack
from operations.assessment import (
    describe_state,
    format_duration,
    list_gaps,
    list_problems,
    list_unread,
)
from operations.evidence import Evidence, LogLine, Run, Sources
from orders.model import Order
from orders.timeline import Entry, Step, sort_key, timeline

MAX_LENGTH = 200
HIDDEN = "(task token)"

# Every long base64 word may be a task token of AWS. Those of an emulator are shorter: only those
# that were found in a field for one are hidden.
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{200,}")

# The fields of a log line that are shown: none that holds a whole event or response.
_FIELDS = (
    *("decision", "barista", "status", "code", "announced", "recorded"),
    *("status_code", "reason", "error", "exception_name"),
)


class Row(NamedTuple):
    """A line of the report. ``is_exact`` is False if the time is known to the second only."""

    at: datetime
    source: str
    what: str
    is_exact: bool = True


def report(found: Evidence, now: datetime) -> str:
    """The report on an order: a line for each thing that happened, then state and problems.

    Times are in UTC. ``+`` is the time since the previous line whose time is exact; a line whose
    time is known to the second only has none.
    """
    secrets = find_task_tokens(found)
    cells = [("TIME (UTC)", "+", "SOURCE", "WHAT HAPPENED")]
    before: Row | None = None
    for row in sorted(_rows(found), key=lambda row: sort_key(row.at, row.is_exact)):
        elapsed = ""
        if row.is_exact:
            elapsed = f"+{format_duration(row.at - before.at)}" if before else ""
            before = row
        time = row.at.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds")
        time = time if row.is_exact else time[:19]
        cells.append((time[:23], elapsed, row.source, printable(row.what, secrets, MAX_LENGTH)))
    widths = [max(len(cell[column]) for cell in cells) for column in range(3)]
    lines = [
        f"{time:{widths[0]}}  {elapsed:>{widths[1]}}  {source:{widths[2]}}  {what}"
        for time, elapsed, source, what in cells
    ]
    problems = [f"! {problem}" for problem in list_problems(found, now)] or ["Nothing is off."]
    gaps = [f"? {gap}" for gap in list_gaps(found)]
    said = [describe_state(found, now), *problems, *gaps]
    return "\n".join([*lines, "", *(printable(line, secrets) for line in said)])


def find_task_tokens(found: Evidence) -> set[str]:
    """Every task token in what was found: the order's, and the value of each field TaskToken."""
    scheduled = [
        event.get("taskScheduledEventDetails", {}).get("parameters", "")
        for run in found.runs
        for event in run.events
    ]
    events = [json.dumps(letter.event) for letters in found.letters.values() for letter in letters]
    tokens = re.findall(r'"TaskToken"\s*:\s*"([^"\\]+)"', "\n".join([*scheduled, *events]))
    own = [str(found.order.task_token)] if found.order and found.order.task_token else []
    return {*tokens, *own}


def printable(text: str, secrets: Iterable[str], longest: int | None = None) -> str:
    """``text`` without task tokens and control characters, cut to ``longest`` characters."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    text = _TOKEN.sub(HIDDEN, text)
    plain = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(plain.split())
    return words if longest is None or len(words) <= longest else f"{words[:longest]} ..."


def _rows(found: Evidence) -> Iterator[Row]:
    for run in found.runs:
        yield from _run_rows(run)
    for entry in timeline(found.order, *found.records.values()):
        yield _entry_row(entry, found.order)
    yield from map(_log_row, found.lines)
    for name, letters in found.letters.items():
        for letter in letters:
            kind, _ = letter.summary()
            what = f"{kind} of this time lies in the dead-letter queue {name}"
            yield Row(letter.sent_at, "queue", what, letter.sent_at.microsecond > 0)


def _run_rows(run: Run) -> list[Row]:
    """A row for each state, with its duration, and for each failure."""
    rows: list[Row] = []
    entered: dict[str, int] = {}  # The number of the row of each state that was not left.
    state = ""
    for event in run.events:
        kind, at, what = event["type"], event["timestamp"], None
        details: Mapping[str, Any] = event.get(  # type: ignore[assignment] # One key a type.
            f"{kind[0].lower()}{kind[1:]}EventDetails", {}
        )
        if kind == "ExecutionStarted":
            what = f"execution {run.name} started"
        elif kind.endswith("StateEntered"):
            state = event["stateEnteredEventDetails"]["name"]
            entered[state] = len(rows)
            what = f"{state}: not left yet" if run.runs else f"{state}: not left"
        elif kind.endswith("StateExited"):
            name = event["stateExitedEventDetails"]["name"]
            if (number := entered.pop(name, None)) is not None:
                took = format_duration(at - rows[number].at)
                rows[number] = rows[number]._replace(what=f"{name}: took {took}")
        elif kind.endswith(("Failed", "TimedOut", "Aborted")):
            told = kind if kind.startswith("Execution") else f"{state}: {kind}"
            why = ": ".join(details[name] for name in ("error", "cause") if details.get(name))
            what = f"{told} {why}"
        elif kind in ("ExecutionSucceeded", "ExecutionRedriven"):
            what = kind
        if what:
            rows.append(Row(at, "workflow", what))
    return rows


def _entry_row(entry: Entry, order: Order | None) -> Row:
    by = entry.by or "somebody"
    done = "the customer was told" if entry.is_done else "begun, and not known as done:"
    declined = f"decided by {by}: declined"
    texts = {
        Step.PREPARING: "in preparation: on the counter",
        Step.PROLONGED: f"prolonged by {by}",
        Step.COMPLETED: f"decided by {by}: completed",
        Step.DECLINED: f"{declined} ({entry.reason})" if entry.reason else declined,
        Step.CANCELED: "decided by the customer: canceled",
        Step.TOLD_PREPARING: f"{done} that the order is in preparation",
        Step.TOLD_END: f"{done} how the order ended",
    }
    if order:
        who = order.name or order.user_id
        made = " ".join(filter(None, (order.drink, f"for {who}" if who else None)))
        end = (f"ended: {order.status}", order.code, order.message)
        texts[Step.RECEIVED] = f"received: {made}" if made else "received"
        texts[Step.ENDED] = ", ".join(filter(None, end))
    source = "notification" if entry.step in (Step.TOLD_PREPARING, Step.TOLD_END) else "table"
    what_happened = texts.get(entry.step, str(entry.step))
    return Row(datetime.fromisoformat(entry.at), source, what_happened, entry.is_exact)


def _log_row(line: LogLine) -> Row:
    fields = line.fields
    level = fields["level"] if fields.get("level") in ("WARNING", "ERROR") else None
    said = ": ".join(fields[name] for name in ("service", "message") if fields.get(name))
    more = ", ".join(f"{name}={fields[name]}" for name in _FIELDS if fields.get(name) is not None)
    return Row(line.at, "log", " ".join(filter(None, (level, said, f"({more})" if more else ""))))


def _progress(reading: str) -> None:
    """Show what is being read if stderr is a terminal, on a line that the next one replaces."""
    if sys.stderr.isatty():
        print(f"\r\033[K{reading}", end="", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    stack.add_stack_name(parser)
    parser.add_argument("order_id", metavar="ORDER", help="the order's id")
    given = parser.parse_args()
    order_id: str = given.order_id
    if not order_id.strip():
        sys.exit("Say which order: make trace ORDER=…, with the id that its event carries.")
    try:
        outputs = stack.outputs(given.stack_name)
        found = Sources(given.stack_name, outputs, _progress).collect(order_id)
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"{error}\n{stack.advice(given.stack_name)}")
    finally:
        _progress("")
    if found.is_empty:
        nothing = f"Nothing is known of an order {order_id} in {given.stack_name}. Check its id."
        sys.exit("\n".join([nothing, *list_unread(found)]))
    print(report(found, datetime.now(UTC)))


if __name__ == "__main__":
    main()
