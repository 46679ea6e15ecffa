"""Does what a run that broke could not do itself: free its slot, and announce its order's end."""

from __future__ import annotations

from aws.config_table import ConfigTable
from aws.event_bus import EventBus
from aws.observability import logger
from aws.order_table import OrderTable
from aws.workflow import Execution
from orders.events import read_string
from orders.model import is_order_id, is_valid_order, iso, shorten
from orders.outcomes import Refusal, announce, read_announcement, refuse


def clean_up_broken_run(
    orders: OrderTable, config: ConfigTable, bus: EventBus, execution: Execution
) -> None:
    """Clean up after an execution that is over, although the end of its order is not recorded.

    It failed or was stopped, and could not clean up after itself; or its last event got lost. If it
    broke before it claimed its order, the order is claimed here: otherwise a repeat of the order's
    event could still make a drink of which the customer reads that it was not made. An order that
    another run has is left to that run. An invalid order is refused and not claimed, so that it can
    be sent again, corrected.

    The slot comes back first, so that a customer who is asked to order again finds it free. Then an
    event is sent, which ends the order and notifies the customer. All of it can be repeated. Raises
    BusRefused.
    """
    config.release_slot(execution.arn)
    order_id = execution.order_input.get("orderId")
    if not is_order_id(order_id):
        logger.warning("A broken run had no order id, so there is nobody to notify")
        return
    if is_valid_order(execution.order_input):
        customer = {
            "user_id": read_string(execution.order_input.get("userId")),
            "drink": read_string(execution.order_input.get("drink")),
        }
        orders.claim_unclaimed(order_id, execution.arn, iso(execution.started_at), customer)
        stopped = orders.stop_waiting(order_id, execution.arn)
        if stopped is None or stopped.before is None:
            logger.info("A broken run no longer had its order")
            return
        outcome = read_announcement(execution.output) or announce(stopped.before.decision)
    else:
        outcome = refuse(Refusal.INVALID)
    event_type, result = outcome
    bus.publish(event_type, shorten(execution.order_input) | result, [execution.arn])
    logger.warning("Cleaned up a broken run", execution=execution.arn, announced=event_type)
