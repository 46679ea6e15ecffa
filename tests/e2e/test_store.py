"""The store's switch and its capacity, as staff set them on the page."""

from harness.orders import REJECTED, Order

from .shop import DeployedShop


def test_the_store_is_closed_and_opened(shop: DeployedShop) -> None:
    assert shop.get("/store").json() == {"open": True, "capacity": 10, "inUse": 0}
    assert shop.set_store({"open": False}).json()["open"] is False
    refused = Order()
    shop.place(refused)
    assert shop.wait_for_event(refused, REJECTED)["detail"]["code"] == "ERROR-101"
    assert shop.set_store({"open": True}).json()["open"] is True
    shop.prepare(Order())
    shop.clear_counter()


def test_the_capacity_is_obeyed_at_once(shop: DeployedShop) -> None:
    assert shop.set_store({"capacity": 1}).json()["capacity"] == 1
    shop.prepare(Order())
    assert shop.get("/store").json() == {"open": True, "capacity": 1, "inUse": 1}
    refused = Order()
    shop.place(refused)
    assert shop.wait_for_event(refused, REJECTED)["detail"]["code"] == "ERROR-103"
    shop.clear_counter()


def test_nonsense_changes_nothing(shop: DeployedShop) -> None:
    for body in ({"open": "yes"}, {"capacity": -1}, {"capacity": 1001}, {"capacity": "2"}):
        assert shop.set_store(body).status_code == 422
    assert shop.get("/store").json()["capacity"] == 10
