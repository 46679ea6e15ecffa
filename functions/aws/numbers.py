"""The numbers that the counter calls out, in the config table."""

from __future__ import annotations

from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final

from aws.conditional import write_if
from aws.order_table import OrderTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

LARGEST: Final = 99
LAST: Final = {"PK": "number"}


class Numbers:
    """Gives each order at the counter a number from 1 to 99, one after another.

    An item for each number names the order that had it last. So nothing has to be given back: a
    number is free once that order has ended.
    """

    def __init__(
        self, dynamodb: DynamoDBServiceResource, config_table: str, orders: OrderTable
    ) -> None:
        self._table = dynamodb.Table(config_table)
        self._orders = orders

    def give(self, order_id: str) -> int | None:
        """The order's number, the same at each call; None while all are called.

        The order is in the table already. Throttling and outages surface as ``ClientError``.
        """
        order = self._orders.load(order_id)
        if order is None or order.number:
            return order.number if order else None
        for number in islice(count(self._next()), LARGEST):
            candidate = (number - 1) % LARGEST + 1
            if self._claim(candidate, order_id):
                return candidate
        return None

    def _next(self) -> int:
        answer: Any = self._table.update_item(
            Key=LAST,
            UpdateExpression="ADD #last :one",
            ExpressionAttributeNames={"#last": "last"},
            ExpressionAttributeValues={":one": 1},
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"]["last"])

    def _claim(self, number: int, order_id: str) -> bool:
        """Whether the order has the number now."""
        key = {"PK": f"number#{number}"}
        item: Any = self._table.get_item(Key=key, ConsistentRead=True).get("Item", {})
        holder = item.get("orderId")
        if holder not in (None, order_id) and self._is_called(str(holder), number):
            return False
        written = write_if(
            lambda: self._table.update_item(
                Key=key,
                UpdateExpression="SET orderId = :id",
                ConditionExpression="attribute_not_exists(orderId) OR orderId = :holder",
                ExpressionAttributeValues={":id": order_id, ":holder": holder or order_id},
            )
        )
        return written is not None

    def _is_called(self, order_id: str, number: int) -> bool:
        """Whether an order that was given this number has it still, or is about to."""
        order = self._orders.load(order_id)
        return order is not None and not order.status.has_ended and order.number in (None, number)
