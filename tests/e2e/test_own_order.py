"""What the customer's page does, without the page."""

from secrets import randbelow

from harness.orders import COMPLETED, Order

from .customer import Customer
from .shop import DeployedShop


def test_an_order_of_the_page_is_like_any_other(shop: DeployedShop) -> None:
    ada, bob = Customer(shop), Customer(shop)
    ada.order()
    ada.wait_for_place(1)
    bob.order("Espresso")
    bob.wait_for_place(2)
    (first, _) = shop.counter(2)
    shop.complete(Order(order_id=first))
    assert ada.wait_for_status("ready for pickup")["baristaId"] == "Julia"
    bob.cancel()
    assert bob.wait_for_status("canceled")["drink"] == "Espresso"


def test_a_name_is_shown_and_stands_for_nobody_else(shop: DeployedShop) -> None:
    ada = Customer(shop)
    ada.order()
    assert ada.wait_for_status("in preparation")["name"] == "Ada"
    shop.counter(1)
    (shown,) = shop.get("/orders?status=in preparation").json()["orders"]
    order = Order(order_id=shown["orderId"], user_id=shown["userId"])
    assert (shown["name"], order.user_id) == ("Ada", order.order_id)
    assert order.order_id.startswith("web-")
    shop.wait_for_message(order, "in preparation")
    shop.complete(order)
    assert ada.wait_for_status("ready for pickup")["name"] == "Ada"
    detail = shop.wait_for_event(order, COMPLETED)["detail"]
    assert detail.keys() == {"orderId", "userId", "drink", "baristaId", "message"}


def test_a_closed_or_full_store_starts_nothing_and_keeps_who_is_in(shop: DeployedShop) -> None:
    ada, bob = Customer(shop), Customer(shop)
    shop.set_store({"open": False})
    assert bob.refusal_code() == "ERROR-101"
    shop.set_store({"open": True, "capacity": 1})
    ada.order()
    ada.wait_for_status("in preparation")
    assert shop.get("/store").json() == {"open": True, "capacity": 1, "inUse": 1}
    assert bob.refusal_code() == "ERROR-103"
    ada.order()
    shop.workflow.executions(Order(order_id=ada.order_id))
    started = [order_id for _, order_id in shop.workflow.started()]
    assert (started.count(ada.order_id), started.count(bob.order_id)) == (1, 0)

    ada.cancel()
    ada.wait_for_status("canceled")
    bob.order()
    bob.wait_for_status("in preparation")
    bob.cancel()
    bob.wait_for_status("canceled")


def test_an_order_needs_the_code_that_the_counter_shows(shop: DeployedShop) -> None:
    minutes = 5 + randbelow(1000)  # Others are another code than an earlier run has used up.
    shop.set_store({"orderCodes": {"minutes": minutes, "orders": 1}})
    assert shop.get("/menu").json()["codeNeeded"] is True
    code = shop.get(f"/order-code?page={shop.outputs['OrderPageUrl']}").json()["code"]
    ada, bob = Customer(shop), Customer(shop)
    assert ada.refusal_code() == "ERROR-106"
    assert ada.refusal_code("22222222") == "ERROR-107"
    assert ada.is_admitted_with(code)
    assert bob.refusal_code(code) == "ERROR-108"
    ada.wait_for_status("in preparation")
    assert ada.is_admitted_with(None)

    shop.set_store({"orderCodes": False})
    bob.order()
    bob.wait_for_status("in preparation")
    for customer in (ada, bob):
        customer.cancel()
        customer.wait_for_status("canceled")
