"""A customer's own order: whoever has its key may see it and cancel it.

The customer's browser makes the key and keeps it in the fragment of the link, which is never sent.
The order's id is a digest of the key. So the id, which the counter and the logs show, does not give
away the key; and a second request with the same key, after a lost answer, is the same order.
"""

from __future__ import annotations

from hashlib import sha256

from aws.event_bus import EventBus
from aws.order_table import OrderTable
from orders.events import EventType
from orders.model import Order, Status


def order_id(key: str) -> str:
    """The id of the order with this key: 96 bits of a digest."""
    return f"web-{sha256(key.encode()).hexdigest()[:24]}"


def place(bus: EventBus, key: str, name: str, drink: str) -> None:
    """Order as the order service does. Raises BusRefused.

    Anybody may type any name, so the order's id is its ``userId`` as well: a subscriber to one
    customer's notifications must not get those of a stranger with the same name.
    """
    own_id = order_id(key)
    detail = {"orderId": own_id, "userId": own_id, "name": name, "drink": drink}
    bus.publish(EventType.ORDER_CREATED, detail)


def cancel(bus: EventBus, key: str) -> None:
    """Ask for the order's cancellation. Raises BusRefused."""
    bus.publish(EventType.ORDER_DELETED, {"orderId": order_id(key)})


def find_place(orders: OrderTable, order: Order) -> int | None:
    """The order's place in the queue: 1 has waited longest; None if it is not in preparation."""
    if order.status is not Status.IN_PREPARATION:
        return None
    places = enumerate(orders.list_queue(), start=1)
    return next((number for number, other in places if other == order.order_id), None)
