"""A customer of the page, without the page."""

import secrets
from hashlib import sha256
from typing import Any

import requests

from harness.polling import until

from .shop import DeployedShop

FLAT_WHITE = {"name": "Ada", "drink": "Flat white"}


class Customer:
    """Somebody who holds the key of an order."""

    def __init__(self, shop: DeployedShop) -> None:
        self._url = f"{shop.outputs['ApiUrl']}/my-order"
        key = secrets.token_urlsafe(16)
        self.order_id = f"web-{sha256(key.encode()).hexdigest()[:24]}"
        self._headers = {"Order-Key": key}

    def order(self, drink: str = "Flat white", name: str = "Ada") -> None:
        answer = self.request_order({"name": name, "drink": drink})
        assert answer.status_code == 202, answer.text

    def is_admitted_with(self, code: str | None) -> bool:
        """Whether the order is taken."""
        return self.request_order(FLAT_WHITE | {"code": code}).status_code == 202

    def request_order(self, body: object) -> requests.Response:
        return requests.put(self._url, json=body, headers=self._headers, timeout=20)

    def refusal_code(self, code: str | None = None) -> str:
        """The refusal's code."""
        answer = self.request_order(FLAT_WHITE | {"code": code})
        assert answer.status_code == 409, answer.text
        return str(answer.json()["code"])

    def cancel(self) -> None:
        answer = requests.delete(self._url, headers=self._headers, timeout=20)
        assert answer.status_code == 202, answer.text

    def wait_for_status(self, status: str) -> dict[str, Any]:
        return until(f"order {status}", self._look, lambda seen: seen.get("status") == status)

    def wait_for_place(self, place: int) -> None:
        """Wait until the queue shows so. On AWS it lags behind a little: it is an index."""
        until(f"place {place}", self._look, lambda seen: seen.get("place") == place)

    def _look(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(self._url, headers=self._headers, timeout=20).json()
        return answer
