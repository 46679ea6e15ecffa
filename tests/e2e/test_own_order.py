"""What the customer's page does, without the page."""

import secrets
from typing import Any

import requests

from .orders import Order
from .polling import until
from .shop import Shop


class Customer:
    """Somebody who holds the key of an order."""

    def __init__(self, shop: Shop) -> None:
        self._url = f"{shop.outputs['ApiUrl']}/my-order"
        self._headers = {"Order-Key": secrets.token_urlsafe(16)}

    def order(self, drink: str = "Flat white") -> None:
        body = {"name": "Ada", "drink": drink}
        answer = requests.put(self._url, json=body, headers=self._headers, timeout=20)
        assert answer.status_code == 202, answer.text

    def cancel(self) -> None:
        answer = requests.delete(self._url, headers=self._headers, timeout=20)
        assert answer.status_code == 202, answer.text

    def sees(self, status: str) -> dict[str, Any]:
        return until(f"order {status}", self._look, lambda seen: seen.get("status") == status)

    def _look(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(self._url, headers=self._headers, timeout=20).json()
        return answer


def test_an_order_of_the_page_is_like_any_other(shop: Shop) -> None:
    ada, bob = Customer(shop), Customer(shop)
    ada.order()
    assert ada.sees("in preparation")["place"] == 1
    bob.order("Espresso")
    assert bob.sees("in preparation")["place"] == 2
    (first, _) = shop.counter()
    shop.complete(Order(order_id=first))
    assert ada.sees("ready for pickup")["baristaId"] == "Julia"
    bob.cancel()
    assert bob.sees("canceled")["drink"] == "Espresso"


def test_ordering_again_with_the_same_key_makes_one_drink(shop: Shop) -> None:
    ada = Customer(shop)
    for _ in range(3):
        ada.order()
    ada.sees("in preparation")
    assert len(shop.counter()) == 1
    ada.cancel()
    ada.sees("canceled")


def test_the_page_knows_the_menu(shop: Shop) -> None:
    answer = shop.get("/menu")
    assert answer.json() == {"open": True, "menu": []}
