"""Finds the executions that ended without anybody hearing of it.

AWS reports a broken execution on a best-effort basis, and what an execution says last may get lost:
https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from order_tracking.clean_up import clean_up
from orders.model import Order, iso
from orders.observability import about, logger
from orders.store import OrderStore
from orders.workflow import Workflow

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient

# As long as the news of an end may be on its way; then nobody else cleans up.
SETTLED = timedelta(minutes=3)

# Twice as many as can be sound: whoever waits for a barista has one of at most 1,000 slots. So
# those at the head of the list can't be all sound, for ever, with a broken one behind them.
MOST_ORDERS = 2000


@dataclass(frozen=True)
class Found:
    """What there was to see, for operators."""

    capacity: int
    slots_in_use: int
    slots_freed: int
    oldest: timedelta
    """The age of the oldest order that has not ended; zero if all have."""
    unattended: timedelta
    """So long nobody has looked after the order that waits longest for it; zero if none waits.

    It begins to wait with its preparation, and anew with each time that a barista prolongs it.
    """


def reconcile(
    store: OrderStore,
    workflow: Workflow,
    bus: EventBridgeClient,
    bus_name: str,
    now: datetime,
    has_time: Callable[[], bool],
) -> Found:
    """Clean up after each execution that is over though it has a slot, or an order without an end.

    They are looked at in a random order for as long as ``has_time``, at least one: so a long list
    takes some runs, and none of it is passed over for ever. Raises BusRefused.
    """
    slots = store.slots()
    orders = list(islice(store.active(), MOST_ORDERS))
    suspects = _suspects({workflow.execution(name) for name in slots}, orders, iso(now - SETTLED))
    freed = 0
    for looked_at, (arn, order) in enumerate(random.sample(suspects, len(suspects))):
        if looked_at and not has_time():
            logger.warning("Not all executions were looked at", left=len(suspects) - looked_at)
            break
        execution = workflow.describe(arn)
        if execution.ended_at is None or execution.ended_at > now - SETTLED:
            continue
        if order:
            known = {"orderId": order.order_id, "userId": order.user_id, "drink": order.drink}
            execution = replace(execution, ordered=known)
        with about(execution.ordered.get("orderId")):
            clean_up(store, bus, bus_name, execution)
        freed += execution.name in slots
    return Found(
        store.shop().capacity,
        len(slots),
        freed,
        oldest=_longest(now, (order.received_at for order in orders)),
        unattended=_longest(
            now,
            (order.prolonged_at or order.preparing_at or order.received_at for order in orders),
        ),
    )


def _longest(now: datetime, since: Iterable[str | None]) -> timedelta:
    """The time since the earliest of these; zero if there is none."""
    return max((now - datetime.fromisoformat(time) for time in since if time), default=timedelta())


def _suspects(
    have_slots: set[str], orders: list[Order], before: str
) -> list[tuple[str, Order | None]]:
    """Executions that can be over for a while, with the order that has no end, if there is one."""
    suspects: dict[str, Order | None] = dict.fromkeys(have_slots)
    for order in orders:
        if order.execution and order.received_at:
            if order.received_at > before:
                suspects.pop(order.execution, None)
            else:
                suspects[order.execution] = order
    return list(suspects.items())
