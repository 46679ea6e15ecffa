"""A drink that was spilled, or got into the wrong cup, is made again as an order of its own."""

import pytest

from aws.order_table import OrderTable
from orders.model import Status
from tests.unit.api import JULIA, click, look
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import ANOTHER_RUN, DRINK, NAME, NOW, ORDER_ID, RUN, USER_ID
from tests.unit.tables import Tables


@pytest.fixture
def ended(tables: Tables, order_table: OrderTable) -> str:
    tables.claim(name=NAME)
    assert order_table.end(ORDER_ID, RUN, Status.READY, NOW, {})
    return ORDER_ID


@pytest.mark.usefixtures("ended")
def test_the_same_drink_is_ordered_for_the_same_customer(bus: FakeEventBus) -> None:
    status, answer = click("again", JULIA)
    assert status == 202
    [event] = bus.received()
    assert event["detail-type"] == "OrderCreated"
    assert event["detail"] == {
        "orderId": answer["orderId"],
        "userId": USER_ID,
        "drink": DRINK,
        "name": NAME,
        "againOf": ORDER_ID,
    }


def test_a_second_click_is_no_second_drink(
    ended: str, tables: Tables, order_table: OrderTable, bus: FakeEventBus
) -> None:
    (_, first), (_, second) = click("again", JULIA), click("again", JULIA)
    assert first == second  # The workflow takes each order once.
    again = first["orderId"]
    assert tables.claim(again, ANOTHER_RUN)
    status, answer = click("again", JULIA)
    assert (status, again in answer["message"]) == (409, True)
    assert click("again", JULIA, again)[0] == 409  # It has not ended.
    order_table.end(again, ANOTHER_RUN, Status.READY, NOW, {})
    assert click("again", JULIA, again)[0] == 202
    assert len({detail["orderId"] for detail in bus.details()} - {ended}) == 2


def test_what_was_forgotten_is_not_made_again(
    ended: str, order_table: OrderTable, bus: FakeEventBus
) -> None:
    assert order_table.forget(ended, "2026-04-02T08:00:00.000Z")
    assert click("again", JULIA)[0] == 409
    assert click("again", JULIA, "unknown")[0] == 404
    assert bus.entries == []


@pytest.mark.usefixtures("ended")
def test_a_bus_that_refuses_is_busy(bus: FakeEventBus) -> None:
    bus.error = "ThrottlingException"
    assert click("again", JULIA)[0] == 503


def test_the_counter_knows_what_is_made_again(tables: Tables) -> None:
    tables.claim(again_of="the first")
    assert look()[1]["againOf"] == "the first"
