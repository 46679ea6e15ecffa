"""Secrets that the functions make for themselves, each in an item of the config table."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


def make_secret(table: Table, key: str) -> bytes:
    """The secret in the item with this key: a new one, unless another call was faster."""
    answer = table.update_item(
        Key={"PK": key},
        UpdateExpression="SET #kept = if_not_exists(#kept, :new)",
        ExpressionAttributeNames={"#kept": "secret"},
        ExpressionAttributeValues={":new": secrets.token_hex(32)},
        ReturnValues="ALL_NEW",
    )
    return str(answer["Attributes"]["secret"]).encode()
