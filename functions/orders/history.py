"""The history of an order: who did what with it when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from orders.model import Order
from orders.notifications import Record, RunRecords


class What(StrEnum):
    """What happened."""

    EARLIER_RUN = "an earlier run was over"
    RECEIVED = "received"
    PREPARING = "in preparation"
    TOLD_PREPARING = "customer told that it is in preparation"
    PROLONGED = "prolonged"
    COMPLETED = "completed"
    DECLINED = "declined"
    CANCELED = "canceled"
    ENDED = "ended"
    TOLD_END = "customer told how it ended"


DECISIONS = {"complete": What.COMPLETED, "decline": What.DECLINED, "cancel": What.CANCELED}


@dataclass(frozen=True)
class Moment:
    """Something that happened: ``at`` in UTC, ``by`` a barista, and why, if that applies."""

    at: str
    what: What
    by: str | None = None
    reason: str | None = None


def list_moments(order: Order, records: RunRecords | None) -> list[Moment]:
    """What happened in the order's latest run, in time order; ``records`` None if unknown.

    An earlier run shows as over until the latest run is over, too. Only the last of several
    decisions or prolongations is kept.
    """
    return sorted(_moments(order, records), key=_sort_key)


def _moments(order: Order, records: RunRecords | None) -> Iterator[Moment]:
    if order.over_at and not order.ended_at:  # The end of the latest run replaces it.
        yield Moment(order.over_at, What.EARLIER_RUN)
    if order.received_at and order.received_at != order.ended_at:  # Otherwise no run ever had it.
        yield Moment(order.received_at, What.RECEIVED)
    if order.preparing_at:
        yield Moment(order.preparing_at, What.PREPARING)
    if order.prolonged_at:
        yield Moment(order.prolonged_at, What.PROLONGED, order.prolonged_by)
    if (decided := order.decided) and decided.at:
        yield Moment(decided.at, DECISIONS[decided.what], decided.by, decided.reason)
    if order.ended_at:
        yield Moment(order.ended_at, What.ENDED)
    if records:
        yield from _published(records.preparing, What.TOLD_PREPARING)
        yield from _published(records.end, What.TOLD_END)


def _published(record: Record | None, what: What) -> Iterator[Moment]:
    if record and record.is_published:
        yield Moment(record.at, what)


def _sort_key(moment: Moment) -> str:
    """The sort key: a moment known to the second comes after the others of that second."""
    if moment.what in (What.TOLD_PREPARING, What.TOLD_END):
        return moment.at.replace(".000Z", ".999Z")
    return moment.at
