"""What customers get to read. Who gets it is for SNS to find out, by the message attributes."""

from harness.orders import COMPLETED, Order
from harness.shop import DeployedShop

DRINKS = [
    "Caffè \"doppio\" {with} [brackets], <tags>, ${more}, 'quotes' & 100 %",
    "C:\\new\\table \\\\ \\u0041 \\",
    " First line\nsecond line\r\n\tthird line ☕ 👩‍🍳 قهوة تركية",
    "x" * 10_000,
]


def test_any_drink_arrives_as_it_was_ordered(shop: DeployedShop) -> None:
    orders = [Order(drink=drink) for drink in DRINKS]

    shop.prepare(*orders)
    shop.complete(*orders)

    for order in orders:
        preparing = shop.wait_for_text(order, "in preparation")
        assert preparing == f"{order.drink}: A barista will prepare your order."
        ready = shop.wait_for_text(order, "ready for pickup")
        assert ready == f"{order.drink}: Your order is ready for pick-up. Julia prepared it."
        assert shop.wait_for_event(order, COMPLETED)["detail"]["drink"] == order.drink
        assert shop.get(f"/orders/{order.order_id}").json()["drink"] == order.drink
