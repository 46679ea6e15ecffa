"""A month after its end an order is still known, and nothing of a person is."""

from contextlib import suppress
from typing import Any

from harness.orders import Order
from harness.polling import NeverHappened, until
from harness.shop import DeployedShop

from .commands import MONTH, reconcile

OF_A_PERSON = {"userId", "name", "drink", "baristaId", "prolongedBy", "decided", "message"}
OF_THE_COUNTER = {"counter", "sortedAt", "number", "againOf"}


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
    made, waiting = Order(), Order()
    shop.prepare(made, waiting)
    shop.complete(made)
    item = shop.wait_for_status(made, "ready for pickup")
    kept = {name: item[name] for name in item if name not in {*OF_A_PERSON, *OF_THE_COUNTER}}

    reconcile(shop, MONTH)

    assert forgotten(shop, made) == kept
    assert shop.item(waiting)["userId"] == waiting.user_id
    assert shop.get(f"/orders/{made.order_id}").json()["status"] == "ready for pickup"
    refusal = shop.click(made, "complete", {"baristaId": "Julia"})
    assert (refusal.status_code, "it was completed" in refusal.text) == (409, True)
    shop.complete(waiting)
