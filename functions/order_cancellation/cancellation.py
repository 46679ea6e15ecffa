"""What a customer's cancellation does to an order."""

from __future__ import annotations

from aws.observability import logger
from aws.order_table import OrderTable
from aws.workflow import TaskIsOver, Workflow
from orders.conflicts import find_conflict
from orders.model import Cancel


def cancel(orders: OrderTable, workflow: Workflow, order_id: str, sent_at: str, now: str) -> None:
    """Cancel an order if nobody makes it or has decided about it; otherwise change nothing.

    ``sent_at`` is the time of the event that asks for it. If the order has no task token yet, the
    decision is kept on the order, and ``order_tracking`` carries it out.
    """
    decided = orders.decide(order_id, Cancel(), now, sent_at=sent_at)
    if decided is None:
        order = orders.load(order_id)
        reason = find_conflict(order, Cancel()) if order else None
        if order and order.taker and order.decision is None:
            orders.note_refused_cancellation(order_id, now)
        logger.info("Too late to cancel", reason=str(reason or "An earlier run was meant."))
    elif decided.task_token is None:
        logger.info("Cancellation kept until the workflow waits")
    else:
        try:
            workflow.resume(decided.task_token, Cancel())
        except TaskIsOver:
            logger.info("Too late to cancel", reason="The workflow no longer waits.")
        else:
            logger.info("Order canceled")
