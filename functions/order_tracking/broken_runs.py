"""Does what a run that broke could not do itself: free its slot, and announce its order's end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from aws.config_table import ConfigTable
from aws.event_bus import EventBus
from aws.observability import logger
from aws.order_table import OrderTable
from aws.workflow import Execution
from orders.events import EventType, read_text
from orders.model import Cancel, Complete, Decision, Decline, is_order_id, iso

type Announcement = tuple[EventType, dict[str, str]]
"""An event, and what its detail holds beside the order."""


def clean_up_broken_run(
    orders: OrderTable, config: ConfigTable, bus: EventBus, execution: Execution
) -> None:
    """Clean up after an execution that is over, although the end of its order is not recorded.

    It failed or was stopped, and could not clean up after itself; or its last event got lost. If it
    broke before it claimed its order, the order is claimed here: otherwise a repeat of the order's
    event could still make a drink of which the customer reads that it was not made. An order that
    another run has is left to that run.

    The slot comes back first, so that a customer who is asked to order again finds it free. Then an
    event is sent, which ends the order and notifies the customer. All of it can be repeated. Raises
    BusRefused.
    """
    config.release_slot(execution.arn)
    order_id = execution.order_input.get("orderId")
    if not is_order_id(order_id):
        logger.warning("A broken run had no order id, so there is nobody to notify")
        return
    texts = {
        "user_id": read_text(execution.order_input.get("userId")),
        "drink": read_text(execution.order_input.get("drink")),
    }
    orders.claim_unclaimed(order_id, execution.arn, iso(execution.started_at), texts)
    stopped = orders.stop_waiting(order_id, execution.arn)
    if stopped is None or stopped.before is None:
        logger.info("A broken run no longer had its order")
        return
    event_type, result = read_announcement(execution.output) or announce(stopped.before.decision)
    detail = {name: execution.order_input.get(name) for name in ("orderId", "userId", "drink")}
    bus.publish(event_type, detail | result, [execution.arn])
    logger.warning("Cleaned up a broken run", execution=execution.arn, announced=event_type)


def read_announcement(output: Mapping[str, Any]) -> Announcement | None:
    """What an execution with this output has announced; None if it has announced nothing."""
    match output:
        case {"orderCompleted": {"orderCreated": {"baristaId": str(name)}}}:
            return _announce_completed(name)
        case {"orderCanceled": _}:
            return announce(Cancel())
        case {"orderTimedOut": _}:
            return EventType.TIMED_OUT, {
                "message": "Your order timed out because no barista finished it."
                " Please order again."
            }
        case {"error": {"code": str(code), "message": str(message)}}:
            return EventType.REJECTED, {"code": code, "message": message}
    return None


def announce(decision: Decision | None) -> Announcement:
    """The event for an order whose run broke.

    A decision is true even if the workflow did not receive it: a drink that a barista has completed
    is made, and one that was declined or canceled never will be. The texts are the workflow's.
    """
    match decision:
        case Complete(barista):
            return _announce_completed(barista.name)
        case Decline(reason=reason):
            return EventType.REJECTED, {
                "code": "ERROR-104",
                "message": "The order cannot be executed because a barista declined it"
                f" ({reason}).",
            }
        case Cancel():
            return EventType.CANCELED, {"message": "Your order was canceled as you asked."}
        case None:
            return EventType.FAILED, {
                "message": "Something went wrong and your order was not made. Please order again."
            }
        case _ as never:
            assert_never(never)


def _announce_completed(name: str) -> Announcement:
    return EventType.COMPLETED, {
        "baristaId": name,
        "message": f"Your order is ready for pick-up. {name} prepared it.",
    }
