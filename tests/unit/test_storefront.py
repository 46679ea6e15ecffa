"""What everybody may ask for."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aws.clients import order_codes
from aws.order_table import OrderTable
from orders.model import Barista, CodeRules, Status, TaskToken, iso
from orders.texts import find_unseen, tidy
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import DRINK, NAME, NOW, RECEIVED_AT, RUN, TOKEN
from tests.unit.storefront_api import ADA, ID, KEY, ask
from tests.unit.tables import BUS, Tables

pytestmark = pytest.mark.usefixtures("tables")


def shown() -> dict[str, Any]:
    answer = ask("GET", "/my-order")
    assert answer["statusCode"] == 200, answer
    found: dict[str, Any] = json.loads(answer["body"])
    return found


def test_an_order_goes_out_on_the_bus(bus: FakeEventBus) -> None:
    answer = ask("PUT", "/my-order", ADA)
    assert answer["statusCode"] == 202
    assert json.loads(answer["body"]) == {
        "status": "received",
        "name": "Ada",
        "drink": "Flat white",
    }
    [entry] = bus.entries
    assert (entry["EventBusName"], entry["Source"]) == (BUS, "ok.serverlessworkshop")
    assert bus.types() == ["OrderCreated"]
    assert bus.details() == [{"orderId": ID, "userId": ID, **ADA}]


CLOSED, FULL = {"open": False}, {"capacity": 1}


@pytest.mark.parametrize(
    ("config", "status", "refusal"),
    [
        (CLOSED, 409, "ERROR-101"),
        (FULL, 409, "ERROR-103"),
        ({"capacity": 2}, 202, None),
        ({"capacity": 0, "capacityCheck": "executions"}, 202, None),
    ],
)
def test_an_order_is_refused_while_the_store_is_closed_or_full_and_uses_no_code_up(
    tables: Tables, bus: FakeEventBus, config: dict[str, Any], status: int, refusal: str | None
) -> None:
    tables.reserve("another")
    tables.configure(orderCodes=True, **config)
    code, _ = order_codes().current(CodeRules(), datetime.now(UTC))
    answer = ask("PUT", "/my-order", ADA | {"code": code})
    assert (answer["statusCode"], json.loads(answer["body"]).get("code")) == (status, refusal)
    used = [item for item in tables.config.scan()["Items"] if "orderIds" in item]
    assert len(bus.entries) == len(used) == (0 if refusal else 1)


def test_an_order_needs_the_code_at_the_counter(tables: Tables, bus: FakeEventBus) -> None:
    tables.configure(orderCodes={"minutes": 5, "orders": 1})
    assert json.loads(ask("GET", "/menu")["body"])["codeNeeded"] is True
    code, _ = order_codes().current(CodeRules(5, 1), datetime.now(UTC))

    def told(code: str | None, key: str = KEY) -> tuple[int, str | None]:
        headers = {"Order-Key": key, "Content-Type": "application/json"}
        answer = ask("PUT", "/my-order", ADA | {"code": code}, headers)
        return answer["statusCode"], json.loads(answer["body"]).get("code")

    assert told(None) == (409, "ERROR-106")
    assert told("WRONG") == (409, "ERROR-107")
    assert bus.entries == []
    assert told(code.lower()) == (202, None)
    assert told(code) == (202, None)  # The answer got lost.
    assert told(code, key="B" * 22) == (409, "ERROR-108")
    assert {detail["orderId"] for detail in bus.details()} == {ID}
    tables.claim(ID)
    assert told(None) == (202, None)


@pytest.mark.parametrize("config", [{}, CLOSED, FULL, {"menu": ["Espresso"]}, {"orderCodes": True}])
def test_an_order_that_is_there_is_not_ordered_again(
    tables: Tables, bus: FakeEventBus, config: dict[str, Any]
) -> None:
    tables.claim(ID)
    tables.reserve()
    tables.configure(**config)
    answer = ask("PUT", "/my-order", ADA)
    assert (answer["statusCode"], json.loads(answer["body"])) == (202, shown())
    assert bus.entries == []


@pytest.mark.parametrize("key", ["", "short", KEY + "A", "A" * 21 + "/", None])
@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_without_a_key_there_is_no_order(bus: FakeEventBus, method: str, key: str | None) -> None:
    headers = {} if key is None else {"Order-Key": key}
    assert ask(method, "/my-order", ADA, headers)["statusCode"] == 422
    assert bus.entries == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "Ada"},
        {"drink": "Tea"},
        ADA | {"drink": "x" * 101},
        ADA | {"name": 1},
        *(ADA | {field: blank} for field in ("name", "drink") for blank in (" \t\n", "\u3000")),
    ],
)
def test_an_order_needs_a_name_and_a_drink(bus: FakeEventBus, body: object) -> None:
    assert ask("PUT", "/my-order", body)["statusCode"] == 422
    assert bus.entries == []


@pytest.mark.parametrize("field", ["name", "drink"])
@pytest.mark.parametrize("unseen", ["\x1b", "\u202e", "\u3164", "\uffff"], ids=ascii)
def test_invisible_characters_are_refused(bus: FakeEventBus, field: str, unseen: str) -> None:
    """All of them are in test_texts.py."""
    answer = ask("PUT", "/my-order", ADA | {field: f"A{unseen}da"})
    assert answer["statusCode"] == 422
    (error,) = json.loads(answer["body"])["errors"]
    assert error == {"field": f"body.{field}", "problem": find_unseen(unseen)}
    assert bus.entries == []


@pytest.mark.parametrize("name", ["علی‌رضا", "👩‍🍳", " Ada\n", "Ada\u200f\u00ad"], ids=ascii)
def test_a_customer_may_have_any_name(bus: FakeEventBus, name: str) -> None:
    assert ask("PUT", "/my-order", ADA | {"name": name})["statusCode"] == 202
    assert bus.details()[0]["name"] == tidy(name)


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [("multipart/form-data", "☕", 415), ("application/json", "[" * 50_000, 422)],
)
def test_an_unreadable_body_is_refused(
    bus: FakeEventBus, content_type: str, body: str, status: int
) -> None:
    """More of them are in test_barista_requests.py, for both APIs read a request alike."""
    answer = ask("PUT", "/my-order", body, {"Order-Key": KEY, "content-type": content_type})
    assert answer["statusCode"] == status
    assert "JSON" in json.loads(answer["body"])["message"]
    assert bus.entries == []


def test_an_event_that_the_bus_refuses_is_answered_with_503(
    tables: Tables, bus: FakeEventBus
) -> None:
    bus.error = "ThrottlingException"
    assert ask("PUT", "/my-order", ADA)["statusCode"] == 503
    tables.claim(ID)
    assert ask("DELETE", "/my-order")["statusCode"] == 503


def test_an_order_is_shown_to_the_holder_of_its_key(
    tables: Tables, order_table: OrderTable
) -> None:
    tables.claim("another", at="2026-03-02T08:14:00.000Z")
    assert order_table.start_preparation("another", RUN, TaskToken(TOKEN), 0, NOW)
    tables.claim(ID, name=NAME)
    assert shown()["status"] == "received"
    assert order_table.start_preparation(ID, RUN, TaskToken(TOKEN), 0, NOW)
    assert shown() == {
        "status": "in preparation",
        "drink": DRINK,
        "name": NAME,
        "place": 2,
        "receivedAt": RECEIVED_AT,
    }
    order_table.end(ID, RUN, Status.READY, NOW, {"barista_name": "Julia", "message": "Ready."})
    assert (shown()["status"], shown()["baristaId"]) == ("ready for pickup", "Julia")
    assert "place" not in shown()


def test_an_order_of_another_producer_is_neither_shown_nor_canceled(
    tables: Tables, bus: FakeEventBus
) -> None:
    tables.claim(KEY)
    for method in ("GET", "DELETE"):
        assert ask(method, "/my-order")["statusCode"] == 404
    assert bus.entries == []


def test_a_cancellation_goes_out_on_the_bus(tables: Tables, bus: FakeEventBus) -> None:
    tables.claim(ID)
    answer = ask("DELETE", "/my-order")
    # An empty body would be no answer of ours: a proxy gives that, too.
    assert (answer["statusCode"], json.loads(answer["body"])) == (202, {"status": "received"})
    assert (bus.types(), bus.details()) == (["OrderDeleted"], [{"orderId": ID}])


def test_a_drink_that_is_being_made_is_not_canceled(
    tables: Tables, order_table: OrderTable, bus: FakeEventBus
) -> None:
    tables.claim(ID)
    assert order_table.start_preparation(ID, RUN, TaskToken(TOKEN), 0, NOW, 7)
    assert order_table.take(ID, Barista("1", "Julia"), NOW, over=False)
    assert (shown()["takenBy"], shown()["number"]) == ("Julia", 7)
    refused = ask("DELETE", "/my-order")
    assert refused["statusCode"] == 409
    assert json.loads(refused["body"])["message"].startswith("Julia is making it")
    assert bus.entries == []


# --- The board ----------------------------------------------------------------------------------


def test_the_board_has_the_numbers_that_are_called(tables: Tables, order_table: OrderTable) -> None:
    def prepare(order_id: str, number: int | None) -> None:
        tables.claim(order_id, f"{RUN}-{order_id}")
        token = TaskToken(TOKEN)
        order_table.start_preparation(order_id, f"{RUN}-{order_id}", token, 0, NOW, number)

    def end(order_id: str, status: Status, minutes_ago: int) -> None:
        at = iso(datetime.now(UTC) - timedelta(minutes=minutes_ago))
        assert order_table.end(order_id, f"{RUN}-{order_id}", status, at, {})

    tables.claim("received")
    for order_id, number in zip("abcdefg", (1, 2, 3, 4, None, 6, 7), strict=True):
        prepare(order_id, number)
    order_table.take("b", Barista("1", "Julia"), NOW, over=False)
    end("c", Status.READY, 3)
    end("d", Status.READY, 1)
    end("f", Status.READY, 11)
    end("g", Status.CANCELED, 1)
    answer = ask("GET", "/queue", headers={})
    assert json.loads(answer["body"]) == {"waiting": [1], "making": [2], "ready": [3, 4]}
