"""What happened to an order when: staff read it in its history, operators in `make trace`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from orders.model import Cancel, Complete, Decline, Order
from orders.notifications import Record, RunRecords
from orders.outcomes import brought_about


class Step(StrEnum):
    """What happened."""

    EARLIER_RUN = "an earlier run was over"
    RECEIVED = "received"
    PREPARING = "in preparation"
    TOLD_PREPARING = "customer told that it is in preparation"
    PROLONGED = "prolonged"
    TAKEN = "taken"
    COMPLETED = "completed"
    DECLINED = "declined"
    CANCELED = "canceled"
    WITHOUT_EFFECT = "decision without effect"
    ENDED = "ended"
    TOLD_END = "customer told how it ended"


DECISIONS = {
    Complete.kind: Step.COMPLETED,
    Decline.kind: Step.DECLINED,
    Cancel.kind: Step.CANCELED,
}


@dataclass(frozen=True)
class Entry:
    """A step at a time in UTC, ``by`` a barista, and why, if that applies.

    ``is_exact`` is False if the time is known to the second only. ``is_done`` is False for a
    notification whose publishing began and is not known as done.
    """

    at: str
    step: Step
    by: str | None = None
    reason: str | None = None
    is_exact: bool = True
    is_done: bool = True


def timeline(order: Order | None, *records: RunRecords) -> list[Entry]:
    """The steps of the order's latest run, and the notifications of all runs, in time order.

    An earlier run shows as over until the latest run is over, too. Only the last of several
    decisions or prolongations is kept.
    """
    entries = [*(_order_entries(order) if order else ())]
    for run in records:
        entries += _notification_entries(run.preparing, Step.TOLD_PREPARING)
        entries += _notification_entries(run.end, Step.TOLD_END)
    return sorted(
        entries, key=lambda entry: sort_key(datetime.fromisoformat(entry.at), entry.is_exact)
    )


def sort_key(at: datetime, is_exact: bool) -> datetime:
    """What is known to the second comes after the others of that second."""
    return at if is_exact else at + timedelta(milliseconds=999)


def _order_entries(order: Order) -> Iterator[Entry]:
    if order.over_at and not order.ended_at:  # The end of the latest run replaces it.
        yield Entry(order.over_at, Step.EARLIER_RUN)
    if order.received_at and order.received_at != order.ended_at:  # Otherwise no run ever had it.
        yield Entry(order.received_at, Step.RECEIVED)
    if order.preparing_at:
        yield Entry(order.preparing_at, Step.PREPARING)
    if order.taken_at:
        yield Entry(order.taken_at, Step.TAKEN, order.taken_by)
    if order.cancel_refused_at:
        yield Entry(order.cancel_refused_at, Step.WITHOUT_EFFECT)
    if order.prolonged_at and order.prolonged_by:  # A take is none.
        yield Entry(order.prolonged_at, Step.PROLONGED, order.prolonged_by)
    if (decided := order.decided) and decided.at:
        # The order may have ended before the workflow received the decision.
        has_effect = not order.ended_at or brought_about(decided.what, decided.by, order)
        step = DECISIONS[decided.what] if has_effect else Step.WITHOUT_EFFECT
        yield Entry(decided.at, step, decided.by, decided.reason)
    if order.ended_at:
        yield Entry(order.ended_at, Step.ENDED)


def _notification_entries(record: Record | None, step: Step) -> Iterator[Entry]:
    if record:
        yield Entry(record.at, step, is_exact=False, is_done=record.is_published)
