"""Says which state an order is in, what is wrong, and what could not be read. Pure Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from operations.evidence import Evidence, Run
from orders.model import Order, Status
from orders.notifications import KEPT_SECONDS, RunRecords
from orders.outcomes import describe_decision, describe_ending

# A step that takes longer than this counts as a problem.
USUAL_DELAY = timedelta(minutes=1)

# The reconciler looks every minute for executions that have been over for three.
WAIT = (
    "order_tracking corrects that within five minutes; if not, look at its log and at its"
    " dead-letter queue"
)


def describe_state(found: Evidence, now: datetime) -> str:
    """The order's state, in one sentence."""
    order = found.order
    if order is None:
        if any(found.letters.values()):
            return "The order table has no such order; an event of it lies in a dead-letter queue."
        return "The order table has no such order."
    age = "" if order.ended_at is None else f" {format_duration(now - _time(order.ended_at))} ago"
    if not order.status.has_ended:
        began = order.preparing_at or order.received_at
        since = f" for {format_duration(now - _time(began))}" if began else ""
        decided = f"; {describe_decision(order.decision)}" if order.decision else ""
        return f"The order is {order.status}{since}{decided}."
    records = found.records.get(order.execution or "")
    heard = (
        ", and the customer was told"
        if records and records.end and records.end.is_published
        else ""
    )
    return f"The order ended{age}: {describe_ending(order)}{heard}."


def list_problems(found: Evidence, now: datetime) -> list[str]:
    """What is wrong, each with what to do about it."""
    problems = [
        f"{len(letters)} of its events in the dead-letter queue {name}: find the cause in the log"
        " above, fix it, then run make redrive."
        for name, letters in found.letters.items()
        if letters
    ]
    problems += [
        f"Execution {run.name} is over and still has a slot: {WAIT}."
        for run in found.runs
        if run.name in found.slots and _is_late(run.ended_at, now)
    ]
    if order := found.order:
        own_run = next((run for run in found.runs if run.arn == order.execution), None)
        problems += _run_problems(order, own_run, now)
        records = found.records.get(order.execution or "")
        if records:
            is_parked = bool(found.letters.get("CustomerNotification"))
            problems += _notification_problems(order, records, is_parked, now)
    return problems


def list_gaps(found: Evidence) -> list[str]:
    """What is missing in the report, and why."""
    gaps = list_unread(found)
    if found.order and found.order.status.has_ended and found.order.drink is None:
        gaps.append(
            "The order's personal data was removed (OrderRetentionDays after its end), or was never"
            " there."
        )
    gaps.append(
        "Not shown: executions that ignored a repeat of the order's event, and earlier runs that"
        " the logs no longer have."
    )
    return gaps


def list_unread(found: Evidence) -> list[str]:
    """The sources that could not be read, each with the reason."""
    return [f"Could not read {source}: {why}." for source, why in found.unread.items()]


def _run_problems(order: Order, run: Run | None, now: datetime) -> Iterator[str]:
    if order.status.has_ended:
        if run and run.runs and _is_late(order.ended_at, now):
            yield (
                f"The order has ended, but its execution {run.name} still runs: see above in which"
                " state it is; stop it with aws stepfunctions stop-execution."
            )
        return
    if run and not run.runs:
        if _is_late(run.ended_at, now):
            yield f"Its execution is over ({run.status}), but the order is not: {WAIT}."
        return
    if order.decided and _is_late(order.decided.at, now):
        again = "the same barista clicks again" if order.decided.by else "send OrderDeleted again"
        yield (
            "What was decided has not ended the order: the workflow may not have heard of it."
            f" If nothing about it waits in a queue, {again}."
        )
    if order.status is Status.RECEIVED and _is_late(order.received_at, now):
        yield (
            "It is not on the counter yet: if its execution waits (Awaiting order completion),"
            " order_tracking has not heard of that; look at its log and at its dead-letter queue."
        )


def _notification_problems(
    order: Order, records: RunRecords, is_parked: bool, now: datetime
) -> Iterator[str]:
    since = order.ended_at or order.preparing_at
    record = records.end if order.ended_at else records.preparing
    about = "how it ended" if order.ended_at else "that it is in preparation"
    if since is None or now - _time(since) > timedelta(seconds=KEPT_SECONDS):
        return
    if record is None and not is_parked and _is_late(since, now):
        yield (
            f"The customer has not been told {about}: look at the log of customer-notification, and"
            " whether its queue is worked off."
        )
    elif record and not record.is_published and _is_late(record.at, now):
        yield (
            f"Telling the customer {about} was begun and is not known as done: the queue delivers"
            " it again; after five times it lies in the dead-letter queue."
        )


def _is_late(since: datetime | str | None, now: datetime) -> bool:
    """Whether something took longer than it should; None if it did not happen."""
    if since is None:
        return False
    return now - (_time(since) if isinstance(since, str) else since) > USUAL_DELAY


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


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
