"""Says which state an order is in, what is wrong, and what could not be read. Pure Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from operations.evidence import Evidence, Run
from operations.timeline import format_duration
from orders.model import Status, describe_decision, describe_ending
from orders.notifications import KEPT_SECONDS

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
    return [
        *_letter_problems(found),
        *_run_problems(found, now),
        *_order_problems(found, now),
        *_notification_problems(found, now),
    ]


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


def _letter_problems(found: Evidence) -> Iterator[str]:
    for name, letters in found.letters.items():
        if letters:
            yield (
                f"{len(letters)} of its events in the dead-letter queue {name}: find the cause in"
                " the log above, fix it, then run make redrive."
            )


def _run_problems(found: Evidence, now: datetime) -> Iterator[str]:
    order = found.order
    for run in found.runs:
        if run.runs:
            late = order and order.ended_at and now - _time(order.ended_at) > USUAL_DELAY
            if order and order.execution == run.arn and late:
                yield (
                    f"The order has ended, but its execution {run.name} still runs: see above in"
                    " which state it is; stop it with aws stepfunctions stop-execution."
                )
        elif run.name in found.slots and _is_over(run, now):
            yield f"Execution {run.name} is over and still has a slot: {WAIT}."


def _order_problems(found: Evidence, now: datetime) -> Iterator[str]:
    order = found.order
    if order is None or order.status.has_ended:
        return
    run = next((run for run in found.runs if run.arn == order.execution), None)
    if run and not run.runs:
        if _is_over(run, now):
            yield f"Its execution is over ({run.status}), but the order is not: {WAIT}."
        return
    if order.decided and order.decided.at and now - _time(order.decided.at) > USUAL_DELAY:
        again = "the same barista clicks again" if order.decided.by else "send OrderDeleted again"
        yield (
            "What was decided has not ended the order: the workflow may not have heard of it."
            f" If nothing about it waits in a queue, {again}."
        )
    if (
        order.status is Status.RECEIVED
        and order.received_at
        and now - _time(order.received_at) > USUAL_DELAY
    ):
        yield (
            "It is not on the counter yet: if its execution waits (Awaiting order completion),"
            " order_tracking has not heard of that; look at its log and at its dead-letter queue."
        )


def _notification_problems(found: Evidence, now: datetime) -> Iterator[str]:
    order = found.order
    if order is None or order.execution not in found.records:
        return
    records = found.records[order.execution]
    since = order.ended_at or order.preparing_at
    if since is None or now - _time(since) > timedelta(seconds=KEPT_SECONDS):
        return
    news = records.end if order.ended_at else records.preparing
    about = "how it ended" if order.ended_at else "that it is in preparation"
    if (
        news is None
        and now - _time(since) > USUAL_DELAY
        and not found.letters.get("CustomerNotification")
    ):
        yield (
            f"The customer has not been told {about}: look at the log of customer-notification, and"
            " whether its queue is worked off."
        )
    elif news and not news.is_published and now - _time(news.at) > USUAL_DELAY:
        yield (
            f"Telling the customer {about} was begun and is not known as done: the queue delivers"
            " it again; after five times it lies in the dead-letter queue."
        )


def _is_over(run: Run, now: datetime) -> bool:
    return run.ended_at is not None and now - run.ended_at > USUAL_DELAY


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
