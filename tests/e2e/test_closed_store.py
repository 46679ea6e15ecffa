"""An order at a closed store ends at once. What counts as closed is in tests/states."""

from typing import Any

import pytest

from harness.orders import REJECTED, Order, execution_of

from .shop import DeployedShop

CLOSED = {
    "code": "ERROR-101",
    "message": "The order cannot be executed because the store is closed.",
}


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(None, id="no config item"),
        pytest.param({"PK": "config"}, id="config item without open"),
        pytest.param({"PK": "config", "open": "true"}, id="open is a string"),
    ],
)
def test_an_order_is_refused(shop: DeployedShop, config: dict[str, Any] | None) -> None:
    shop.replace_config(config)
    execution = shop.order_by_hand(Order())

    assert shop.workflow.output(execution)["error"] == CLOSED


def test_an_event_is_answered_with_a_refusal_that_everybody_hears(shop: DeployedShop) -> None:
    shop.configure(open=False)
    order = Order()
    shop.place(order)

    event = shop.wait_for_event(order, REJECTED)
    assert event["detail"] == order.detail | CLOSED
    assert shop.workflow.output(execution_of(event))["error"] == CLOSED

    item = shop.wait_for_status(order, "rejected")
    assert (item["code"], item["message"]) == (CLOSED["code"], CLOSED["message"])
    message = shop.wait_for_message(order, "rejected")["Message"]
    assert message == f"{order.drink}: {CLOSED['message']}"
