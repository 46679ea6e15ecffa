"""An execution that breaks or is stopped can't clean up, and its order ends all the same."""

import pytest

from harness.orders import (
    CANCELED,
    COMPLETED,
    CREATED,
    FAILED,
    IN_PREPARATION,
    REJECTED,
    WAITING,
    Order,
)
from harness.shop import DeployedShop

from .capabilities import break_off, need, waits_can_be_stopped

MESSAGE = "Something went wrong and your order was not made. Please order again."


def test_an_execution_stopped_from_outside(shop: DeployedShop) -> None:
    need(waits_can_be_stopped)
    order = Order()
    (execution,) = shop.prepare(order)

    shop.workflow.stop(execution)

    assert shop.workflow.ended(execution)["status"] == "ABORTED"
    event = shop.wait_for_event(order, FAILED)
    assert event["detail"] == order.detail | {"message": MESSAGE}
    assert event["resources"] == [execution]
    assert shop.wait_for_status(order, "failed")["message"] == MESSAGE
    assert shop.reservations() == set()
    assert shop.wait_for_text(order, "failed") == f"{order.drink}: {MESSAGE}"
    assert shop.click(order, "complete", {"baristaId": "Julia"}).status_code == 409


@pytest.mark.parametrize(
    ("kind", "detail_type", "status"),
    [
        ("complete", COMPLETED, "ready for pickup"),
        ("decline", REJECTED, "rejected"),
        ("cancel", CANCELED, "canceled"),
    ],
)
def test_an_execution_stopped_after_somebody_has_decided(
    shop: DeployedShop, kind: str, detail_type: str, status: str
) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    shop.decide(order, kind=kind, baristaId="Julia", name="Julia", reason="no milk")

    break_off(shop.workflow, execution)

    event = shop.wait_for_event(order, detail_type)
    assert event["detail"].items() >= order.detail.items()
    assert event["resources"] == [execution]
    shop.wait_for_status(order, status)
    shop.wait_for_message(order, status)


def test_an_execution_that_goes_on_without_its_order_ends_quietly(shop: DeployedShop) -> None:
    """As one that is redriven. No emulator does that, so an order is taken away."""
    order = Order()
    (execution,) = shop.prepare(order)
    shop.hand_over(order, f"{execution}-2")
    before = shop.item(order)

    shop.send_again(shop.wait_for_event(order, WAITING))

    assert "orderIgnored" in shop.workflow.output(execution)
    assert shop.reservations() == set()
    assert shop.item(order) == before
    said = shop.bus.received(lambda event: event["detail"].get("orderId") == order.order_id)
    assert {event["detail-type"] for event in said} == {CREATED, WAITING, IN_PREPARATION}
    shop.forget(order)
