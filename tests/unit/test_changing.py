"""A customer orders something else in place of an order that nobody makes yet."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from aws.clients import order_codes
from aws.config_table import ConfigTable
from aws.order_table import OrderTable
from orders.model import Barista, CodeRules, Status, TaskToken
from storefront import order
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import NOW, RECEIVED_AT, RUN, TOKEN
from tests.unit.storefront_api import ID, KEY, ask
from tests.unit.tables import Tables

NEW_KEY = "B" * 22
HEADERS = {"Order-Key": NEW_KEY, "Replaces": KEY, "Content-Type": "application/json"}
CORTADO = {"name": "Ada", "drink": "Cortado"}


@pytest.fixture(autouse=True)
def waiting(tables: Tables, order_table: OrderTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order that is replaced, in preparation; the API does not wait for its cancellation."""
    monkeypatch.setattr(order, "POLL_SECONDS", 0)
    monkeypatch.setattr(order, "CANCEL_TIMEOUT_SECONDS", 0)
    tables.claim(ID)
    order_table.start_preparation(ID, RUN, TaskToken(TOKEN), 0, RECEIVED_AT)


@pytest.fixture
def prompt(order_table: OrderTable, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workflow cancels at once."""
    ask_for_it = order.cancel

    def cancel(bus: Any, order_id: str) -> None:
        ask_for_it(bus, order_id)
        assert order_table.end(order_id, RUN, Status.CANCELED, NOW, {})

    monkeypatch.setattr(order, "cancel", cancel)


def change(body: dict[str, Any] = CORTADO) -> tuple[int, dict[str, Any]]:
    answer = ask("PUT", "/my-order", body, HEADERS)
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.usefixtures("prompt")
def test_the_first_order_is_canceled_before_the_other_is_sent(bus: FakeEventBus) -> None:
    assert change() == (202, {"status": "received", **CORTADO})
    assert bus.types() == ["OrderDeleted", "OrderCreated"]
    assert bus.details()[0] == {"orderId": ID}
    assert bus.details()[1]["orderId"] not in (ID, "")


def test_nothing_is_sent_until_the_first_order_is_canceled(
    order_table: OrderTable, bus: FakeEventBus
) -> None:
    assert change()[0] == 503
    assert bus.types() == ["OrderDeleted"]
    order_table.end(ID, RUN, Status.CANCELED, NOW, {})
    assert change()[0] == 202
    assert bus.types() == ["OrderDeleted", "OrderCreated"]


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({"open": False}, "ERROR-101"),
        ({"menu": ["Flat white"]}, "ERROR-109"),
        ({"orderCodes": True}, "ERROR-106"),
    ],
)
def test_what_would_be_refused_cancels_nothing(
    tables: Tables, bus: FakeEventBus, config: dict[str, Any], code: str
) -> None:
    tables.configure(**config)
    status, answer = change()
    assert (status, answer["code"]) == (409, code)
    assert bus.entries == []


def test_what_is_made_or_over_is_not_changed(order_table: OrderTable, bus: FakeEventBus) -> None:
    order_table.take(ID, Barista("1", "Julia"), NOW, over=False)
    status, answer = change()
    assert (status, answer) == (409, {"message": "Julia is making it already. Ask at the counter."})
    order_table.end(ID, RUN, Status.READY, NOW, {})
    assert change()[0] == 409
    assert ask("PUT", "/my-order", CORTADO, HEADERS | {"Replaces": "C" * 22})["statusCode"] == 409
    assert bus.entries == []


def test_the_slot_of_the_first_order_is_room_enough(tables: Tables, bus: FakeEventBus) -> None:
    tables.configure(capacity=1)
    tables.reserve("the first")
    assert change()[0] == 503
    assert bus.types() == ["OrderDeleted"]


def test_a_change_waits_for_room_that_somebody_else_took(
    tables: Tables, order_table: OrderTable, config_table: ConfigTable, bus: FakeEventBus
) -> None:
    order_table.end(ID, RUN, Status.CANCELED, NOW, {})
    tables.configure(capacity=1)
    tables.reserve("another")
    assert change()[1]["code"] == "ERROR-103"
    assert bus.entries == []
    assert config_table.count_refusals(datetime.now(UTC)) == 0  # The page asks every second.


@pytest.mark.usefixtures("prompt")
def test_a_change_uses_one_code(tables: Tables, bus: FakeEventBus) -> None:
    tables.configure(orderCodes={"minutes": 5, "orders": 1})
    code, _ = order_codes().current(CodeRules(5, 1), datetime.now(UTC))
    assert change(CORTADO | {"code": code})[0] == 202
    assert bus.types() == ["OrderDeleted", "OrderCreated"]


def test_a_drink_that_is_made_again_is_found_by_the_first_key(
    tables: Tables, order_table: OrderTable, bus: FakeEventBus
) -> None:
    def shown() -> Any:
        return json.loads(ask("GET", "/my-order")["body"])["status"]

    order_table.end(ID, RUN, Status.READY, NOW, {})
    order_table.note_made_again(ID, NOW, "again")
    assert shown() == "ready for pickup"  # The other is on its way.
    tables.claim("again")
    assert shown() == "received"
    assert ask("DELETE", "/my-order")["statusCode"] == 202
    assert bus.details() == [{"orderId": "again"}]
    assert json.loads(ask("GET", "/queue")["body"])["ready"] == []
