"""A month after its end an order is still known, and nothing of a person is."""

from contextlib import suppress
from typing import Any

from harness.orders import CREATED, Order
from harness.polling import NeverHappened, until

from .commands import MONTH, reconcile
from .customer import Customer
from .shop import DeployedShop

OF_A_PERSON = {"userId", "name", "drink", "baristaId", "prolongedBy", "decided", "message"}


def forgotten(shop: DeployedShop, order: Order) -> dict[str, Any]:
    """The order's item once it holds nothing of a person."""
    for _ in range(5):  # On a busy machine one look does not get to all old orders.
        with suppress(NeverHappened):
            return until(
                f"{order} to be forgotten",
                lambda: shop.item(order),
                lambda item: not OF_A_PERSON & set(item),
                within=15,
            )
        reconcile(shop, MONTH)
    raise AssertionError(f"{order} was not forgotten: {shop.item(order)}")


def test_people_are_forgotten_and_orders_are_not(shop: DeployedShop) -> None:
    made, refused, waiting = Order(), Order(drink=""), Order()
    ada = Customer(shop)
    ada.order()
    ada.wait_for_status("in preparation")
    (own,) = (Order(order_id=order_id, user_id=order_id) for order_id in shop.counter(1))
    shop.place(refused)
    shop.prepare(made, waiting)
    shop.complete(made, own)
    kept = {
        order.order_id: {
            name: value
            for name, value in shop.wait_for_status(order, status).items()
            if name not in {*OF_A_PERSON, "counter"}
        }
        for order, status in (
            (made, "ready for pickup"),
            (own, "ready for pickup"),
            (refused, "rejected"),
        )
    }

    reconcile(shop, MONTH)

    for order in (made, own, refused):
        assert forgotten(shop, order) == kept[order.order_id]
    assert shop.item(waiting)["userId"] == waiting.user_id
    assert ada.wait_for_status("ready for pickup").keys() == {"status", "receivedAt"}
    assert shop.get(f"/orders/{made.order_id}").json()["status"] == "ready for pickup"
    refusal = shop.click(made, "complete", {"baristaId": "Julia"})
    assert (refusal.status_code, "it was completed" in refusal.text) == (409, True)
    before = len(shop.workflow.executions(made))
    shop.publish(CREATED, made.detail)
    again = set(shop.workflow.executions(made, at_least=before + 1)) - {
        kept[made.order_id]["execution"]
    }
    assert all("orderIgnored" in shop.workflow.output(execution) for execution in again)
    assert shop.item(made) == kept[made.order_id]
    shop.complete(waiting)
