"""What the API shows, and which requests it refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from aws.order_table import OrderTable
from orders.model import Barista, Status, TaskToken
from tests.unit.api import CLICKS, JULIA, click, look, prepare, refused, request
from tests.unit.events import DRINK, NAME, NOW, ORDER_ID, RECEIVED_AT, RUN, TOKEN, USER_ID
from tests.unit.step_functions import StepFunctions, completed
from tests.unit.tables import Tables

TIMES_OUT_AT = "2026-03-02T08:35:00.000Z"

pytestmark = pytest.mark.usefixtures("tables")

ODD_ORDER_IDS = [
    *("a/b", "/", "two words", " 17", "قهوة-17", "☕", '"quoted"', "it's", "back\\slash"),
    *("{brace}", "<tag>", "50%", "%2F", "a+b", "a?b#c&d=e", "line\nbreak", "☕" * 500),
]


# --- Looking ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("waiting")
def test_an_order_in_preparation_is_shown() -> None:
    assert look() == (
        200,
        {
            "orderId": ORDER_ID,
            "status": "in preparation",
            "userId": USER_ID,
            "drink": DRINK,
            "receivedAt": RECEIVED_AT,
            "preparingAt": NOW,
            "waitingSince": NOW,
            "timesOutAt": TIMES_OUT_AT,
        },
    )


@pytest.mark.usefixtures("waiting")
def test_a_heartbeat_restarts_the_orders_time_limit(order_table: OrderTable) -> None:
    order_table.prolong(ORDER_ID, Barista("Julia", "Julia"), "2026-03-02T09:00:00.000Z")
    prolonged = look()[1]
    assert prolonged["waitingSince"] == "2026-03-02T09:00:00.000Z"
    assert prolonged["timesOutAt"] == "2026-03-02T09:15:00.000Z"


@pytest.mark.usefixtures("waiting")
def test_a_later_attempt_restarts_the_orders_time_limit(order_table: OrderTable) -> None:
    order_table.prolong(ORDER_ID, Barista("Julia", "Julia"), "2026-03-02T09:00:00.000Z")
    later = "2026-03-02T09:10:00.000Z"
    order_table.start_preparation(ORDER_ID, RUN, TaskToken("later"), 1, later)
    assert look()[1]["timesOutAt"] == "2026-03-02T09:25:00.000Z"


@pytest.mark.usefixtures("waiting")
def test_an_ended_order_is_shown(order_table: OrderTable) -> None:
    texts: dict[str, str | None] = {
        "barista_name": "Julia",
        "code": "ERROR-104",
        "message": "No milk.",
    }
    order_table.end(ORDER_ID, RUN, Status.REJECTED, NOW, texts)
    status_code, shown = look()
    assert status_code == 200
    assert shown["status"] == "rejected"
    assert (shown["baristaId"], shown["code"], shown["message"]) == tuple(texts.values())
    assert shown["endedAt"] == NOW


def test_the_counter_is_shown_oldest_first(tables: Tables, order_table: OrderTable) -> None:
    for order_id, minute in (("third", 30), ("second", 20), ("first", 10), ("ended", 11)):
        prepare(tables, order_table, order_id, f"2026-03-02T08:{minute}:00.000Z")
    order_table.end("ended", RUN, Status.READY, NOW, {})
    tables.claim("received")
    status_code, shown = request("GET", "/orders", query={"status": "in preparation"})
    assert status_code == 200
    assert [order["orderId"] for order in shown["orders"]] == ["first", "second", "third"]
    assert set(shown["orders"][0]) == {
        *("orderId", "status", "userId", "drink"),
        *("receivedAt", "preparingAt", "waitingSince", "timesOutAt"),
    }
    now = datetime.fromisoformat(shown["now"])
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_named_order_is_shown_with_its_name(tables: Tables, order_table: OrderTable) -> None:
    tables.claim(name=NAME)
    assert order_table.start_preparation(ORDER_ID, RUN, TaskToken(TOKEN), 0, NOW)
    _, counter = request("GET", "/orders", query={"status": "in preparation"})
    for shown in (look()[1], *counter["orders"]):
        assert (shown["name"], shown["userId"]) == (NAME, USER_ID)


def test_an_empty_counter_is_no_error() -> None:
    status_code, shown = request("GET", "/orders", query={"status": "in preparation"})
    assert (status_code, shown["orders"]) == (200, [])


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("query", [{}, {"status": "received"}, {"status": ""}])
def test_only_the_counter_is_listed(query: dict[str, str]) -> None:
    status_code, answer = request("GET", "/orders", query=query)
    assert status_code == 422
    assert [error["field"] for error in answer["errors"]] == ["query.status"]


# --- Requests that can't be understood ----------------------------------------------------------


@pytest.mark.parametrize(("action", "body"), CLICKS)
def test_an_unknown_order_is_not_found(tables: Tables, action: str, body: dict[str, str]) -> None:
    told = refused(404, "There is no order 17. Check the order id.")
    assert look("17") == told
    assert click(action, body, "17") == told
    assert tables.item("17") == {}


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        *(("complete", body, "body") for body in (None, "", "null", "[]", '"Julia"', "17")),
        ("complete", {}, "body.baristaId"),
        *(
            ("complete", {"baristaId": name}, "body.baristaId")
            for name in (None, 17, ["Julia"], "", " \t\n", "x" * 101)
        ),
        ("heartbeat", {}, "body.baristaId"),
        ("decline", JULIA, "body.reason"),
        ("decline", JULIA | {"reason": " "}, "body.reason"),
        ("decline", JULIA | {"reason": "x" * 1001}, "body.reason"),
        ("decline", JULIA | {"reason": "no milk\uffff"}, "body.reason"),
        ("complete", {"baristaId": "Julia\uffff"}, "body.baristaId"),
        ("decline", {"reason": "no milk"}, "body.baristaId"),
    ],
)
def test_a_wrong_body_is_refused_with_its_field(
    tables: Tables, action: str, body: Any, field: str
) -> None:
    before = tables.item()
    status_code, answer = click(action, body)
    assert status_code == 422
    assert [error["field"] for error in answer["errors"]] == [field]
    assert answer["message"].startswith(f"Correct the request: {field}: ")
    assert tables.item() == before


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    "body",
    [
        "{",
        "baristaId=Julia",
        "{'baristaId': 'Julia'}",
        b'{"baristaId": "\xff"}',
        "[" * 50_000,
        f'{{"baristaId": {"9" * 5000}}}',
        f'{{"baristaId": "Julia", "more": [-{"9" * 5000}]}}',
    ],
)
def test_a_body_that_is_no_json_is_refused(body: str | bytes) -> None:
    status_code, answer = click("complete", body)
    assert status_code == 422
    assert "JSON" in answer["message"]


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    "body", [b'{"baristaId": "Julia"}', None, b"", "☕".encode(), b'{"baristaId": "\xff"}']
)
@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "text/plain",
        "application/octet-stream",
        "☕",
        ";",
    ],
)
def test_a_body_that_is_not_sent_as_json_is_refused(content_type: str, body: bytes | None) -> None:
    for sent in (body, body and body.decode(errors="replace")):
        answer = request("POST", f"/orders/{ORDER_ID}/complete", sent, content_type=content_type)
        assert answer == refused(
            415, "Send the body as JSON, with the header Content-Type: application/json."
        )


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", " application/json", ""]
)
@pytest.mark.parametrize("body", ['{"baristaId": "Julia"}', b'{"baristaId": "Julia"}'])
def test_json_may_be_called_so_in_any_spelling(content_type: str, body: str | bytes) -> None:
    path = f"/orders/{ORDER_ID}/complete"
    assert request("POST", path, body, content_type=content_type)[0] == 200


@pytest.mark.usefixtures("waiting")
def test_a_name_that_is_no_string_is_refused() -> None:
    assert click("complete", r'{"baristaId": "\ud800"}')[0] == 422


@pytest.mark.usefixtures("waiting")
def test_more_fields_are_kept_out_of_the_way(step_functions: StepFunctions) -> None:
    assert click("complete", JULIA | {"mood": "fine"})[0] == 200
    assert step_functions.calls == [completed("Julia", TOKEN)]


@pytest.mark.usefixtures("waiting")
def test_a_barista_may_have_any_name(step_functions: StepFunctions) -> None:
    name = 'Zoë "☕" O\'Brien\\{}'
    assert click("complete", {"baristaId": name})[0] == 200
    assert step_functions.calls == [completed(name, TOKEN)]


@pytest.mark.parametrize("order_id", ODD_ORDER_IDS)
def test_an_order_may_have_any_id(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, order_id: str
) -> None:
    prepare(tables, order_table, order_id)
    assert look(order_id)[1]["orderId"] == order_id
    assert click("complete", JULIA, order_id)[1]["orderId"] == order_id
    assert step_functions.calls == [completed("Julia", TOKEN)]


@pytest.mark.parametrize("segment", ["x" * 501, quote("☕" * 501), "%FF", "%20%09"])
def test_an_id_that_no_order_can_have_is_refused(segment: str) -> None:
    for answer in (
        request("GET", f"/orders/{segment}"),
        request("POST", f"/orders/{segment}/complete", JULIA),
    ):
        assert answer[0] == 422
        assert "orderId" in answer[1]["message"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("DELETE", f"/orders/{ORDER_ID}"), ("POST", "/orders")]
)
def test_nothing_else_is_answered(method: str, path: str) -> None:
    assert request(method, path)[0] == 404
