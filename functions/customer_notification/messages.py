"""What a customer gets to read about an order."""

from __future__ import annotations

import json
import re
from hashlib import sha256

from orders.events import OrderEvent
from orders.model import Status
from orders.notifications import end_key, preparing_key

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


def can_be_attribute(value: str) -> bool:
    """Whether a message attribute may hold this text.

    SNS hands attributes on as those of an SQS message, which takes a subset of Unicode:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """
    return not re.search(r"[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", value)


def key(event: OrderEvent) -> str:
    """What two deliveries of the same news have in common, however often the event was sent.

    A run of an order ends once: if its execution is redriven after it was announced as failed, the
    customer hears nothing more.
    """
    if STATUS[event.detail_type] is Status.IN_PREPARATION:
        return preparing_key(owner(event))
    return end_key(owner(event))


def owner(event: OrderEvent) -> str:
    """What the event is news of: its run.

    An order that is invalid or too old has no run that owns it, so what was ordered stands for it;
    without an order id the event does, for two of those are two orders.
    """
    if event.text("code") not in ("ERROR-100", "ERROR-105"):
        return event.execution or event.id
    ordered = json.dumps(event.detail, sort_keys=True)
    return sha256(ordered.encode()).hexdigest() if event.text("orderId") else event.id
