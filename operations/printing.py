"""How the commands print what they have read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

HIDDEN = "(task token)"

# Every long base64 word may be a task token of AWS. Those of an emulator are shorter: they are
# hidden where they are known.
_TOKEN = re.compile(r"[A-Za-z0-9+/=_-]{200,}")


def printable(text: str, secrets: Iterable[str] = (), longest: int | None = None) -> str:
    """``text`` without task tokens and control characters, cut to ``longest`` characters."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    text = _TOKEN.sub(HIDDEN, text)
    plain = "".join(character if character.isprintable() else " " for character in text)
    words = " ".join(plain.split())
    return words if longest is None or len(words) <= longest else f"{words[:longest]} ..."


def format_duration(time: timedelta) -> str:
    """Such as "0.031 s", "1:05:00" or "1 day, 1:00:00"; never negative, though clocks differ."""
    time = max(time, timedelta(0))
    if time < timedelta(minutes=1):
        return f"{time.total_seconds():.3f} s"
    return str(timedelta(seconds=round(time.total_seconds())))
