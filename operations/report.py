"""The report on one order: what happened, its state, what is wrong, what is missing.

Pure Python: operations/trace.py reads the sources and prints the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from operations.dead_letters import DeadLetter
from operations.printing import format_duration, printable
from orders.model import Order, Status
from orders.notifications import KEPT_SECONDS, RunRecords
from orders.outcomes import describe_ending
from orders.timeline import Entry, Step, sort_key, timeline

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

MAX_LENGTH = 200

# A step that takes longer than this counts as a problem.
USUAL_DELAY = timedelta(minutes=1)

# The fields of a log line that are shown: none that holds a whole event or response.
_FIELDS = (
    *("decision", "barista", "status", "code", "announced", "recorded"),
    *("status_code", "reason", "error", "exception_name"),
)

_EXECUTION = re.compile(r"arn:[\w-]+:states:[\w-]+:\d+:execution:[\w-]+:[\w-]+")

PARKED = (
    "{} of its events in the dead-letter queue {}: find the cause in the log above, fix it, then"
    " run make redrive."
)
_CORRECTED = (
    " order_tracking corrects that within five minutes; if not, look at its log and at its"
    " dead-letter queue."
)
SLOT_KEPT = f"Execution {{}} is over and still has a slot:{_CORRECTED}"
NOT_ENDED = f"Its execution is over, but the order is not:{_CORRECTED}"
STILL_RUNS = (
    "The order has ended, but its execution still runs: see above in which state it is; stop it"
    " with aws stepfunctions stop-execution."
)
NOT_HEARD = (
    "What was decided has not ended the order: the workflow may not have heard of it. If nothing"
    " about it waits in a queue, {}."
)
NOT_ON_COUNTER = (
    "It is not on the counter yet: if its execution waits (Awaiting order completion),"
    " order_tracking has not heard of that; look at its log and at its dead-letter queue."
)
NOT_TOLD = (
    "The customer is not known to have been told {}: look at the log of customer-notification, and"
    " at its queue and its dead-letter queue."
)

_ENDS = {f"Execution{end}" for end in ("Succeeded", "Failed", "Aborted", "TimedOut")}


class Run(NamedTuple):
    """An execution and its history, which may contain task tokens."""

    arn: str
    events: list[HistoryEventTypeDef]

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    @property
    def ended_at(self) -> datetime | None:
        """None while it runs."""
        last = self.events[-1]
        return last["timestamp"] if last["type"] in _ENDS else None


@dataclass
class Evidence:
    """What was found about an order.

    ``lines`` are structured lines of the functions' logs, each with its time as ``at``. ``letters``
    are by the name of their queue, ``records`` by the ARN of their execution. ``unread`` has each
    source that failed, with the reason.
    """

    order_id: str
    order: Order | None = None
    slots: set[str] = field(default_factory=set)
    lines: list[Mapping[str, Any]] = field(default_factory=list)
    letters: dict[str, list[DeadLetter]] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    records: dict[str, RunRecords] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def executions(self) -> list[str]:
        """The ARNs of the order's known executions, the one in the order table first.

        An execution that ignored a repeated event is not among them: only its own input names it.
        """
        named = [self.order.execution] if self.order else []
        for fields in self.lines:
            named += [fields.get("execution"), fields.get("notification")]
        for letter in (letter for letters in self.letters.values() for letter in letters):
            named += letter.event["resources"] if letter.event else []
        return list(dict.fromkeys(_EXECUTION.findall(" ".join(map(str, named)))))

    @property
    def is_empty(self) -> bool:
        return not (self.order or self.lines or any(self.letters.values()))


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
    lines = [f"{'TIME (UTC)':23}  {'+':>17}  SOURCE    WHAT HAPPENED"]
    before: Row | None = None
    for row in sorted(_rows(found), key=lambda row: sort_key(row.at, row.is_exact)):
        elapsed = ""
        if row.is_exact:
            elapsed = f"+{format_duration(row.at - before.at)}" if before else ""
            before = row
        precision = "milliseconds" if row.is_exact else "seconds"
        time = row.at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", precision)
        what = printable(row.what, secrets, MAX_LENGTH)
        lines.append(f"{time:23}  {elapsed:>17}  {row.source:8}  {what}")
    problems = [f"! {problem}" for problem in list_problems(found, now)] or ["Nothing is off."]
    said = [describe_state(found, now), *problems, *(f"? {gap}" for gap in list_gaps(found))]
    return "\n".join([*lines, "", *(printable(line, secrets) for line in said)])


def find_task_tokens(found: Evidence) -> set[str]:
    """The order's task token, and the value of each field TaskToken in whatever was read."""
    tokens = set(re.findall(r"""TaskToken["'\\]+\s*:\s*["'\\]+([^"'\\]+)""", repr(found)))
    if found.order and found.order.task_token:  # Its repr hides it.
        tokens.add(str(found.order.task_token))
    return tokens


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


def _run_rows(run: Run) -> Iterator[Row]:
    """A row for each state, with its duration, and for each failure, the start and the end."""
    state = ""
    for number, event in enumerate(run.events):
        kind, at = event["type"], event["timestamp"]
        if kind.endswith("StateEntered"):
            state = event["stateEnteredEventDetails"]["name"]
            left = (
                later["timestamp"]
                for later in run.events[number:]
                if later.get("stateExitedEventDetails", {}).get("name") == state
            )
            if left_at := next(left, None):
                took = f"took {format_duration(left_at - at)}"
            else:
                took = "not left" if run.ended_at else "not left yet"
            yield Row(at, "workflow", f"{state}: {took}")
        elif kind.startswith("Execution") or kind.endswith(("Failed", "TimedOut", "Aborted")):
            about = f"execution {run.name}" if kind.startswith("Execution") else state
            details: Any = event.get(f"{kind[0].lower()}{kind[1:]}EventDetails", {})
            why = ": ".join(details[name] for name in ("error", "cause") if details.get(name))
            yield Row(at, "workflow", f"{about}: {kind} {why}")


def _entry_row(entry: Entry, order: Order | None) -> Row:
    by = f" by {entry.by}" if entry.by else ""
    reason = f" ({entry.reason})" if entry.reason else ""
    what = f"{entry.step}{by}{reason}"
    if not entry.is_done:
        what = f"begun, and not known as done: {what}"
    if order and entry.step is Step.RECEIVED:
        who = order.name or order.user_id
        what = " ".join([f"{what}:", order.drink or "", f"for {who}" if who else ""])
    if order and entry.step is Step.ENDED:
        what = f"{what}: " + ", ".join(filter(None, (order.status, order.code, order.message)))
    return Row(_time(entry.at), "table", what, entry.is_exact)


def _log_row(fields: Mapping[str, Any]) -> Row:
    level = fields["level"] if fields.get("level") in ("WARNING", "ERROR") else ""
    said = ": ".join(str(fields[name]) for name in ("service", "message") if fields.get(name))
    more = ", ".join(f"{name}={fields[name]}" for name in _FIELDS if fields.get(name) is not None)
    return Row(fields["at"], "log", " ".join((level, said, f"({more})" if more else "")))


def describe_state(found: Evidence, now: datetime) -> str:
    """The order's state, in one sentence."""
    order = found.order
    if order is None:
        return "The order table has no such order."
    since = order.ended_at or order.preparing_at or order.received_at
    age = format_duration(now - _time(since)) if since else "an unknown time"
    if order.status.has_ended:
        return f"The order ended {age} ago: {describe_ending(order)}."
    return f"The order is {order.status} for {age}."


def list_problems(found: Evidence, now: datetime) -> list[str]:
    """What is wrong, each with what to do about it."""
    order = found.order or Order(found.order_id, Status.RECEIVED)
    has_ended = order.status.has_ended
    run = next((run for run in found.runs if run.arn == order.execution), None)
    is_over = run is not None and run.ended_at is not None
    decided = order.decided
    again = "the same barista clicks again" if decided and decided.by else "send OrderDeleted again"
    # From when on, whether what has to follow did, and what to do if that takes too long.
    steps: list[tuple[datetime | str | None, bool, str]] = [
        *(
            (run.ended_at, run.name not in found.slots, SLOT_KEPT.format(run.name))
            for run in found.runs
        ),
        (run.ended_at if run else None, has_ended, NOT_ENDED),
        (order.ended_at, is_over or run is None, STILL_RUNS),
        (decided.at if decided else None, has_ended or is_over, NOT_HEARD.format(again)),
        (order.received_at, order.status is not Status.RECEIVED or is_over, NOT_ON_COUNTER),
    ]
    if records := found.records.get(order.execution or ""):
        began = order.ended_at or order.preparing_at
        about = "how it ended" if order.ended_at else "that it is in preparation"
        record = records.end if order.ended_at else records.preparing
        is_told = record is not None and record.is_published
        is_gone = began is not None and now - _time(began) > timedelta(seconds=KEPT_SECONDS)
        is_parked = bool(found.letters.get("CustomerNotification"))
        since = record.at if record else began
        steps.append((since, is_told or is_gone or is_parked, NOT_TOLD.format(about)))
    return [
        *(PARKED.format(len(some), name) for name, some in found.letters.items() if some),
        *(
            problem
            for since, has_followed, problem in steps
            if since and not has_followed and now - _time(since) > USUAL_DELAY
        ),
    ]


def list_gaps(found: Evidence) -> Iterator[str]:
    """What is missing in the report, and why."""
    yield from list_unread(found)
    if found.order and found.order.status.has_ended and found.order.drink is None:
        yield (
            "The order's personal data was removed (OrderRetentionDays after its end), or was never"
            " there."
        )
    yield (
        "Not shown: executions that ignored a repeat of the order's event, and earlier runs that"
        " the logs no longer have."
    )


def list_unread(found: Evidence) -> list[str]:
    """The sources that could not be read, each with the reason."""
    return [f"Could not read {source}: {why}." for source, why in found.unread.items()]


def _time(time: datetime | str) -> datetime:
    return datetime.fromisoformat(time) if isinstance(time, str) else time
