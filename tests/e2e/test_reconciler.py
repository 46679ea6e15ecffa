"""What is done each minute: an execution that broke is found though nobody hears of it.

So is an outcome that got lost: tests/unit, and with both at once tests/faults.
"""

from harness.orders import FAILED, Order
from harness.polling import until
from harness.shop import DeployedShop

from .capabilities import need, waits_can_be_stopped
from .commands import reconcile, silenced


def test_a_broken_execution_that_nobody_reports(shop: DeployedShop) -> None:
    need(waits_can_be_stopped)
    order, other = Order(), Order()
    execution, _ = shop.prepare(order, other)
    with silenced(shop, "BrokenExecutionRule"):
        shop.workflow.stop(execution)
        shop.workflow.ended(execution)
    assert shop.reservations() == {order.order_id, other.order_id}

    reconcile(shop)

    assert shop.wait_for_event(order, FAILED)["resources"] == [execution]
    shop.wait_for_status(order, "failed")
    shop.wait_for_message(order, "failed")
    assert shop.reservations() == {other.order_id}
    assert shop.item(other)["status"] == "in preparation"
    shop.complete(other)


def test_customers_hear_how_long_the_last_orders_took(shop: DeployedShop) -> None:
    orders = [Order() for _ in range(5)]  # Fewer tell too little.
    shop.prepare(*orders)
    shop.complete(*orders)
    for order in orders:
        shop.wait_for_status(order, "ready for pickup")
    reconcile(shop)
    until("estimate", lambda: shop.get("/menu").json().get("wait"), bool)


def test_the_slot_of_an_execution_that_is_not_known_stays_for_the_time_being(
    shop: DeployedShop,
) -> None:
    shop.hand_out_slots(["unknown"])
    reconcile(shop)
    until("note of the execution", shop.unknown_executions, lambda names: names == ["unknown"])
    assert shop.slots() == {"unknown"}
    shop.hand_out_slots([])
