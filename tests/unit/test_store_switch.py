"""The store's switch and its slots, as staff see and set them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aws.config_table import ConfigTable
from tests.unit.api import request
from tests.unit.storefront_api import ADA, ask
from tests.unit.tables import Tables
from tests.unit.tracking import ended, follow

OPEN = {"open": True, "capacity": 10, "inUse": 0, "refused": 0}
CODES, DEFAULT_CODES = {"minutes": 1, "orders": 3}, {"minutes": 2, "orders": 4}


@pytest.mark.parametrize(
    ("config", "shown"),
    [
        ({}, OPEN),
        ({"open": False}, OPEN | {"open": False}),
        ({"capacity": 3}, OPEN | {"capacity": 3}),
        ({"capacityCheck": "executions"}, {"open": True, "capacity": 10, "refused": 0}),
        ({"orderCodes": False}, OPEN),
        ({"orderCodes": CODES}, OPEN | {"orderCodes": CODES}),
        ({"orderCodes": {}}, OPEN | {"orderCodes": DEFAULT_CODES}),
        ({"orderCodes": True}, OPEN | {"orderCodes": DEFAULT_CODES}),
        *(
            (
                {"orderCodes": DEFAULT_CODES | wrong},
                OPEN | {"orderCodes": DEFAULT_CODES, "unreadable": ["orderCodes"]},
            )
            for wrong in ({"minutes": 0}, {"minutes": 1441}, {"orders": "9"}, {"orders": None})
        ),
    ],
)
def test_it_is_shown(tables: Tables, config: dict[str, Any], shown: dict[str, Any]) -> None:
    tables.configure(**config)
    assert request("GET", "/store") == (200, shown)


def test_without_a_configuration_it_is_closed_and_can_be_opened(tables: Tables) -> None:
    tables.config.delete_item(Key={"PK": "config"})
    assert request("GET", "/store") == (200, OPEN | {"open": False})
    assert request("PUT", "/store", {"open": True}) == (200, OPEN)


def test_attributes_that_a_request_leaves_out_stay(tables: Tables) -> None:
    tables.configure(menu=["Espresso"])
    tables.reserve()
    assert request("PUT", "/store", {"capacity": 2})[1] == {
        "open": True,
        "capacity": 2,
        "inUse": 1,
        "refused": 0,
    }
    assert request("PUT", "/store", {"open": False})[1]["capacity"] == 2
    assert request("PUT", "/store", {})[0] == 200
    item = tables.config.get_item(Key={"PK": "config"})["Item"]
    assert item == {"PK": "config", "open": False, "capacity": 2, "menu": ["Espresso"]}
    assert tables.reservations() == {"first"}


@pytest.mark.usefixtures("tables")
def test_order_codes_are_switched_on_and_off() -> None:
    assert request("PUT", "/store", {"orderCodes": CODES}) == (200, OPEN | {"orderCodes": CODES})
    assert request("PUT", "/store", {"open": True})[1]["orderCodes"] == CODES
    assert request("PUT", "/store", {"orderCodes": False}) == (200, OPEN)


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    "body",
    [
        None,
        {"open": "yes"},
        {"open": 1},
        {"capacity": -1},
        {"capacity": 1001},
        {"orderCodes": True},
        {"orderCodes": {"minutes": 5}},
        {"orderCodes": {"minutes": 0, "orders": 1}},
        {"orderCodes": {"minutes": 5, "orders": 1001}},
    ],
)
def test_nonsense_is_refused(body: object) -> None:
    before = request("GET", "/store")
    assert request("PUT", "/store", body)[0] == 422
    assert request("GET", "/store") == before


def test_the_counter_knows_how_many_were_refused_lately(
    tables: Tables, config_table: ConfigTable
) -> None:
    def refused() -> int:
        count: int = request("GET", "/store")[1]["refused"]
        return count

    now = datetime.now(UTC)
    for minutes in (25, 11, 9, 1, 1, 1):
        config_table.note_refusal(now - timedelta(minutes=minutes))
    assert refused() == 4
    tables.configure(capacity=0)
    assert ask("PUT", "/my-order", ADA)["statusCode"] == 409
    full = ended("OrderRejected", code="ERROR-103", message="Full.")
    assert follow(full, full, ended("OrderRejected", order_id="2", code="ERROR-101"))
    assert refused() == 6
