"""Finds the executions whose end was not recorded.

AWS reports a broken execution on a best-effort basis, and the last event of an execution may get
lost: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-states.html
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from botocore.exceptions import BotoCoreError, ClientError

from aws.config_table import ConfigTable
from aws.counter_index import CounterIndex
from aws.event_bus import BusRefused, EventBus
from aws.observability import log_context, logger
from aws.order_table import OrderTable
from aws.workflow import Execution, ExecutionUnknown, Workflow
from order_tracking.broken_runs import clean_up_broken_run
from orders.model import Order, is_order_id, iso

# The events of an end may take this long; after that nothing else cleans up.
SETTLED = timedelta(minutes=3)

# How long the executions that broke are looked at. One that breaks before it claims its order does
# so within minutes; any later, the order table or a slot tells of it.
RECENT = timedelta(hours=1)

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
    index: CounterIndex,
    config: ConfigTable,
    workflow: Workflow,
    bus: EventBus,
    state_machine: str,
    now: datetime,
    has_time: Callable[[], bool],
) -> Findings:
    """Clean up each execution that is over although its end is not recorded, or it has a slot.

    ``state_machine`` is its ARN. First come those with a slot or an order, then those that Step
    Functions lists as broken, of which most are recorded. Each part is looked at in a random order,
    one execution at least and then while ``has_time``, so that a long list is worked off in some
    runs. One that can't be cleaned up is logged and left to the next run.
    """
    slots = config.load_slots()
    active = list(islice(index.list_active(), MAX_ORDERS))
    arns = {f"{state_machine.replace(':stateMachine:', ':execution:')}:{name}" for name in slots}
    try:
        broken = list(islice(workflow.list_broken(state_machine, now - RECENT), MAX_ORDERS))
    except (ClientError, BotoCoreError):
        logger.exception("The executions that broke could not be listed")
        broken = []
    suspects = list(_find_suspects(arns, active, broken, iso(now - SETTLED)))
    unknown: set[str] = set()
    freed = 0
    for looked_at, (arn, order) in enumerate(suspects):
        if looked_at and not has_time():
            logger.warning("Not all executions were looked at", left=len(suspects) - looked_at)
            break
        try:
            execution = _describe(workflow, arn, order)
            if execution.ended_at is None or execution.ended_at > now - SETTLED:
                continue
            with log_context(execution.order_input.get("orderId")):
                if execution.name in slots or order or not _is_recorded(orders, execution):
                    clean_up_broken_run(orders, config, bus, execution)
        except ExecutionUnknown:
            unknown.add(arn)
        except (BusRefused, ClientError, BotoCoreError):
            logger.exception("An execution was not cleaned up", execution=arn)
        else:
            freed += execution.name in slots
    return Findings(
        config.load_config().capacity,
        len(slots),
        freed + _free_unknown(config, unknown),
        oldest=_longest(now, (order.received_at for order in active)),
        unattended=_longest(
            now,
            (order.waiting_since or order.received_at for order in active),
        ),
    )


def _describe(workflow: Workflow, arn: str, order: Order | None) -> Execution:
    """The execution, with the order that has it if there is one. Raises ExecutionUnknown.

    An order that is not new is enough to know that an unknown execution is long over.
    """
    if order is None:
        return workflow.describe(arn)
    known = {"orderId": order.order_id, "userId": order.user_id, "drink": order.drink}
    try:
        return replace(workflow.describe(arn), order_input=known)
    except ExecutionUnknown:
        received_at = datetime.fromisoformat(order.received_at or "")
        return Execution(arn, received_at, received_at, known, output={})


def _is_recorded(orders: OrderTable, execution: Execution) -> bool:
    """Whether nothing is left to do for an execution that broke and has no slot."""
    order_id = execution.order_input.get("orderId")
    if not is_order_id(order_id):
        return True
    order = orders.load(order_id)
    return order is not None and (order.execution is not None or order.status.has_ended)


def _free_unknown(config: ConfigTable, arns: set[str]) -> int:
    """Free the slots of executions that have been unknown for a while; return how many.

    An execution that has only just been started may be unknown, too, and the index may not have its
    order yet. So the first look notes the time. By the clock, not by the schedule's event: the
    events of some minutes may come at once.
    """
    if not arns:
        return 0
    now = datetime.now(UTC)
    since = config.note_unknown(arns, iso(now))
    gone = [arn for arn in arns if since[arn] < iso(now - SETTLED)]
    for arn in gone:
        config.release_slot(arn)
        logger.warning("The slot of an execution that does not exist was freed", execution=arn)
    return len(gone)


def _longest(now: datetime, since: Iterable[str | None]) -> timedelta:
    """The time since the earliest of these; zero if there is none."""
    return max((now - datetime.fromisoformat(time) for time in since if time), default=timedelta())


def _find_suspects(
    with_slot: Iterable[str], active: Iterable[Order], broken: Iterable[str], before: str
) -> Iterator[tuple[str, Order | None]]:
    """The executions that may have been over for a while, each with its active order if any."""
    orders = {order.execution: order for order in active if order.execution and order.received_at}
    new = {arn for arn, order in orders.items() if (order.received_at or "") > before}
    known = {*with_slot, *orders}
    for arns in (known - new, {*broken} - known):
        for arn in random.sample(sorted(arns), len(arns)):
            yield arn, orders.get(arn)
