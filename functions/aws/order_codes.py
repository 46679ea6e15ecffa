"""The order codes in the config table."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from orders.model import CodeRules
from orders.order_codes import CodeRefused, Window, find_window, read_code
from orders.outcomes import Refusal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

SECRET_KEY: Final = {"PK": "order-code-secret"}


class OrderCodes:
    """The codes in the config table: the secret, and the orders that used each code."""

    def __init__(self, dynamodb: DynamoDBServiceResource, config_table: str) -> None:
        self._table = dynamodb.Table(config_table)

    def current(self, rules: CodeRules, now: datetime) -> tuple[str, datetime]:
        """The code to show, and until when. The first call makes the secret."""
        window = Window.at(now, rules.minutes)
        return window.code(self._secret() or self._new_secret()), window.ends

    def use(self, given: str | None, rules: CodeRules, order_id: str, now: datetime) -> None:
        """Let an order use a code. The same order may use it again without being counted twice.

        Raises CodeRefused.
        """
        typed = read_code(given)
        self._count(find_window(typed, self._secret(), rules.minutes, now), rules, order_id)

    def _count(self, window: Window, rules: CodeRules, order_id: str) -> None:
        try:
            self._table.update_item(
                Key={"PK": f"order-code#{window.minutes}#{window.number}"},
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
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            raise CodeRefused(Refusal.CODE_USED_UP) from None

    def _secret(self) -> bytes | None:
        item = self._table.get_item(Key=SECRET_KEY, ConsistentRead=True).get("Item", {})
        return str(item["secret"]).encode() if "secret" in item else None

    def _new_secret(self) -> bytes:
        """The secret: a new one, unless another call was faster."""
        answer = self._table.update_item(
            Key=SECRET_KEY,
            UpdateExpression="SET #kept = if_not_exists(#kept, :new)",
            ExpressionAttributeNames={"#kept": "secret"},
            ExpressionAttributeValues={":new": secrets.token_hex(32)},
            ReturnValues="ALL_NEW",
        )
        return str(answer["Attributes"]["secret"]).encode()
