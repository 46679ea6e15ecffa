"""What is of a person in an order is kept for a while after its end, and then no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from orders.model import iso
from orders.observability import logger
from orders.store import OrderStore


def forget(store: OrderStore, ended_before: datetime, has_time: Callable[[], bool]) -> int:
    """Forget the people in each order that ended before a time, for as long as ``has_time``.

    The oldest come first, and leave the list: what is left over is next time's beginning.
    Returns how many orders that were.
    """
    forgotten = 0
    for order_id in store.ended_before(iso(ended_before)):
        if not has_time():
            logger.warning("Not all old orders were looked at")
            break
        forgotten += store.forget(order_id, iso(ended_before))
    return forgotten
