"""What a customer gets to read about an order."""

from __future__ import annotations

from orders.events import OrderEvent
from orders.model import Status

# The detail-types that a customer hears of, and the state that each stands for.
STATUS = {
    "OrderProcessor.OrderInPreparation": Status.IN_PREPARATION,
    "OrderProcessor.OrderCompleted": Status.READY,
    "OrderProcessor.OrderRejected": Status.REJECTED,
    "OrderProcessor.OrderTimedOut": Status.TIMED_OUT,
    "OrderProcessor.OrderCanceled": Status.CANCELED,
    "OrderProcessor.OrderFailed": Status.FAILED,
}


def text(event: OrderEvent) -> str:
    """The message's body, with the drink as it was ordered."""
    message = event.text("message") or "A barista is preparing your order."
    return f"{event.text('drink') or 'Your order'}: {message}"


def key(event: OrderEvent) -> str:
    """What two deliveries of the same news have in common, however often the event was sent.

    A run of an order reaches each state once. An invalid order has no run that owns it, so the
    order id stands for it.
    """
    status = STATUS[event.detail_type]
    owner = event.execution or event.id
    if event.text("code") == "ERROR-100":
        owner = event.text("orderId") or event.id
    return f"notification#{owner}#{status}"
