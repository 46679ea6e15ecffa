"""What nobody hears of, an execution that broke or an outcome, is found all the same."""

from harness.orders import COMPLETED, FAILED, Order
from harness.polling import until

from .capabilities import need, waits_can_be_stopped
from .commands import reconcile, silenced
from .shop import DeployedShop


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


def test_an_outcome_that_gets_lost(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    with silenced(shop, "OrderTrackingRule", "CustomerNotificationRule"):
        shop.complete(order)
        said = shop.wait_for_event(order, COMPLETED)

    reconcile(shop)

    assert shop.wait_for_status(order, "ready for pickup")["baristaId"] == "Julia"
    shop.wait_for_message(order, "ready for pickup")
    heard = until(
        "the outcome again",
        lambda: shop.events_about(order, COMPLETED),
        lambda heard: len(heard) == 2,
    )
    assert [event["detail"] for event in heard] == [said["detail"]] * 2
    reconcile(shop)
    assert shop.statuses_told(order) == ["in preparation", "ready for pickup"]
