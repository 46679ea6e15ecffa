"""What a customer reads about an order, and what identifies a notification."""

from __future__ import annotations

import json
from hashlib import sha256

from orders.events import OrderEvent
from orders.notifications import end_key, preparing_key
from orders.outcomes import Refusal


def write_text(event: OrderEvent, number: int | None) -> str:
    """The message's body, with the drink as it was ordered."""
    message = event.string("message") or "A barista will prepare your order."
    called = f"Order {number}, " if number else ""
    return f"{called}{event.string('drink') or 'Your order'}: {message}"


def idempotency_key(event: OrderEvent) -> str:
    """The same for every delivery of the same notification, however often the event was sent.

    A run of an order ends once: if its execution is redriven after it was announced as failed, the
    customer is not notified again.
    """
    if event.type.status and event.type.status.has_ended:
        return end_key(owner(event))
    return preparing_key(owner(event))


def owner(event: OrderEvent) -> str:
    """What the notification belongs to: the run.

    An order that is invalid or too old has no run, so a digest of its detail stands for it. Without
    an order id the event's id does, because two such events are two orders.
    """
    if event.string("code") not in (Refusal.INVALID, Refusal.TOO_OLD):
        return event.execution or event.id
    detail = json.dumps(event.detail, sort_keys=True)
    return sha256(detail.encode()).hexdigest() if event.string("orderId") else event.id
