"""A customer's own order: whoever has its key may see it and cancel it.

The customer's browser makes the key and keeps it in the fragment of the link, which is never sent.
The order's id is a digest of the key. So the id, which the counter and the logs show, does not give
away the key; and a second request with the same key, after a lost answer, is the same order.
"""

from __future__ import annotations

import time
from hashlib import sha256

from aws.counter_index import CounterIndex
from aws.event_bus import EventBus
from aws.order_table import OrderTable
from orders.events import EventType
from orders.model import Order, Status

# A cancellation takes about a second; the page waits for 8.
CANCEL_TIMEOUT_SECONDS = 4.0
POLL_SECONDS = 0.2


class NotCanceled(Exception):
    """An order can't be canceled any more; the message says why."""


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


def find(orders: OrderTable, order_id: str) -> Order | None:
    """The order, or the one that makes its drink again; None if it is unknown."""
    order = orders.load_public(order_id)
    while order and order.again_as and (again := orders.load_public(order.again_as)):
        order = again
    return order


def cancel(bus: EventBus, order_id: str) -> None:
    """Ask for the order's cancellation. Raises BusRefused."""
    bus.publish(EventType.ORDER_DELETED, {"orderId": order_id})


def cancel_for_another(orders: OrderTable, bus: EventBus, key: str) -> bool:
    """Cancel the order with this key, and wait until it is canceled: there are never two drinks.

    Returns False if it takes too long: then one may ask again. Raises NotCanceled or BusRefused.
    """
    asked = False
    deadline = time.monotonic() + CANCEL_TIMEOUT_SECONDS
    while True:
        order = find(orders, order_id(key))
        if order is None:
            raise NotCanceled("There is no such order to change.")
        if order.status is Status.CANCELED:
            return True
        if order.maker:
            raise NotCanceled(f"{order.maker} is making it already. Ask at the counter.")
        if order.status.has_ended:
            raise NotCanceled("It is too late to change this order.")
        if not asked:
            cancel(bus, order.order_id)
            asked = True
        elif time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)


def find_place(index: CounterIndex, order: Order) -> int | None:
    """The order's place in the queue: 1 has waited longest; None if it is not in preparation."""
    if order.status is not Status.IN_PREPARATION:
        return None
    places = enumerate(index.list_queue(), start=1)
    return next((place for place, other in places if other.order_id == order.order_id), None)
