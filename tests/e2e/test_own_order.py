"""What the customer's page does, without the page."""

import secrets
from hashlib import sha256
from typing import Any

import requests

from harness.orders import COMPLETED, Order
from harness.polling import until

from .shop import Shop

FLAT_WHITE = {"name": "Ada", "drink": "Flat white"}


class Customer:
    """Somebody who holds the key of an order."""

    def __init__(self, shop: Shop) -> None:
        self._url = f"{shop.outputs['ApiUrl']}/my-order"
        key = secrets.token_urlsafe(16)
        self.order_id = f"web-{sha256(key.encode()).hexdigest()[:24]}"
        self._headers = {"Order-Key": key}

    def order(self, drink: str = "Flat white", name: str = "Ada") -> None:
        answer = self.asks_for({"name": name, "drink": drink})
        assert answer.status_code == 202, answer.text

    def orders_with(self, code: str | None) -> bool:
        """Whether the order is taken."""
        return self.asks_for(FLAT_WHITE | {"code": code}).status_code == 202

    def asks_for(self, body: object) -> requests.Response:
        return requests.put(self._url, json=body, headers=self._headers, timeout=20)

    def is_turned_away(self, code: str | None = None) -> str:
        """The refusal's code."""
        answer = self.asks_for(FLAT_WHITE | {"code": code})
        assert answer.status_code == 409, answer.text
        return str(answer.json()["code"])

    def cancel(self) -> None:
        answer = requests.delete(self._url, headers=self._headers, timeout=20)
        assert answer.status_code == 202, answer.text

    def sees(self, status: str) -> dict[str, Any]:
        return until(f"order {status}", self._look, lambda seen: seen.get("status") == status)

    def stands_at(self, place: int) -> None:
        """Wait until the queue shows so. On AWS it lags behind a little: it is an index."""
        until(f"place {place}", self._look, lambda seen: seen.get("place") == place)

    def _look(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(self._url, headers=self._headers, timeout=20).json()
        return answer


def test_an_order_of_the_page_is_like_any_other(shop: Shop) -> None:
    ada, bob = Customer(shop), Customer(shop)
    ada.order()
    ada.stands_at(1)
    bob.order("Espresso")
    bob.stands_at(2)
    (first, _) = shop.counter(2)
    shop.complete(Order(order_id=first))
    assert ada.sees("ready for pickup")["baristaId"] == "Julia"
    bob.cancel()
    assert bob.sees("canceled")["drink"] == "Espresso"


def test_a_name_is_shown_and_stands_for_nobody_else(shop: Shop) -> None:
    ada = Customer(shop)
    ada.order()
    assert ada.sees("in preparation")["name"] == "Ada"
    shop.counter(1)
    (shown,) = shop.get("/orders?status=in preparation").json()["orders"]
    order = Order(order_id=shown["orderId"], user_id=shown["userId"])
    assert (shown["name"], order.user_id) == ("Ada", order.order_id)
    assert order.order_id.startswith("web-")
    shop.told(order, "in preparation")
    shop.complete(order)
    assert ada.sees("ready for pickup")["name"] == "Ada"
    detail = shop.heard(order, COMPLETED)["detail"]
    assert detail.keys() == {"orderId", "userId", "drink", "baristaId", "message"}


def test_what_can_not_be_seen_is_not_ordered(shop: Shop) -> None:
    for name in (" \t", "Ada\u202e", "A\x00da"):
        answer = Customer(shop).asks_for({"name": name, "drink": "Flat white"})
        assert answer.status_code == 422, answer.text
    assert shop.counter(0) == []


def test_ordering_again_with_the_same_key_makes_one_drink(shop: Shop) -> None:
    ada = Customer(shop)
    for _ in range(3):
        ada.order()
    ada.sees("in preparation")
    assert len(shop.counter(1)) == 1
    ada.cancel()
    ada.sees("canceled")


def test_a_closed_store_starts_nothing_for_strangers(shop: Shop) -> None:
    stranger, ada = Customer(shop), Customer(shop)
    shop.configure(open=False)
    assert stranger.is_turned_away() == "ERROR-101"

    shop.configure(open=True)
    ada.order()
    ada.sees("in preparation")
    shop.workflow.executions(Order(order_id=ada.order_id))
    started = [order_id for _, order_id in shop.workflow.started()]
    assert (started.count(stranger.order_id), started.count(ada.order_id)) == (0, 1)
    ada.cancel()
    ada.sees("canceled")


def test_a_full_store_turns_away_all_but_who_is_in(shop: Shop) -> None:
    shop.configure(capacity=1)
    ada, bob = Customer(shop), Customer(shop)
    ada.order()
    ada.sees("in preparation")
    assert bob.is_turned_away() == "ERROR-103"
    ada.order()
    shop.workflow.executions(Order(order_id=ada.order_id))
    started = [order_id for _, order_id in shop.workflow.started()]
    assert (started.count(ada.order_id), started.count(bob.order_id)) == (1, 0)

    ada.cancel()
    ada.sees("canceled")
    bob.order()
    bob.sees("in preparation")
    bob.cancel()
    bob.sees("canceled")


def test_an_order_needs_the_code_that_the_counter_shows(shop: Shop) -> None:
    shop.set_store({"orderCodes": {"minutes": 5, "orders": 1}})
    assert shop.get("/menu").json()["codeNeeded"] is True
    code = shop.get(f"/order-code?page={shop.outputs['OrderPageUrl']}").json()["code"]
    ada, bob = Customer(shop), Customer(shop)
    assert ada.is_turned_away() == "ERROR-106"
    assert ada.is_turned_away("22222222") == "ERROR-107"
    assert ada.orders_with(code)
    assert bob.is_turned_away(code) == "ERROR-108"
    ada.sees("in preparation")
    assert ada.orders_with(None)

    shop.set_store({"orderCodes": False})
    bob.order()
    bob.sees("in preparation")
    for customer in (ada, bob):
        customer.cancel()
        customer.sees("canceled")


def test_the_page_knows_the_menu(shop: Shop) -> None:
    answer = shop.get("/menu")
    assert answer.json() == {"open": True, "menu": [], "codeNeeded": False}
