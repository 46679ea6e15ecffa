"""What each event of a run does to its order."""

from __future__ import annotations

from datetime import datetime

from orders.events import OrderEvent
from orders.model import Cancel, Order, Status, TaskToken, iso
from orders.observability import logger
from orders.store import OrderStore
from orders.workflow import TaskIsOver, Workflow

WAITING = "OrderProcessor.WaitingCompletion"
OUTCOMES = {
    "OrderProcessor.OrderCompleted": Status.READY,
    "OrderProcessor.OrderRejected": Status.REJECTED,
    "OrderProcessor.OrderTimedOut": Status.TIMED_OUT,
    "OrderProcessor.OrderCanceled": Status.CANCELED,
    "OrderProcessor.OrderFailed": Status.FAILED,
}


def waiting(
    store: OrderStore, workflow: Workflow, event: OrderEvent, now: datetime
) -> Order | None:
    """The run waits for a barista: keep its token, and act on a decision that it did not hear of.

    That is a cancellation that came early, or whatever was decided with the token of an earlier
    attempt, which the run no longer listens to.

    Returns the order as it was before; None if the run no longer has it, or waits with the token of
    a later attempt.
    """
    order_id, execution = event.detail["orderId"], str(event.execution)
    token, attempt = TaskToken(event.detail["TaskToken"]), int(event.detail["attempt"])
    before = store.start_preparation(order_id, execution, token, attempt, iso(now))
    if before is None:
        logger.info("The run no longer waits with this token, which was dropped")
        _end_late_run(store, workflow, order_id, execution, token)
    elif before.decision and (before.decision == Cancel() or before.task_token != token):
        kind = type(before.decision).__name__
        try:
            workflow.resume(token, before.decision)
        except TaskIsOver:
            logger.info("Too late for a decision", decision=kind)
        else:
            logger.info("Decided before the run waited with this token", decision=kind)
    else:
        logger.info("Order in preparation", execution=execution)
    return before


def _end_late_run(
    store: OrderStore, workflow: Workflow, order_id: str, execution: str, token: TaskToken
) -> None:
    """End a run that waits though its order has ended or is another's, and free its slot.

    That takes somebody who redrives a broken execution after it was cleaned up after. As a rule the
    event was late and the run is over.
    """
    order = store.get(order_id)
    if order is None or (order.execution == execution and not order.status.has_ended):
        return
    store.release_capacity(execution)
    try:
        workflow.give_up(token)
    except TaskIsOver:
        return
    logger.warning("A run without its order was ended", execution=execution)


def outcome(store: OrderStore, event: OrderEvent, now: datetime) -> Order | None:
    """The run has ended. Returns the order as it was before; None if that was known already."""
    order_id = event.order_id
    if order_id is None:
        logger.info("An order without an id ended, there is nothing to keep")
        return None
    status = OUTCOMES[event.detail_type]
    texts = {
        "barista_id": event.text("baristaId"),
        "code": event.text("code"),
        "message": event.text("message"),
        "over_at": event.said_at,
    }
    before = store.end(order_id, str(event.execution), status, iso(now), texts)
    if before is None and status is Status.REJECTED:
        # An order that was refused before a run could claim it.
        texts |= {"user_id": event.text("userId"), "drink": event.text("drink")}
        before = store.end_unclaimed(order_id, status, iso(now), texts)
    logger.info(
        "Order ended", status=status, recorded=before is not None, execution=event.execution
    )
    return before
