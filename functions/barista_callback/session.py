"""The session that the page's cookie holds: who has signed in, signed by this function.

Not the ID token, which names every group of the person and so has no limit: without a word, a
browser drops a cookie of more than 4,096 bytes.
https://www.rfc-editor.org/rfc/rfc6265#section-6.1
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest, digest

from barista_callback.errors import NotSignedIn
from orders.model import Barista


@dataclass(frozen=True)
class Session:
    """Who has signed in, and until when the ID token is good."""

    barista: Barista
    ends_at: datetime

    def seal(self, key: bytes) -> str:
        """The session as a cookie's value."""
        said = [self.barista.id, self.barista.name, self.ends_at.timestamp()]
        text = urlsafe_b64encode(json.dumps(said).encode()).decode()
        return f"{text}.{_signature(text, key)}"


def unseal(sealed: str, key: bytes) -> Session:
    """The session that was sealed with this key. Raises NotSignedIn."""
    text, _, signature = sealed.partition(".")
    if not (sealed.isascii() and compare_digest(signature, _signature(text, key))):
        raise NotSignedIn("This session is not valid at this counter. Sign in again.")
    barista_id, name, ends_at = json.loads(urlsafe_b64decode(text))
    session = Session(Barista(barista_id, name), datetime.fromtimestamp(ends_at, UTC))
    if session.ends_at <= datetime.now(UTC):
        raise NotSignedIn("Your session has ended. Sign in again.")
    return session


def _signature(text: str, key: bytes) -> str:
    return digest(key, text.encode(), "sha256").hex()
