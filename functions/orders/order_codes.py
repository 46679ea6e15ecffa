"""Order codes: the counter shows one, and an order on the page needs it if they are switched on.

A code is computed from a secret and the time. Only the orders that used it are stored. It is shown
for some minutes and accepted for as long again, for somebody who types slowly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest, digest
from typing import Final

from orders.model import Order, Status
from orders.outcomes import Refusal

# No vowels, so that no code is a word, and no characters that look alike (0 and O, 1 and L).
ALPHABET: Final = "23456789BCDFGHJKMNPQRSTVWXZ"  # pragma: allowlist secret
# 27^8 codes, of which two are valid at a time. PUT /my-order is throttled to 20 a second, so
# guessing one takes 200 years.
LENGTH: Final = 8


class CodeRefused(Exception):
    """An order can't be taken with this code; the message says what to do."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


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


def gives_back(order: Order | None) -> bool:
    """Whether an order no longer counts as a use of its code.

    That is one that was canceled, or that the workflow refused before it had a slot.
    """
    if order is None:  # It is on its way.
        return False
    refused = order.status is Status.REJECTED and order.code != Refusal.DECLINED
    return refused or order.status is Status.CANCELED


def read_code(given: str | None) -> str:
    """What somebody typed, without spaces and hyphens. Raises CodeRefused."""
    typed = re.sub(r"[\s-]", "", given or "").upper()
    if not typed:
        raise CodeRefused(Refusal.CODE_MISSING)
    return typed


def find_window(typed: str, secret: bytes | None, minutes: int, now: datetime) -> Window:
    """The time in which the code was shown. Raises CodeRefused.

    ``secret`` is None if no code was shown yet.
    """
    # Bytes, because compare_digest takes no string but ASCII. Unpaired surrogates become "?".
    given = typed.encode(errors="replace")
    window = Window.at(now, minutes)
    for candidate in (window, window.previous):
        if secret and compare_digest(candidate.code(secret).encode(), given):
            return candidate
    raise CodeRefused(Refusal.CODE_WRONG)
