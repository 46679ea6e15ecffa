"""The order codes in the config table."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from aws.conditional import write_if
from aws.order_table import OrderTable
from aws.secret import make_secret
from orders.model import CodeRules
from orders.order_codes import CodeRefused, Window, find_window, gives_back, read_code
from orders.outcomes import Refusal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

SECRET_KEY: Final = "order-code-secret"  # noqa: S105 - its item
# Of the orders that used a code up, so many are looked at again: a request must not cost thousands
# of reads. If more than these were canceled, it is most of them, and any such choice has some.
LOOKED_AT: Final = 20


class OrderCodes:
    """The codes in the config table: the secret, and the orders that used each code."""

    def __init__(
        self, dynamodb: DynamoDBServiceResource, config_table: str, orders: OrderTable
    ) -> None:
        self._table = dynamodb.Table(config_table)
        self._orders = orders

    def current(self, rules: CodeRules, now: datetime) -> tuple[str, datetime]:
        """The code to show, and until when. The first call makes the secret."""
        window = Window.at(now, rules.minutes)
        return window.code(self._secret() or make_secret(self._table, SECRET_KEY)), window.ends

    def use(self, given: str | None, rules: CodeRules, order_id: str, now: datetime) -> None:
        """Let an order use a code. The same order may use it again without being counted twice.

        Orders that were canceled give their uses back when the code is used up, and not before: a
        cancellation that was only asked for has not freed a slot. Raises CodeRefused.
        """
        typed = read_code(given)
        window = find_window(typed, self._secret(), rules.minutes, now)
        try:
            self._count(window, rules, order_id)
        except CodeRefused:
            if not self._take_back(window):
                raise
            self._count(window, rules, order_id)

    def _take_back(self, window: Window) -> bool:
        """Whether there were uses to take back."""
        key = _key(window)
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item", {})
        used: Any = item.get("orderIds", set())
        some = secrets.SystemRandom().sample(sorted(used), min(len(used), LOOKED_AT))
        over = {order for order in some if gives_back(self._orders.load_public(order))}
        if over:
            self._table.update_item(
                Key=key,
                UpdateExpression="DELETE orderIds :over",
                ExpressionAttributeValues={":over": over},
            )
        return bool(over)

    def _count(self, window: Window, rules: CodeRules, order_id: str) -> None:
        counted = write_if(
            lambda: self._table.update_item(
                Key=_key(window),
                UpdateExpression="ADD orderIds :ids SET expiration = :expiration",
                ConditionExpression=(
                    "attribute_not_exists(orderIds) OR contains(orderIds, :id)"
                    " OR size(orderIds) < :orders"
                ),
                ExpressionAttributeValues={
                    ":id": order_id,
                    ":ids": {order_id},
                    ":orders": rules.orders,
                    # The code is valid until the end of the next window.
                    ":expiration": int(window.ends.timestamp()) + 2 * 60 * window.minutes,
                },
            )
        )
        if counted is None:
            raise CodeRefused(Refusal.CODE_USED_UP)

    def _secret(self) -> bytes | None:
        item = self._table.get_item(Key={"PK": SECRET_KEY}, ConsistentRead=True).get("Item", {})
        return str(item["secret"]).encode() if "secret" in item else None


def _key(window: Window) -> dict[str, str]:
    return {"PK": f"order-code#{window.minutes}#{window.number}"}
