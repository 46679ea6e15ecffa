"""Order codes: the counter shows one, and an order on the page needs it if they are switched on.

A code is computed from a secret and the time. Only the orders that used it are stored. It is shown
for some minutes and accepted for as long again, for somebody who types slowly.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest, digest
from typing import TYPE_CHECKING, ClassVar, Final

from botocore.exceptions import ClientError

from orders.model import CodeRules

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

# No vowels, so that no code is a word, and no characters that look alike (0 and O, 1 and L).
ALPHABET: Final = "23456789BCDFGHJKMNPQRSTVWXZ"  # pragma: allowlist secret
# 27^8 codes, of which two are valid at a time. PUT /my-order is throttled to 20 a second, so
# guessing one takes 200 years.
LENGTH: Final = 8

SECRET_KEY: Final = {"PK": "order-code-secret"}


class CodeRefused(Exception):
    """An order can't be taken with this code; the text says what to do."""

    code: ClassVar[str]


class CodeMissing(CodeRefused):
    """The order has no code."""

    code = "ERROR-106"


class CodeWrong(CodeRefused):
    """The code is not valid, or too old."""

    code = "ERROR-107"


class CodeUsedUp(CodeRefused):
    """As many orders have used the code as it allows."""

    code = "ERROR-108"


@dataclass(frozen=True)
class Window:
    """The time in which one code is shown: the one with this ``number`` since 1970."""

    minutes: int
    number: int

    @classmethod
    def at(cls, now: datetime, minutes: int) -> Window:
        return cls(minutes, int(now.timestamp()) // (60 * minutes))

    @property
    def previous(self) -> Window:
        return Window(self.minutes, self.number - 1)

    @property
    def ends(self) -> datetime:
        return datetime.fromtimestamp((self.number + 1) * self.minutes * 60, UTC)

    def code(self, secret: bytes) -> str:
        number = int.from_bytes(digest(secret, f"{self.minutes} {self.number}".encode(), "sha256"))
        letters = []
        for _ in range(LENGTH):
            number, letter = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[letter])
        return "".join(letters)


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
        # Bytes, because compare_digest takes no text but ASCII. Unpaired surrogates become "?".
        typed = re.sub(r"[\s-]", "", given or "").upper().encode(errors="replace")
        if not typed:
            raise CodeMissing("An order needs the code that is shown at the counter.")
        secret = self._secret()
        window = Window.at(now, rules.minutes)
        for candidate in (window, window.previous):
            if secret and compare_digest(candidate.code(secret).encode(), typed):
                return self._count(candidate, rules, order_id)
        raise CodeWrong("This code is wrong or too old. Take the one that is shown at the counter.")

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
            raise CodeUsedUp(
                "This code is used up. Wait for the next one at the counter."
            ) from None

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
