"""What an execution could not do itself: free its slot, and say how its order ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, assert_never

from orders.events import publish, text
from orders.model import Cancel, Complete, Decision, Decline, is_order_id, iso
from orders.observability import logger
from orders.store import OrderStore
from orders.workflow import Execution

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient


type Announcement = tuple[str, dict[str, str]]
"""An event's detail-type, and what its detail holds beside the order."""


def clean_up(
    store: OrderStore, bus: EventBridgeClient, bus_name: str, execution: Execution
) -> None:
    """An execution is over without its order's end being known.

    It failed or was stopped from outside, and so could not clean up after itself; or what it said
    last got lost. If it broke before it had claimed its order, that is done here: else a repeat of
    the order's event could still make what the customer is told was not made. An order that another
    run has is left to it.

    The slot comes back first, so that a customer who reads that they should order again finds it.
    It is the execution's own, whatever became of the order. Then an event is sent, which ends the
    order and tells the customer. All of it can be repeated. Raises BusRefused.
    """
    store.release_capacity(execution.arn)
    order_id = execution.ordered.get("orderId")
    if not is_order_id(order_id):
        logger.warning("An execution to clean up after had no order id, there is nobody to tell")
        return
    texts = {
        "user_id": text(execution.ordered.get("userId")),
        "drink": text(execution.ordered.get("drink")),
    }
    store.claim_unclaimed(order_id, execution.arn, iso(execution.started_at), texts)
    order = store.stop_waiting(order_id, execution.arn)
    if order is None:
        logger.info("The execution to clean up after no longer had the order")
        return
    detail_type, result = announced(execution.output) or announcement(order.decision)
    detail = {name: execution.ordered.get(name) for name in ("orderId", "userId", "drink")}
    publish(bus, bus_name, detail_type, detail | result, [execution.arn])
    logger.warning(
        "An execution was cleaned up after", execution=execution.arn, announced=detail_type
    )


def announced(output: Mapping[str, Any]) -> Announcement | None:
    """What an execution with this output has said already; None if it said nothing."""
    match output:
        case {"orderCompleted": {"orderCreated": {"baristaId": str(name)}}}:
            return _completed(name)
        case {"orderCanceled": _}:
            return announcement(Cancel())
        case {"orderTimedOut": _}:
            return "OrderProcessor.OrderTimedOut", {
                "message": "Your order timed out because no barista finished it."
                " Please order again."
            }
        case {"error": {"code": str(code), "message": str(message)}}:
            return "OrderProcessor.OrderRejected", {"code": code, "message": message}
    return None


def announcement(decision: Decision | None) -> Announcement:
    """The event for an order whose execution broke.

    What was decided is true whether or not the workflow got to hear of it: a drink that a barista
    has completed is made, and one that was declined or canceled never will be. The texts are those
    of the workflow.
    """
    match decision:
        case Complete(barista):
            return _completed(barista.name)
        case Decline(reason=reason):
            return "OrderProcessor.OrderRejected", {
                "code": "ERROR-104",
                "message": "The order cannot be executed because a barista declined it"
                f" ({reason}).",
            }
        case Cancel():
            return "OrderProcessor.OrderCanceled", {
                "message": "Your order was canceled as you asked."
            }
        case None:
            return "OrderProcessor.OrderFailed", {
                "message": "Something went wrong and your order was not made. Please order again."
            }
        case _ as never:
            assert_never(never)


def _completed(name: str) -> Announcement:
    return "OrderProcessor.OrderCompleted", {
        "baristaId": name,
        "message": f"Your order is ready for pick-up. {name} prepared it.",
    }
