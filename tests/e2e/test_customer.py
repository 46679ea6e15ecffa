"""What customers get to read, and who gets it."""

from harness.inbox import subscriber
from harness.orders import COMPLETED, Order, attributes

from .shop import DeployedShop

DRINKS = [
    "Caffè \"doppio\" {with} [brackets], <tags>, ${more}, 'quotes' & 100 %",
    "C:\\new\\table \\\\ \\u0041 \\",
    "First line\nsecond line\r\n\tthird line ☕ 👩‍🍳 قهوة تركية",
    "x" * 10_000,
]


def test_any_drink_arrives_as_it_was_ordered(shop: DeployedShop) -> None:
    orders = [Order(drink=drink) for drink in DRINKS]

    shop.prepare(*orders)
    shop.complete(*orders)

    for order in orders:
        preparing = shop.wait_for_message(order, "in preparation")["Message"]
        assert preparing == f"{order.drink}: A barista will prepare your order."
        ready = shop.wait_for_message(order, "ready for pickup")["Message"]
        assert ready == f"{order.drink}: Your order is ready for pick-up. Julia prepared it."
        assert shop.wait_for_event(order, COMPLETED)["detail"]["drink"] == order.drink
        assert shop.get(f"/orders/{order.order_id}").json()["drink"] == order.drink


def test_a_subscriber_hears_of_one_customer_and_status_only(shop: DeployedShop) -> None:
    topic = shop.outputs["CustomerTopicArn"]
    mine, other = Order(), Order()
    with (
        subscriber(topic, {"userId": [mine.user_id]}) as me,
        subscriber(topic, {"userId": [mine.user_id], "status": ["ready for pickup"]}) as ready,
    ):
        shop.prepare(mine, other)
        shop.complete(mine, other)
        for order in (mine, other):
            shop.wait_for_message(order, "in preparation")
            shop.wait_for_message(order, "ready for pickup")

        last = {"orderId": mine.order_id, "userId": mine.user_id, "status": "ready for pickup"}
        for inbox in (me, ready):
            inbox.wait_for("message", lambda message: attributes(message) == last)
        heard = [attributes(message)["status"] for message in me.received()]
        assert sorted(heard) == ["in preparation", "ready for pickup"]
        assert {attributes(message)["userId"] for message in me.received()} == {mine.user_id}
        assert [attributes(message) for message in ready.received()] == [last]
