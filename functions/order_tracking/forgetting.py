"""Removes the personal data of orders that ended long enough ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aws.counter_index import CounterIndex
from aws.observability import logger
from aws.order_table import OrderTable
from orders.model import iso


def remove_personal_data(
    orders: OrderTable,
    index: CounterIndex,
    ended_before: datetime,
    has_time: Callable[[], bool],
) -> int:
    """Remove that of each order that ended before a time, while ``has_time``.

    The oldest come first and leave the list, so the next run goes on with the rest. Returns how
    many orders that were.
    """
    forgotten = 0
    for order_id in index.list_ended_before(iso(ended_before)):
        if not has_time():
            logger.warning("Not all old orders were looked at")
            break
        forgotten += orders.forget(order_id, iso(ended_before))
    return forgotten
