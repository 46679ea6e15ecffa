"""Whatever stands in the config item: the functions and the workflow read it alike."""

import json
from typing import Any

import pytest

from tests.contracts.definitions import ROOT
from tests.states.choices import TYPES
from tests.states.interpreter import carry_out
from tests.unit.api import request
from tests.unit.event_bus import FakeEventBus
from tests.unit.printed import Printed
from tests.unit.storefront_api import ADA, ask
from tests.unit.tables import CONFIG_TABLE, Tables
from tests.unit.test_store_switch import DEFAULT_CODES, OPEN

CLOSED, FULL, CODE_MISSING, ORDERED = "ERROR-101", "ERROR-103", "ERROR-106", None
NOT_ON_MENU = "ERROR-109"
RESERVE = "Reserve capacity"
# By attribute: the types that are right, what staff see of any other, what a customer's order is
# answered with, and what the workflow does next.
ATTRIBUTES: dict[str, tuple[set[str], dict[str, Any], str | None, str]] = {
    "open": ({"BOOL"}, {"open": False}, CLOSED, "Store closed"),
    "capacity": ({"N"}, {"capacity": 0}, FULL, "Out of capacity"),
    "capacityCheck": (set(), {}, ORDERED, RESERVE),
    "menu": (set(), {}, CLOSED, RESERVE),
    "orderCodes": ({"BOOL", "M"}, {"orderCodes": DEFAULT_CODES}, CODE_MISSING, RESERVE),
    "orderAgeLimitMinutes": ({"N"}, {}, ORDERED, RESERVE),
}


def menu(*names: str) -> dict[str, Any]:
    items = [{"name": name, "sizes": [], "soldOut": False} for name in names]
    return {"items": items, "groups": [], "version": 0}


def configure(tables: Tables, **attributes: Any) -> dict[str, Any]:
    item = {"PK": {"S": "config"}, "open": {"BOOL": True}, **attributes}
    tables.dynamodb.put_item(TableName=CONFIG_TABLE, Item=item)
    return item


def order(**body: str) -> tuple[int, str | None]:
    """The status of the answer to an order, and the code in it."""
    answer = ask("PUT", "/my-order", ADA | body)
    return answer["statusCode"], json.loads(answer["body"]).get("code")


@pytest.mark.usefixtures("bus")
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name, (right, *_) in ATTRIBUTES.items()
        for kind in sorted(TYPES.keys() - right)
    ],
)
def test_a_wrong_type_counts_as_the_default_or_as_closed(
    tables: Tables, printed: Printed, name: str, kind: str
) -> None:
    _, shown, refusal, following = ATTRIBUTES[name]
    item = configure(tables, **{name: TYPES[kind]})
    assert request("GET", "/store") == (200, OPEN | shown | {"unreadable": [name]})
    assert {tuple(line["attributes"]) for line in printed.logs if "attributes" in line} == {(name,)}
    offered = json.loads(ask("GET", "/menu")["body"])
    if (name, kind) == ("menu", "L"):  # One of its entries is a text.
        assert offered == {"open": True, "menu": menu("executions"), "codeNeeded": False}
        assert (order(), order(drink="executions")) == ((409, NOT_ON_MENU), (202, None))
    else:
        open_, codes = refusal != CLOSED, name == "orderCodes"
        empty = {"menu": menu()} if name == "menu" else {}
        assert offered == {"open": open_, "codeNeeded": codes, **empty}
        assert order() == (409 if refusal else 202, refusal)
    assert carry_out("Is store open?", {"storeInfo": {"Item": item}}, {}, {}).next == following


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name, (right, *_) in ATTRIBUTES.items() for kind in sorted(right)],
)
def test_a_right_type_is_not_complained_of(
    tables: Tables, printed: Printed, name: str, kind: str
) -> None:
    configure(tables, **{name: TYPES[kind]})
    assert "unreadable" not in request("GET", "/store")[1]
    assert [line for line in printed.logs if "attributes" in line] == []


def test_staff_are_told_in_both_languages_what_is_wrong() -> None:
    texts = (ROOT / "functions/storefront/pages/texts.js").read_text()
    for name in ATTRIBUTES:
        assert texts.count(f'"unreadable.{name}": "') == 2, name


@pytest.mark.parametrize("capacity", ["0", "-1", "0.5", "1", "1.5", "1E+125"])
def test_the_page_has_room_for_as_many_as_the_workflow(
    tables: Tables, bus: FakeEventBus, capacity: str
) -> None:
    configure(tables, capacity={"N": capacity})
    for run in ("first", "second", "third"):
        assert (order()[0] == 202) == tables.reserve(run), run
    assert len(bus.entries) == len(tables.reservations())


@pytest.mark.parametrize(
    "stored",
    [
        *(
            "Flat white ",
            "\tFlat white",
            "Flat\nwhite",
            "Flat  white",
            "Flat\u00a0white",
            "Fl\u00adat white",
        ),
        *("\ufeffFlat white", "Flat white\u200b", "Flat white\u200f"),
    ],
    ids=ascii,
)
def test_what_is_offered_can_be_ordered(tables: Tables, bus: FakeEventBus, stored: str) -> None:
    tables.configure(menu=[stored, "Cafe\u0301", "Flat white"])
    offered = ["Flat white", "Caf\u00e9"]
    assert json.loads(ask("GET", "/menu")["body"])["menu"] == menu(*offered)
    for number, drink in enumerate([stored, *offered]):
        headers = {"Order-Key": str(number) * 22}
        assert ask("PUT", "/my-order", ADA | {"drink": drink}, headers)["statusCode"] == 202, drink
    assert {detail["drink"] for detail in bus.details()} == set(offered)


@pytest.mark.parametrize("stored", ["x" * 101, "Flat\u202ewhite", "\u3164", "", " ", "\u0301" * 6])
def test_what_can_not_be_ordered_is_not_offered(tables: Tables, stored: str) -> None:
    tables.configure(menu=[stored, "Espresso"])
    assert json.loads(ask("GET", "/menu")["body"])["menu"] == menu("Espresso")
    assert request("GET", "/store")[1]["unreadable"] == ["menu"]
    tables.configure(menu=[stored])
    assert json.loads(ask("GET", "/menu")["body"])["open"] is False
