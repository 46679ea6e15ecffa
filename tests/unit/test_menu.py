"""The menu that staff edit at the counter, and what can be ordered from it."""

import json
from typing import Any

import pytest

from tests.unit.api import request
from tests.unit.event_bus import FakeEventBus
from tests.unit.storefront_api import ADA, ask
from tests.unit.tables import Tables

pytestmark = pytest.mark.usefixtures("tables")

LATTE = {"name": "Latte", "sizes": ["small", "large"], "soldOut": False}
ESPRESSO = {"name": "Espresso", "sizes": [], "soldOut": False}
MILK = {
    "name": "Milk",
    "choose": "one",
    "extras": [{"name": "oat milk", "soldOut": False}, {"name": "soy milk", "soldOut": False}],
}
MORE = {
    "name": "More",
    "choose": "any",
    "extras": [{"name": "cinnamon", "soldOut": False}, {"name": "extra shot", "soldOut": False}],
}
MENU: dict[str, Any] = {"items": [LATTE, ESPRESSO], "groups": [MILK, MORE], "version": 0}


@pytest.fixture
def menu(tables: Tables) -> dict[str, Any]:  # noqa: ARG001 (its tables)
    """The menu as it was saved."""
    status, saved = request("PUT", "/store/menu", MENU)
    assert (status, saved) == (200, MENU | {"version": 1})
    return saved


def order(drink: str, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = ask("PUT", "/my-order", {"name": "Ada", "drink": drink, **more})
    return answer["statusCode"], json.loads(answer["body"])


def sold_out(name: str, *, sold_out: bool = True) -> int:
    body = {"name": name, "soldOut": sold_out}
    return request("PUT", "/store/menu/sold-out", body)[0]


def test_staff_and_customers_see_the_same(menu: dict[str, Any]) -> None:
    assert request("GET", "/store/menu") == (200, menu)
    assert json.loads(ask("GET", "/menu", headers={})["body"])["menu"] == menu


@pytest.mark.usefixtures("menu")
@pytest.mark.parametrize(
    ("chosen", "drink"),
    [
        ({"drink": "Espresso"}, "Espresso"),
        ({"drink": "Latte", "size": "large"}, "Latte, large"),
        (
            {"drink": "Latte", "size": "small", "extras": ["extra shot", "cinnamon", "oat milk"]},
            "Latte, small, oat milk, cinnamon, extra shot",
        ),
    ],
)
def test_an_order_says_what_was_chosen(
    bus: FakeEventBus, chosen: dict[str, Any], drink: str
) -> None:
    status, answer = order(**chosen)
    assert (status, answer["drink"]) == (202, drink)
    assert [detail["drink"] for detail in bus.details()] == [drink]


@pytest.mark.usefixtures("menu")
@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"drink": "Cortado"}, "Cortado is not on the menu"),
        ({"drink": "Latte"}, "Latte has other sizes"),
        ({"drink": "Latte", "size": "huge"}, "Latte has other sizes"),
        ({"drink": "Espresso", "size": "large"}, "Espresso has other sizes"),
        ({"drink": "Espresso", "extras": ["rum"]}, "rum is not on the menu"),
        ({"drink": "Espresso", "extras": ["oat milk", "soy milk"]}, "Choose one of these"),
    ],
)
def test_what_is_not_on_the_menu_is_refused(
    bus: FakeEventBus, chosen: dict[str, Any], why: str
) -> None:
    status, answer = order(**chosen)
    assert (status, answer["code"]) == (409, "ERROR-109")
    assert answer["message"].startswith(why)
    assert bus.entries == []


@pytest.mark.usefixtures("menu")
def test_what_is_sold_out_is_refused_until_it_is_there_again(bus: FakeEventBus) -> None:
    assert sold_out("Espresso") == sold_out("oat milk") == 200
    assert order("Espresso")[1]["message"] == "Espresso is sold out. Choose another drink."
    status, answer = order("Latte", size="small", extras=["oat milk"])
    assert (status, answer["message"]) == (409, "oat milk is sold out. Choose again.")
    assert bus.entries == []
    assert sold_out("Espresso", sold_out=False) == 200
    assert order("Espresso")[0] == 202
    assert sold_out("Cortado") == 404


def test_nobody_overwrites_what_somebody_else_has_changed(menu: dict[str, Any]) -> None:
    assert sold_out("Espresso") == 200
    status, answer = request("PUT", "/store/menu", menu)
    assert (status, "Somebody else" in answer["message"]) == (409, True)
    _, now = request("GET", "/store/menu")
    assert now["version"] == 2
    assert request("PUT", "/store/menu", now | {"items": [LATTE]})[1]["version"] == 3


@pytest.mark.parametrize(
    "change",
    [
        {"items": [LATTE, LATTE]},
        {"items": [LATTE | {"sizes": ["small", "small"]}]},
        {"items": [LATTE | {"name": "oat milk"}]},
        {"items": [LATTE | {"name": "\u3164"}]},
        {"items": [LATTE | {"name": "x" * 101}]},
        {"items": [{"name": f"{number}"} for number in range(61)]},
        {"groups": [MILK | {"choose": "two"}]},
        {"version": -1},
    ],
)
def test_a_menu_that_nobody_could_order_from_is_refused(change: dict[str, Any]) -> None:
    assert request("PUT", "/store/menu", MENU | change)[0] == 422


def test_the_menu_of_the_config_item_counts_until_there_is_another(tables: Tables) -> None:
    tables.configure(menu=["Cortado", "Espresso"])
    assert sold_out("Cortado") == 200
    tables.configure()  # Somebody put the exercise's item anew.
    _, kept = request("GET", "/store/menu")
    assert [(item["name"], item["soldOut"]) for item in kept["items"]] == [
        ("Cortado", True),
        ("Espresso", False),
    ]


@pytest.mark.parametrize("wrong", ["items", "groups", "version"])
def test_a_menu_that_cant_be_read_does_not_close_the_store(
    menu: dict[str, Any], tables: Tables, bus: FakeEventBus, wrong: str
) -> None:
    tables.config.put_item(Item={"PK": "menu", **menu, wrong: {"S": None}})
    assert ask("PUT", "/my-order", ADA)["statusCode"] == 202
    assert len(bus.entries) == 1


def test_without_a_menu_anything_can_be_ordered(bus: FakeEventBus) -> None:
    assert order("Cortado", size="small", extras=["rum"])[0] == 202
    assert bus.details()[0]["drink"] == "Cortado, small, rum"


def test_an_empty_menu_closes_the_page(tables: Tables, bus: FakeEventBus) -> None:
    assert request("PUT", "/store/menu", MENU | {"items": []})[0] == 200
    assert json.loads(ask("GET", "/menu", headers={})["body"])["open"] is False
    assert order("Espresso")[1]["code"] == "ERROR-101"
    assert bus.entries == []
    assert tables.reserve("the order service's")
