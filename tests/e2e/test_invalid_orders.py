"""An order that lacks something is refused politely, whatever its fields hold."""

from collections.abc import Mapping
from itertools import batched
from typing import Any
from uuid import uuid4

import pytest

from harness.inbox import Message
from harness.orders import CREATED, REJECTED, Order, execution_of

from .shop import DeployedShop

INVALID = {
    "code": "ERROR-100",
    "message": "The order cannot be executed because orderId, userId and drink "
    "must each be a string that is not blank, orderId of at most 500 characters, and the others of"
    " at most 10,000.",
}
MISSING = object()
VALUES = {
    "missing": MISSING, "empty": "", "null": None, "number": 7, "object": {}, "list": [],
    "space": " ", "spaces": " " * 100, "line breaks": "\t\r\n", "mixed blanks": " \n ",
}  # fmt: skip
FIELDS = ("orderId", "userId", "drink")
CASES = [(field, kind) for field in FIELDS for kind in VALUES]


def invalid_detail(field: str, kind: str) -> dict[str, Any]:
    """An order in whose ``field`` is what it must not hold."""
    detail: dict[str, Any] = {**Order().detail, field: VALUES[kind]}
    if detail[field] is MISSING:
        del detail[field]
    return detail


@pytest.fixture(scope="module")
def sent(open_shop: DeployedShop) -> Mapping[tuple[str, str], dict[str, Any]]:
    """All the invalid orders, sent together to save time."""
    details = {case: invalid_detail(*case) for case in CASES}
    for batch in batched(details.values(), 10, strict=False):
        open_shop.publish(CREATED, *batch)
    return details


@pytest.mark.parametrize(("field", "kind"), CASES)
def test_an_event_is_rejected(
    shop: DeployedShop, sent: Mapping[tuple[str, str], dict[str, Any]], field: str, kind: str
) -> None:
    detail = sent[field, kind]
    expected = dict.fromkeys(FIELDS) | detail | INVALID

    def wanted(event: Message) -> bool:
        return bool(event["detail-type"] == REJECTED and event["detail"] == expected)

    event = shop.bus.wait_for(f"{REJECTED} of {detail}", wanted)

    assert shop.workflow.output(execution_of(event))["error"] == INVALID


@pytest.mark.parametrize(
    "workflow_input",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"detail": {}}, id="empty detail"),
        pytest.param({"detail": None}, id="null"),
        pytest.param({"detail": "latte"}, id="text"),
        pytest.param({"detail": ["latte"]}, id="list"),
        pytest.param(Order().detail, id="order without detail"),
    ],
)
def test_a_start_by_hand_is_rejected(shop: DeployedShop, workflow_input: object) -> None:
    execution = shop.workflow.start(workflow_input)

    assert shop.workflow.output(execution)["error"] == INVALID


def test_blanks_around_a_text_are_no_fault(shop: DeployedShop) -> None:
    order = Order(
        drink="  Flat white\n", user_id=f" {Order().user_id}", order_id=f" {Order().order_id}"
    )
    shop.prepare(order)
    assert shop.item(order)["drink"] == order.drink
    shop.complete(order)


def test_an_order_id_too_long_for_a_key_is_rejected(shop: DeployedShop) -> None:
    order = Order(order_id="x" * 2049)
    execution = shop.order_by_hand(order)

    assert shop.workflow.output(execution)["error"] == INVALID


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
