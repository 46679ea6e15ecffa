"""Finds the executions whose end was not recorded.

AWS reports a broken execution on a best-effort basis, and the last event of an execution may get
lost: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from aws.config_table import ConfigTable
from aws.event_bus import EventBus
from aws.observability import log_context, logger
from aws.order_table import OrderTable
from aws.workflow import Workflow
from order_tracking.broken_runs import clean_up_broken_run
from orders.model import Order, iso

# The events of an end may take this long; after that nothing else cleans up.
SETTLED = timedelta(minutes=3)

# Twice as many as can be sound: an order that waits for a barista holds one of at most 1,000 slots.
# So the sound ones can't fill the head of the list and hide a broken one behind them.
MAX_ORDERS = 2000


@dataclass(frozen=True)
class Findings:
    """Figures for operators."""

    capacity: int
    slots_in_use: int
    slots_freed: int
    oldest: timedelta
    """The age of the oldest order that has not ended; zero if all have."""
    unattended: timedelta
    """How long the order that has waited longest for a barista has waited; zero if none waits.

    The wait begins with the preparation, and anew each time that a barista prolongs it.
    """


def reconcile(
    orders: OrderTable,
    config: ConfigTable,
    workflow: Workflow,
    bus: EventBus,
    state_machine: str,
    now: datetime,
    has_time: Callable[[], bool],
) -> Findings:
    """Clean up each execution that is over although it has a slot or an order that has not ended.

    ``state_machine`` is its ARN. The executions are looked at in a random order, one at least and
    then while ``has_time``, so that a long list is worked off in some runs. Raises BusRefused.
    """
    slots = config.load_slots()
    active = list(islice(orders.list_active(), MAX_ORDERS))
    arns = {f"{state_machine.replace(':stateMachine:', ':execution:')}:{name}" for name in slots}
    suspects = _find_suspects(arns, active, iso(now - SETTLED))
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
            execution = replace(execution, order_input=known)
        with log_context(execution.order_input.get("orderId")):
            clean_up_broken_run(orders, config, bus, execution)
        freed += execution.name in slots
    return Findings(
        config.load_config().capacity,
        len(slots),
        freed,
        oldest=_longest(now, (order.received_at for order in active)),
        unattended=_longest(
            now,
            (order.prolonged_at or order.preparing_at or order.received_at for order in active),
        ),
    )


def _longest(now: datetime, since: Iterable[str | None]) -> timedelta:
    """The time since the earliest of these; zero if there is none."""
    return max((now - datetime.fromisoformat(time) for time in since if time), default=timedelta())


def _find_suspects(
    with_slots: set[str], active: list[Order], before: str
) -> list[tuple[str, Order | None]]:
    """The executions that may have been over for a while, each with its active order if any."""
    suspects: dict[str, Order | None] = dict.fromkeys(with_slots)
    for order in active:
        if order.execution and order.received_at:
            if order.received_at > before:
                suspects.pop(order.execution, None)
            else:
                suspects[order.execution] = order
    return list(suspects.items())
