"""A customer's own order: whoever holds its key may see it and cancel it.

The key is made by the customer's browser and stays in the part of the link that is never sent. The
order's id is made from it, so that nobody who reads the id, at the counter or in a log, can find
the key; and so that ordering once more with the same key, after an answer got lost, is the same
order.
"""

from __future__ import annotations

from hashlib import sha256

from orders.events import EventBus, EventType
from orders.model import Order, Status
from orders.order_table import OrderTable


def order_id(key: str) -> str:
    """The id of the order that this key opens: 96 bits of it, which nobody guesses."""
    return f"web-{sha256(key.encode()).hexdigest()[:24]}"


def place(bus: EventBus, key: str, name: str, drink: str) -> None:
    """Order as any other producer does. Raises BusRefused.

    The name is what anybody may type, so the order's id stands for its customer: who subscribes to
    a customer's notifications must not get what a stranger of the same name orders.
    """
    own_id = order_id(key)
    detail = {"orderId": own_id, "userId": own_id, "name": name, "drink": drink}
    bus.publish(EventType.ORDER_CREATED, detail)


def cancel(bus: EventBus, key: str) -> None:
    """Take the order back, if nobody has decided about it yet. Raises BusRefused."""
    bus.publish(EventType.ORDER_DELETED, {"orderId": order_id(key)})


def find_place(orders: OrderTable, order: Order) -> int | None:
    """1 for the order that has waited longest; None for one that is not in preparation."""
    if order.status is not Status.IN_PREPARATION:
        return None
    places = enumerate(orders.list_queue(), start=1)
    return next((number for number, other in places if other == order.order_id), None)
