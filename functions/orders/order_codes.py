"""Order codes: shown at the counter, and asked for on the page while staff have switched them on.

A code follows from a secret and the time, so nothing is polled or stored but who has ordered with
it. It is shown for some minutes and accepted for as long again, for somebody who types slowly.
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

# Neither vowels, so that no code is a word, nor what looks like something else (0, 1, L).
ALPHABET: Final = "23456789BCDFGHJKMNPQRSTVWXZ"  # pragma: allowlist secret
# 27^8 codes, two of which are good. At the throttle of PUT /my-order, 20 a second, somebody who
# guesses finds one in 200 years.
LENGTH: Final = 8

SECRET_KEY: Final = {"PK": "order-code-secret"}


class CodeRefused(Exception):
    """An order can't be taken with this code; the text says what to do."""

    code: ClassVar[str]


class CodeMissing(CodeRefused):
    """There is none."""

    code = "ERROR-106"


class CodeWrong(CodeRefused):
    """It never was one, or it is too old."""

    code = "ERROR-107"


class CodeUsedUp(CodeRefused):
    """As many orders have used it as it is good for."""

    code = "ERROR-108"


@dataclass(frozen=True)
class Window:
    """A time in which one code is shown; ``number`` such times have passed since 1970."""

    minutes: int
    number: int

    @classmethod
    def at(cls, now: datetime, minutes: int) -> Window:
        return cls(minutes, int(now.timestamp()) // (60 * minutes))

    @property
    def before(self) -> Window:
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
    """The codes' own items of the config table: the secret, and who has ordered with which code."""

    def __init__(self, dynamodb: DynamoDBServiceResource, config_table: str) -> None:
        self._table = dynamodb.Table(config_table)

    def current(self, rules: CodeRules, now: datetime) -> tuple[str, datetime]:
        """The code to show, and until when. The first one makes the secret."""
        window = Window.at(now, rules.minutes)
        return window.code(self._secret() or self._new_secret()), window.ends

    def use(self, given: str | None, rules: CodeRules, order_id: str, now: datetime) -> None:
        """Let an order use a code; once more with the same code is no second use.

        Raises CodeRefused.
        """
        # Bytes, for of texts only those in ASCII can be compared. What can't be one becomes "?".
        typed = re.sub(r"[\s-]", "", given or "").upper().encode(errors="replace")
        if not typed:
            raise CodeMissing("An order needs the code that is shown at the counter.")
        secret = self._secret()
        window = Window.at(now, rules.minutes)
        for candidate in (window, window.before):
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
                    # The code itself is good until the end of the next window.
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
        """The secret, which is this one or that of who was faster."""
        answer = self._table.update_item(
            Key=SECRET_KEY,
            UpdateExpression="SET #kept = if_not_exists(#kept, :new)",
            ExpressionAttributeNames={"#kept": "secret"},
            ExpressionAttributeValues={":new": secrets.token_hex(32)},
            ReturnValues="ALL_NEW",
        )
        return str(answer["Attributes"]["secret"]).encode()
