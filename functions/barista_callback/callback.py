"""What a barista's click does to an order."""

from __future__ import annotations

import time

from orders.model import (
    Barista,
    Complete,
    Decline,
    Order,
    OrderConflict,
    OrderNotFound,
    OrderTimedOut,
    brought_about,
    refusal,
)
from orders.observability import logger
from orders.order_table import OrderTable
from orders.workflow import TaskIsOver, Workflow

# An end takes about a second from the workflow to the order table; the page waits for 8.
PATIENCE_SECONDS = 3.0
INTERVAL_SECONDS = 0.2


def find(orders: OrderTable, order_id: str) -> Order:
    """The order as it is now. Raises OrderNotFound."""
    order = orders.load(order_id)
    if order is None:
        raise OrderNotFound(f"There is no order {order_id}. Check the order id.")
    return order


def click(
    orders: OrderTable, workflow: Workflow, order_id: str, decision: Complete | Decline, now: str
) -> bool:
    """End the wait for the barista: claim the order first, then resume the workflow.

    A crash between the two is mended by the same barista's next click, which finds its own claim
    and resumes again; it may also decide otherwise. The claim stays whatever the workflow answers:
    what a barista decided is true, and is announced if the workflow can't announce it any more.
    Returns whether the workflow was resumed so; False if that is not known yet, which only the
    order's end will tell. Raises OrderNotFound, OrderConflict or OrderTimedOut.
    """
    decided = orders.decide(order_id, decision, now)
    token = decided.before.task_token if decided and decided.before else None
    if token is None:
        raise refusal(find(orders, order_id), decision) or OrderConflict(
            f"Order {order_id} has just changed. Look at it and try again."
        )
    try:
        workflow.resume(token, decision)
    except TaskIsOver:
        return _ended_by(orders, order_id, decision)
    logger.info(
        "A barista has decided", decision=type(decision).__name__, barista=decision.barista.name
    )
    return True


def _ended_by(orders: OrderTable, order_id: str, decision: Complete | Decline) -> bool:
    """What became of an order whose workflow no longer waits for the decision.

    That is so after a time-out, but also after a callback that got through though its answer was
    lost, be it the SDK's own first try. AWS answers all of them alike; the order's end, which is on
    its way, tells them apart. Returns False if it does not come in time.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (order := find(orders, order_id)).status.has_ended:
        if time.monotonic() > deadline:
            return False
        time.sleep(INTERVAL_SECONDS)
    if brought_about(decision, order):
        return True
    raise _too_late(orders, order_id)


def prolong(
    orders: OrderTable, workflow: Workflow, order_id: str, barista: Barista, now: str
) -> None:
    """A barista is still at it, and those at the counter see it.

    Raises OrderNotFound, OrderConflict or OrderTimedOut.
    """
    order = find(orders, order_id)
    refused = refusal(order)
    if refused or order.task_token is None:
        raise refused or _too_late(orders, order_id)
    try:
        workflow.prolong(order.task_token)
    except TaskIsOver:
        raise _too_late(orders, order_id) from None
    orders.prolong(order_id, barista, now)
    logger.info("A barista is still at it", barista=barista.name)


def _too_late(orders: OrderTable, order_id: str) -> Exception:
    """The workflow went on before its end reached the order table."""
    return refusal(find(orders, order_id)) or OrderTimedOut(
        f"Order {order_id} ended a moment ago without your click. Look at it to see how."
    )
