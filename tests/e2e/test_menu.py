"""The menu that staff edit, from the counter's API to the order of a customer."""

from collections.abc import Iterator

import pytest

from harness.customer import Customer
from harness.shop import DeployedShop

MENU = {
    "items": [{"name": "Latte", "sizes": ["small", "large"]}, {"name": "Espresso"}],
    "groups": [{"name": "Milk", "choose": "one", "extras": [{"name": "oat milk"}]}],
    "version": 0,
}
LATTE = {"name": "Ada", "drink": "Latte", "size": "large", "extras": ["oat milk"]}


@pytest.fixture
def menu(shop: DeployedShop) -> Iterator[None]:
    """A menu, which no other test has."""
    answer = shop.put("/store/menu", MENU)
    assert answer.status_code == 200, answer.text
    yield
    shop.take_menu_away()


@pytest.mark.usefixtures("menu")
def test_an_order_from_the_menu(shop: DeployedShop) -> None:
    ada, bob = Customer(shop.outputs), Customer(shop.outputs)
    offered = shop.get("/menu").json()["menu"]
    assert [item["name"] for item in offered["items"]] == ["Latte", "Espresso"]
    assert ada.request_order(LATTE).status_code == 202
    assert ada.wait_for_status("in preparation")["drink"] == "Latte, large, oat milk"
    assert shop.put("/store/menu/sold-out", {"name": "oat milk", "soldOut": True}).ok
    refused = bob.request_order(LATTE)
    assert (refused.status_code, refused.json()["code"]) == (409, "ERROR-109")
    shop.configure(capacity=1)
    refused = bob.request_order(LATTE | {"extras": []})
    assert (refused.status_code, refused.json()["code"]) == (409, "ERROR-103")
    assert shop.get("/store").json()["refused"] >= 1
    ada.cancel()
    ada.wait_for_status("canceled")
