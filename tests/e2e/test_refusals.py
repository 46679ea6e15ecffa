"""An order that the workflow refuses, from its event to the notification.

What counts as closed, as full and as invalid is in tests/states.
"""

import pytest

from harness.orders import CREATED, REJECTED, Order, execution_of
from harness.shop import DeployedShop

CLOSED = "ERROR-101", "The order cannot be executed because the store is closed."
FULL = "ERROR-103", "The order cannot be executed because all baristas are busy."
NO_ORDER = (
    "The order cannot be executed because orderId, userId and drink must each be a string that is"
    " not blank and has no control characters, orderId of at most 500 characters, neither . nor .."
    " and not beginning with notification#, and the others of at most 10,000."
)
INVALID = "ERROR-100", NO_ORDER


@pytest.mark.parametrize(
    ("config", "drink", "refusal"),
    [
        ({"open": False}, "Flat white", CLOSED),
        ({"open": True, "capacity": 0}, "Flat white", FULL),
        ({"open": True}, "", INVALID),
    ],
)
def test_everybody_hears_of_a_refusal(
    shop: DeployedShop, config: dict[str, bool | int], drink: str, refusal: tuple[str, str]
) -> None:
    order, (code, message) = Order(drink), refusal
    shop.configure(**config)
    shop.place(order)

    event = shop.wait_for_event(order, REJECTED)
    error = {"code": code, "message": message}
    assert event["detail"] == order.detail | error
    assert shop.workflow.output(execution_of(event))["error"] == error
    item = shop.wait_for_status(order, "rejected")
    assert (item["code"], item["message"]) == refusal
    assert shop.wait_for_text(order, "rejected") == (f"{drink or 'Your order'}: {message}")


def test_without_a_config_item_the_store_is_closed(shop: DeployedShop) -> None:
    shop.replace_config(None)
    execution = shop.order_by_hand(Order())
    assert shop.workflow.output(execution)["error"]["code"] == "ERROR-101"


@pytest.mark.parametrize(("attribute", "code"), [("open", "ERROR-101"), ("capacity", "ERROR-103")])
@pytest.mark.parametrize("value", [b"5", None, ["5"]], ids=repr)
def test_no_config_item_breaks_an_execution(
    shop: DeployedShop, attribute: str, code: str, value: object
) -> None:
    """All types are in tests/states; these are bytes, and an item that no state could hold.

    The emulated DynamoDB fails to give back a set of bytes (moto's GetItem: InternalError).
    """
    menu = ["x" * 1000] * 300
    shop.replace_config({"PK": "config", "open": True, "menu": menu, attribute: value})
    execution = shop.order_by_hand(Order())
    assert shop.workflow.output(execution)["error"]["code"] == code


@pytest.mark.parametrize("drink", ["x" * 130_000, "x\uffff"], ids=["too long", "no character"])
def test_an_order_that_no_event_can_carry_on_is_rejected(shop: DeployedShop, drink: str) -> None:
    order = Order(drink)
    shop.publish(CREATED, order.detail)
    event = shop.wait_for_event(order, REJECTED)
    assert event["detail"]["code"] == "ERROR-100"
    assert event["detail"]["drink"] is None
