"""Records the events of a run on its order."""

from __future__ import annotations

from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from aws.config_table import ConfigTable
from aws.event_bus import EventBus
from aws.numbers import Numbers
from aws.observability import logger
from aws.order_table import OrderTable, Written
from aws.workflow import TaskIsOver, Workflow
from orders.events import EventType, OrderEvent
from orders.model import Fail, Status, TaskToken, iso


def record_waiting(
    orders: OrderTable,
    numbers: Numbers,
    config: ConfigTable,
    workflow: Workflow,
    bus: EventBus,
    event: OrderEvent,
) -> Written | None:
    """Keep the token of a run that waits, and resume it with a decision that it has not received.

    That is a cancellation that came early, or a decision sent with the token of an earlier attempt,
    which the run no longer listens to. Whether it has received one that is there already is not
    known, so that is sent again: the workflow takes one only.

    If nobody has decided, the order is at the counter now, and an event without the token says so.
    Returns None if the run no longer has the order, or waits with the token of a later attempt.
    Raises BusRefused, and ValueError for an event of no execution.
    """
    order_id, execution = event.detail["orderId"], event.require_execution()
    token, attempt = TaskToken(event.detail["TaskToken"]), int(event.detail["attempt"])
    since = event.string("since") or event.sent_at
    number = _give_number(numbers, order_id)
    written = orders.start_preparation(order_id, execution, token, attempt, since, number)
    if written is None:
        logger.info("The run no longer waits with this token, which was dropped")
        _end_run_without_order(orders, config, workflow, order_id, execution, token)
        return None
    before = written.before
    if before and before.decision:
        kind = before.decision.kind
        try:
            workflow.resume(token, before.decision)
        except TaskIsOver:
            logger.info("Too late for a decision", decision=kind)
        else:
            logger.info("Decided before the run waited with this token", decision=kind)
    else:
        detail = {name: event.detail[name] for name in ("orderId", "userId", "drink")}
        bus.publish(EventType.IN_PREPARATION, detail, [execution])
        logger.info("Order in preparation", execution=execution, number=number)
    return written


def _give_number(numbers: Numbers, order_id: str) -> int | None:
    """None if it can't be had now: without its token the order would be lost, not without this."""
    try:
        return numbers.give(order_id)
    except (ClientError, BotoCoreError):
        logger.exception("The order has no number")
        return None


def _end_run_without_order(
    orders: OrderTable,
    config: ConfigTable,
    workflow: Workflow,
    order_id: str,
    execution: str,
    token: TaskToken,
) -> None:
    """End a run that waits although its order has ended or another run has it; free its slot.

    That happens after somebody redrives a broken execution that was already cleaned up. In most
    cases, though, the event was late and the run is over.
    """
    order = orders.load(order_id)
    if order is None:
        return
    is_over = order.status.has_ended or order.decision == Fail()
    if order.execution == execution and not is_over:
        return
    config.release_slot(execution)
    try:
        workflow.resume(token, Fail())
    except TaskIsOver:
        return
    logger.warning("A run without its order was ended", execution=execution)


def record_outcome(orders: OrderTable, event: OrderEvent, now: datetime) -> Written | None:
    """Record how a run ended. Returns None if that is recorded already."""
    order_id, status = event.order_id, event.type.status
    if order_id is None or status is None:
        logger.info("An order without an id ended, there is nothing to keep")
        return None
    outcome = {
        "barista_name": event.string("baristaId"),
        "code": event.string("code"),
        "message": event.string("message"),
        "over_at": event.sent_at,
    }
    written = (
        orders.end(order_id, event.execution, status, iso(now), outcome)
        if event.execution
        else None
    )
    if written is None and status is Status.REJECTED:
        # An order that was refused before a run could claim it.
        customer = {"user_id": event.string("userId"), "drink": event.string("drink")}
        written = orders.end(order_id, None, status, iso(now), outcome | customer)
    logger.info(
        "Order ended", status=status, recorded=written is not None, execution=event.execution
    )
    return written
