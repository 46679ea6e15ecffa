"""A customer of the page, without the page."""

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import requests

from harness.polling import until

ACCEPTED = 202
FLAT_WHITE = {"name": "Ada", "drink": "Flat white"}


class Customer:
    """Somebody who holds the key of an order."""

    def __init__(self, outputs: Mapping[str, str], key: str = "") -> None:
        self._url = f"{outputs['ApiUrl']}/my-order"
        self.key = key or secrets.token_urlsafe(16)
        self.order_id = f"web-{sha256(self.key.encode()).hexdigest()[:24]}"
        self._headers = {"Order-Key": self.key}

    def order(self, drink: str = "Flat white", name: str = "Ada") -> None:
        answer = self.request_order({"name": name, "drink": drink})
        assert answer.status_code == ACCEPTED, answer.text

    def is_admitted_with(self, code: str | None) -> bool:
        """Whether the order is taken."""
        return self.request_order(FLAT_WHITE | {"code": code}).status_code == ACCEPTED

    def request_order(self, body: object, replaces: str | None = None) -> requests.Response:
        """Order, in place of the order with another key if one is given."""
        headers = self._headers | ({"Replaces": replaces} if replaces else {})
        return requests.put(self._url, json=body, headers=headers, timeout=20)

    def request_cancellation(self) -> requests.Response:
        return requests.delete(self._url, headers=self._headers, timeout=20)

    def refusal_code(self, code: str | None = None) -> str:
        """The refusal's code."""
        answer = self.request_order(FLAT_WHITE | {"code": code})
        assert answer.status_code == requests.codes.conflict, answer.text
        return str(answer.json()["code"])

    def cancel(self) -> None:
        answer = self.request_cancellation()
        assert answer.status_code == ACCEPTED, answer.text

    def wait_for_status(self, status: str) -> dict[str, Any]:
        return until(f"order {status}", self.look, lambda seen: seen.get("status") == status)

    def wait_for_place(self, place: int) -> None:
        """Wait until the queue shows so. On AWS it lags behind a little: it is an index."""
        until(f"place {place}", self.look, lambda seen: seen.get("place") == place)

    def look(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(self._url, headers=self._headers, timeout=20).json()
        return answer
