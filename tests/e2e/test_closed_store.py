"""What counts as a closed store, and that an order there ends at once."""

from typing import Any

import pytest

from harness.orders import REJECTED, Order, execution_of

from .shop import DeployedShop
from .stacks import ODD_EMAIL, ODD_PHONE

CLOSED = {
    "code": "ERROR-101",
    "message": "The order cannot be executed because the store is closed.",
}


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(None, id="no config item"),
        pytest.param({"PK": "config"}, id="config item without open"),
        pytest.param({"PK": "config", "open": False}, id="not open"),
        pytest.param({"PK": "config", "open": "true"}, id="open is a text"),
        pytest.param({"PK": "config", "open": 1}, id="open is a number"),
        pytest.param({"PK": "config", "open": None}, id="open is null"),
    ],
)
def test_an_order_is_refused(shop: DeployedShop, config: dict[str, Any] | None) -> None:
    shop.replace_config(config)
    execution = shop.order_by_hand(Order())

    assert shop.workflow.output(execution)["error"] == CLOSED


def test_the_contact_is_shown_as_it_was_given(impatient_shop: DeployedShop) -> None:
    execution = impatient_shop.workflow.start({})

    contact = impatient_shop.workflow.output(execution)["contact"]
    assert (contact["email"], contact["phone"]) == (ODD_EMAIL, ODD_PHONE)


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
