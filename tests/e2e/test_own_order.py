"""What the customer's page does, without the page."""

from secrets import randbelow

from harness.customer import Customer
from harness.orders import Order
from harness.shop import DeployedShop


def test_an_order_of_the_page_is_like_any_other(shop: DeployedShop) -> None:
    ada, bob = Customer(shop.outputs), Customer(shop.outputs)
    ada.order()
    ada.wait_for_place(1)
    bob.order("Espresso")
    bob.wait_for_place(2)
    assert shop.counter(2)[0] == ada.order_id
    assert shop.get(f"/orders/{ada.order_id}").json()["name"] == "Ada"
    order = Order(order_id=ada.order_id, user_id=ada.order_id)
    shop.complete(order)
    assert shop.wait_for_message(order, "ready for pickup")
    ready = ada.wait_for_status("ready for pickup")
    assert (ready["name"], ready["baristaId"]) == ("Ada", "Julia")
    bob.cancel()
    assert bob.wait_for_status("canceled")["drink"] == "Espresso"


def test_an_order_needs_the_code_that_the_counter_shows(shop: DeployedShop) -> None:
    minutes = 5 + randbelow(1000)  # Others are another code than an earlier run has used up.
    shop.put("/store", {"orderCodes": {"minutes": minutes, "orders": 1}})
    assert shop.get("/menu").json()["codeNeeded"] is True
    code = shop.get(f"/order-code?page={shop.outputs['OrderPageUrl']}").json()["code"]
    ada, bob = Customer(shop.outputs), Customer(shop.outputs)
    assert ada.refusal_code() == "ERROR-106"
    assert ada.refusal_code("22222222") == "ERROR-107"
    assert ada.is_admitted_with(code)
    assert bob.refusal_code(code) == "ERROR-108"
    ada.wait_for_status("in preparation")
    assert ada.is_admitted_with(None)

    shop.put("/store", {"orderCodes": False})
    bob.order()
    bob.wait_for_status("in preparation")
    for customer in (ada, bob):
        customer.cancel()
        customer.wait_for_status("canceled")
