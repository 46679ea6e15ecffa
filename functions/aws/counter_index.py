"""The counter's index of the order table: which orders there are, without their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from aws.order_item import read_only, read_order
from orders.model import Order, Status, Use, attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

# Its two partitions: the orders that have not ended, by when they were received, and the ended ones
# that still hold personal data, by when they ended. ``sortedAt`` holds that time.
ACTIVE, ENDED = "active", "ended"

# A policy that names attributes must allow the keys of the table and of the index, too.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
_KEYS = ("orderId", "counter", "sortedAt")
_QUEUE = (*_KEYS, "status", "number", "takenBy", "againAs")
_COUNTER = tuple(dict.fromkeys((*_QUEUE, *attributes(Use.COUNTER).values())))


class CounterIndex:
    """Lists orders. It may be a moment behind the table.

    Throttling and outages surface as ``ClientError`` for the caller's retry.
    """

    def __init__(self, dynamodb: DynamoDBServiceResource, table: str) -> None:
        self._dynamodb = dynamodb.meta.client
        self._table = table

    def list_active(self) -> Iterator[Order]:
        """The orders that have not ended, oldest first."""
        return filter(None, map(read_order, self._query(ACTIVE, _COUNTER)))

    def list_in_preparation(self) -> Iterator[Order]:
        """Of the active orders those in preparation."""
        return (order for order in self.list_active() if order.status is Status.IN_PREPARATION)

    def list_queue(self) -> Iterator[Order]:
        """The orders in preparation, oldest first, with what the storefront may read of them."""
        queue = filter(None, map(read_order, self._query(ACTIVE, _QUEUE)))
        return (order for order in queue if order.status is Status.IN_PREPARATION)

    def list_ready_since(self, time: str) -> Iterator[Order]:
        """The orders that became ready since a time and stayed so, with no more of them.

        The oldest comes first.
        """
        ended = self._query(ENDED, _QUEUE, "sortedAt >= :time", {":time": time})
        orders = filter(None, map(read_order, ended))
        return (order for order in orders if order.status is Status.READY and not order.again_as)

    def list_recently_ended(self, limit: int) -> Iterator[Order]:
        """Of the ended orders that still hold personal data those that ended last, latest first."""
        # The limit is that of a page; no second page is read.
        latest = self._query(ENDED, _COUNTER, ScanIndexForward=False, Limit=limit)
        return filter(None, map(read_order, islice(latest, limit)))

    def list_ended_since(self, time: str) -> Iterator[Order]:
        """The orders that ended at a time or later, oldest end first."""
        ended = self._query(ENDED, _COUNTER, "sortedAt >= :time", {":time": time})
        return filter(None, map(read_order, ended))

    def list_ended_before(self, time: str) -> Iterator[str]:
        """The ids of the orders that ended before a time and still hold personal data."""
        ended = self._query(ENDED, _KEYS, "sortedAt < :time", {":time": time})
        return (item["orderId"] for item in ended)

    def _query(
        self,
        partition: str,
        attributes: tuple[str, ...],
        condition: str = "",
        values: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Iterator[Mapping[str, Any]]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="counter",
            KeyConditionExpression="#counter = :counter" + (condition and f" AND {condition}"),
            ExpressionAttributeValues={":counter": partition, **(values or {})},
            **read_only(*attributes),
            **more,
        )
        for page in pages:
            yield from page["Items"]
