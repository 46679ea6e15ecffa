"""A customer takes an order back: before, while and after a barista prepares it."""

from harness.orders import CANCELED, CREATED, DELETED, Order
from harness.shop import DeployedShop

CANCELED_MESSAGE = "Your order was canceled as you asked."


def assert_canceled(shop: DeployedShop, order: Order) -> None:
    event = shop.wait_for_event(order, CANCELED)
    assert event["detail"] == order.detail | {"message": CANCELED_MESSAGE}
    (execution,) = shop.workflow.executions(order)
    assert shop.workflow.output(execution)["orderCanceled"]["orderCreated"] == order.detail | {
        "orderStatus": "canceled"
    }
    assert shop.reservations() == set()
    assert shop.wait_for_status(order, "canceled")["message"] == CANCELED_MESSAGE
    assert shop.wait_for_text(order, "canceled") == f"{order.drink}: {CANCELED_MESSAGE}"


def test_an_order_in_preparation_is_canceled(shop: DeployedShop) -> None:
    """By the names that the exercise's order service has for its events."""
    order = Order()
    shop.publish(f"OrderManagementService.{CREATED}", order.detail)
    shop.wait_for_preparation(order)

    shop.publish(f"OrderManagementService.{DELETED}", {"orderId": order.order_id})

    assert_canceled(shop, order)


def test_a_cancellation_waits_for_its_order(shop: DeployedShop) -> None:
    order = Order()
    shop.cancel(order)
    shop.logs.about("order-cancellation", order, "Cancellation kept")
    assert shop.get(f"/orders/{order.order_id}").status_code == 404

    shop.place(order)

    assert_canceled(shop, order)


def test_a_cancellation_after_the_end_changes_nothing(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    shop.complete(order)
    ended = shop.wait_for_status(order, "ready for pickup")

    shop.cancel(order)

    shop.logs.about("order-cancellation", order, "Too late to cancel")
    assert shop.item(order) == ended
    assert shop.events_about(order, CANCELED) == []
