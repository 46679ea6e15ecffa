"""Whether a decision about an order can still be carried out."""

from __future__ import annotations

from typing import assert_never

from orders.model import (
    Barista,
    Cancel,
    Complete,
    Decision,
    Decline,
    Fail,
    Order,
    Status,
)
from orders.outcomes import describe_decision, describe_ending


class OrderError(Exception):
    """A request that can't be carried out; the message says why and what to do."""


class OrderNotFound(OrderError):
    """There is no such order."""


class OrderConflict(OrderError):
    """The order has ended, or somebody else has decided about it."""


class OrderTimedOut(OrderError):
    """The order timed out before the barista's click."""


def find_conflict(order: Order, wanted: Decision | None = None) -> OrderError | None:
    """Why ``wanted`` can't be carried out on ``order``, or None if it can.

    ``wanted`` is None for a heartbeat, which decides nothing. A second decision by the same person
    is no conflict: the workflow may not have received the first, or its answer got lost.
    """
    if order.status is Status.TIMED_OUT:
        return OrderTimedOut(
            f"Order {order.order_id} timed out before it was finished. The customer has been told."
        )
    if order.status.has_ended:
        return OrderConflict(f"Order {order.order_id} has ended: {describe_ending(order)}.")
    if order.decision is not None and _decided_by(order.decision) != _decided_by(wanted):
        return OrderConflict(f"Order {order.order_id}: {describe_decision(order.decision)}.")
    if wanted and not order.decision and order.taker not in (None, _decided_by(wanted)):
        then = "Ask at the counter." if isinstance(wanted, Cancel) else "Take it over first."
        return OrderConflict(f"Order {order.order_id}: {order.maker} is making it. {then}")
    if order.task_token is None and not isinstance(wanted, Cancel):
        why = "is not in preparation yet. Try again in a moment."
        if order.status is Status.IN_PREPARATION:
            why = "is about to end. Look at it in a moment to see how."
        return OrderConflict(f"Order {order.order_id} {why}")
    return None


def _decided_by(decision: Decision | None) -> Barista | Cancel | Fail | None:
    """The barista who decided; the decision itself where it was no barista."""
    match decision:
        case Complete(barista) | Decline(barista):
            return barista
        case Cancel() | Fail() | None:
            return decision
        case _ as never:
            assert_never(never)
