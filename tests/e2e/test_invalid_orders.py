"""An order that lacks something is refused politely, whatever its fields hold.

Each field with each value is in tests/states.
"""

from itertools import cycle
from typing import Any
from uuid import uuid4

import pytest

from harness.inbox import Message
from harness.orders import CREATED, REJECTED, Order, execution_of

from .shop import DeployedShop

INVALID = {
    "code": "ERROR-100",
    "message": "The order cannot be executed because orderId, userId and drink must each be a "
    "string that is not blank, orderId of at most 500 characters, and the others of at most "
    "10,000.",
}
FIELDS = ("orderId", "userId", "drink")
MISSING = object()
VALUES = [MISSING, "", None, 7, {}, [], " ", " " * 100, "\t\r\n", " \n "]


def test_an_event_with_an_invalid_order_is_rejected(shop: DeployedShop) -> None:
    details: list[dict[str, Any]] = []
    for field, value in zip(cycle(FIELDS), VALUES, strict=False):
        detail: dict[str, Any] = Order().detail
        details.append(detail | {field: value})
        if value is MISSING:
            del details[-1][field]

    shop.publish(CREATED, *details)

    for detail in details:
        expected = dict.fromkeys(FIELDS) | detail | INVALID

        def wanted(event: Message, expected: dict[str, Any] = expected) -> bool:
            return bool(event["detail-type"] == REJECTED and event["detail"] == expected)

        event = shop.bus.wait_for(f"{REJECTED} of {detail}", wanted)
        assert shop.workflow.output(execution_of(event))["error"] == INVALID


def test_a_start_by_hand_without_a_valid_order_is_rejected(shop: DeployedShop) -> None:
    inputs = [{}, {"detail": None}, {"detail": "latte"}, {"detail": [1]}, Order().detail]
    for execution in [shop.workflow.start(given) for given in inputs]:
        assert shop.workflow.output(execution)["error"] == INVALID


def test_blanks_around_a_field_are_no_fault(shop: DeployedShop) -> None:
    order = Order(
        drink="  Flat white\n", user_id=f" {Order().user_id}", order_id=f" {Order().order_id}"
    )
    shop.prepare(order)
    assert shop.item(order)["drink"] == order.drink
    shop.complete(order)


@pytest.mark.parametrize(
    ("field", "value"), [("orderId", "x" * 501), ("drink", "x" * 130_000), ("drink", "x\uffff")]
)
def test_an_order_that_no_event_can_carry_on_is_rejected(
    shop: DeployedShop, field: str, value: str
) -> None:
    detail = Order().detail
    shop.publish(CREATED, detail | {field: value})

    def wanted(event: Message) -> bool:
        return bool(event["detail"] == detail | {field: None} | INVALID)

    event = shop.bus.wait_for(f"{REJECTED} of {detail}", wanted)
    assert shop.workflow.output(execution_of(event))["error"] == INVALID


def test_a_customer_hears_of_an_invalid_order(shop: DeployedShop) -> None:
    order = Order(drink="")
    shop.place(order)

    assert shop.wait_for_status(order, "rejected")["code"] == "ERROR-100"
    assert (
        shop.wait_for_message(order, "rejected")["Message"] == f"Your order: {INVALID['message']}"
    )


def test_an_invalid_event_does_not_disturb_the_order_of_that_id(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    before = shop.item(order)
    stranger = f"stranger-{uuid4()}"

    shop.publish(CREATED, {"orderId": order.order_id, "userId": stranger})

    shop.wait_for_event(order, REJECTED)
    shop.logs.about("order-tracking", order, "Order ended")
    assert shop.item(order) == before
    assert shop.reservations() == {order.order_id}
    shop.complete(order)
    assert shop.wait_for_status(order, "ready for pickup")["userId"] == order.user_id
