"""A customer takes an order back: before, while and after a barista prepares it."""

import pytest

from harness.orders import CANCELED, COMPLETED, CREATED, DELETED, Order

from .shop import Shop

CANCELED_MESSAGE = "Your order was canceled as you asked."


def assert_canceled(shop: Shop, order: Order) -> None:
    event = shop.heard(order, CANCELED)
    assert event["detail"] == order.detail | {"message": CANCELED_MESSAGE}
    (execution,) = shop.workflow.executions(order)
    assert shop.workflow.output(execution)["orderCanceled"]["orderCreated"] == order.detail | {
        "orderStatus": "canceled"
    }
    assert shop.reservations() == set()
    assert shop.reaches(order, "canceled")["message"] == CANCELED_MESSAGE
    assert shop.told(order, "canceled")["Message"] == f"{order.drink}: {CANCELED_MESSAGE}"


@pytest.mark.parametrize("prefix", ["", "OrderManagementService."])
def test_an_order_in_preparation_is_canceled(shop: Shop, prefix: str) -> None:
    order = Order()
    shop.publish(prefix + CREATED, order.detail)
    shop.in_preparation(order)

    shop.publish(prefix + DELETED, {"orderId": order.order_id})

    assert_canceled(shop, order)


def test_a_cancellation_waits_for_its_order(shop: Shop) -> None:
    order = Order()
    shop.cancel(order)
    shop.logs.about("order-cancellation", order, "Cancellation kept")
    assert shop.get(f"/orders/{order.order_id}").status_code == 404

    shop.place(order)

    assert_canceled(shop, order)


def test_a_cancellation_may_come_at_the_same_moment_as_its_order(shop: Shop) -> None:
    orders = [Order() for _ in range(4)]

    shop.publish_all(
        *(
            event
            for order in orders
            for event in ((DELETED, {"orderId": order.order_id}), (CREATED, order.detail))
        )
    )

    for order in orders:
        shop.heard(order, CANCELED)
    for order in orders:
        assert_canceled(shop, order)


def test_a_cancellation_after_the_end_changes_nothing(shop: Shop) -> None:
    order = Order()
    shop.prepare(order)
    shop.complete(order)
    ended = shop.reaches(order, "ready for pickup")
    shop.told(order, "ready for pickup")

    shop.cancel(order)

    shop.logs.about("order-cancellation", order, "Too late to cancel")
    assert shop.item(order) == ended
    assert len(shop.all_heard(order, COMPLETED)) == 1
    assert shop.all_heard(order, CANCELED) == []


def test_a_barista_cannot_click_on_a_canceled_order(shop: Shop) -> None:
    order = Order()
    shop.prepare(order)
    shop.cancel(order)
    shop.reaches(order, "canceled")

    response = shop.click(order, "complete", {"baristaId": "Julia"})

    assert response.status_code == 409
    assert "canceled" in response.json()["message"]
