"""What a barista's click does to an order."""

from __future__ import annotations

import time
from hashlib import sha256

from aws.event_bus import EventBus
from aws.observability import logger
from aws.order_table import OrderTable
from aws.workflow import TaskIsOver, Workflow
from orders.conflicts import OrderConflict, OrderError, OrderNotFound, OrderTimedOut, find_conflict
from orders.events import EventType
from orders.model import Barista, Complete, Decision, Decline, Order, is_valid_order
from orders.outcomes import brought_about, describe_decision

# An end gets from the workflow to the order table in about a second; the page waits for 8.
END_TIMEOUT_SECONDS = 3.0
POLL_SECONDS = 0.2


def find(orders: OrderTable, order_id: str) -> Order:
    """The order as it is now. Raises OrderNotFound."""
    order = orders.load(order_id)
    if order is None:
        raise OrderNotFound(f"There is no order {order_id}. Check the order id.")
    return order


def click(
    orders: OrderTable, workflow: Workflow, order_id: str, decision: Complete | Decline, now: str
) -> bool:
    """End the wait for the barista: record the decision, then resume the workflow.

    If the function is killed between the two, the same barista's next click finds its own decision
    and resumes the workflow again. It may also decide differently, as long as the workflow has
    received nothing. A decision stays whatever the workflow answers: it is true, and is announced
    even if the workflow broke. Returns whether the decision ended the wait; False if only the
    order's end will tell. Raises OrderNotFound, OrderConflict or OrderTimedOut.
    """
    decided = orders.decide(order_id, decision, now)
    if decided is None:
        earlier = _find_unreceived(orders, workflow, order_id, decision)
        decided = orders.decide(order_id, decision, now, replacing=earlier)
    if decided is None or decided.task_token is None:
        raise _conflict(find(orders, order_id), decision)
    try:
        workflow.resume(decided.task_token, decision)
    except TaskIsOver:
        return _ended_by(orders, order_id, decision)
    logger.info(
        "A barista has decided", decision=type(decision).__name__, barista=decision.barista.name
    )
    return True


def _find_unreceived(
    orders: OrderTable, workflow: Workflow, order_id: str, wanted: Decision
) -> Decision:
    """The barista's own earlier decision, which the workflow has not received.

    A task that still takes a heartbeat has received no callback. Raises OrderNotFound,
    OrderConflict or OrderTimedOut.
    """
    order = find(orders, order_id)
    earlier, token = order.decision, order.task_token
    if earlier is None or token is None or find_conflict(order, wanted):
        raise _conflict(order, wanted)
    try:
        workflow.prolong(token)
    except TaskIsOver:
        raise OrderConflict(
            f"Order {order_id}: {describe_decision(earlier)}, and it is about to end."
        ) from None
    return earlier


def _conflict(order: Order, wanted: Decision | None = None) -> OrderError:
    return find_conflict(order, wanted) or OrderConflict(
        f"Order {order.order_id} has just changed. Look at it and try again."
    )


def _ended_by(orders: OrderTable, order_id: str, decision: Complete | Decline) -> bool:
    """Whether the decision ended an order whose workflow no longer waits.

    The wait may have timed out. Or an earlier callback got through and its answer was lost; it may
    have been the SDK's own first attempt. AWS answers both alike, so this waits for the order's end
    to tell them apart. Returns False if the end does not come in time.
    """
    deadline = time.monotonic() + END_TIMEOUT_SECONDS
    while not (order := find(orders, order_id)).status.has_ended:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    if brought_about(decision.kind, decision.barista.name, order):
        return True
    raise _too_late(orders, order_id)


def take(
    orders: OrderTable,
    workflow: Workflow,
    order_id: str,
    barista: Barista,
    now: str,
    *,
    over: bool,
) -> None:
    """Let the barista make the drink, and start the order's time again.

    Who makes it already may ask again; somebody else takes it ``over`` or is refused. Raises
    OrderNotFound, OrderConflict or OrderTimedOut.
    """
    taken = orders.take(order_id, barista, now, over=over)
    if taken is None or taken.task_token is None:
        raise _take_conflict(find(orders, order_id), barista)
    try:
        workflow.prolong(taken.task_token)
    except TaskIsOver:
        raise _too_late(orders, order_id) from None
    logger.info("A barista makes the drink", barista=barista.name, over=over)


def _take_conflict(order: Order, barista: Barista) -> OrderError:
    if find_conflict(order) is None and order.taker and order.taker != barista:
        return OrderConflict(
            f"Order {order.order_id}: {order.taker.name} is making it. Take it over, or leave it."
        )
    return _conflict(order)


def give_back(orders: OrderTable, order_id: str, barista: Barista) -> None:
    """Let others make the drink. Raises OrderNotFound, OrderConflict or OrderTimedOut."""
    if orders.give_back(order_id, barista):
        logger.info("A barista gave the order back", barista=barista.name)
        return
    order = find(orders, order_id)
    raise find_conflict(order) or OrderConflict(
        f"Order {order_id}: you are not making it, so there is nothing to give back."
    )


def prolong(
    orders: OrderTable, workflow: Workflow, order_id: str, barista: Barista, now: str
) -> None:
    """Start the order's time again, for a barista who needs longer.

    Raises OrderNotFound, OrderConflict or OrderTimedOut.
    """
    order = find(orders, order_id)
    refused = find_conflict(order)
    if refused or order.task_token is None:
        raise refused or _too_late(orders, order_id)
    try:
        workflow.prolong(order.task_token)
    except TaskIsOver:
        raise _too_late(orders, order_id) from None
    orders.prolong(order_id, barista, now)
    logger.info("A barista prolonged the order", barista=barista.name)


def make_again(orders: OrderTable, bus: EventBus, order_id: str, barista: Barista) -> str:
    """Order the drink of an ended order once more, for the same customer; return the new id.

    Once for each end: a second click finds the new order. The customer follows it by the first
    one's key. Raises OrderNotFound, OrderConflict or
    BusRefused.
    """
    order = find(orders, order_id)
    if not order.status.has_ended:
        raise OrderConflict(f"Order {order_id} has not ended, so it is not made again.")
    detail = {"userId": order.user_id, "drink": order.drink, "againOf": order_id}
    new_id = f"again-{sha256(f'{order_id} {order.ended_at}'.encode()).hexdigest()[:24]}"
    if not is_valid_order(detail | {"orderId": new_id}):
        raise OrderConflict(f"Nobody knows any more what order {order_id} was. Order it anew.")
    if orders.load(new_id):
        raise OrderConflict(f"Order {order_id} is being made again already, as order {new_id}.")
    name = {"name": order.name} if order.name else {}
    bus.publish(EventType.ORDER_CREATED, {"orderId": new_id, **detail, **name})
    orders.note_made_again(order_id, str(order.ended_at), new_id)
    logger.info("A drink is made again", barista=barista.name, as_order=new_id)
    return new_id


def _too_late(orders: OrderTable, order_id: str) -> Exception:
    """The error for a workflow that went on before its end reached the order table."""
    return find_conflict(find(orders, order_id)) or OrderTimedOut(
        f"Order {order_id} ended a moment ago without your click. Look at it to see how."
    )
