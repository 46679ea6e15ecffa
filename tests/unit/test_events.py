"""The events as the consumers read them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws.event_bus import EventBus
from orders.events import EventType, OrderEvent
from tests.contracts.definitions import DETAIL_TYPES, example
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import RUN, make_event
from tests.unit.tables import BUS

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
JSON = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(), SCALARS, max_size=3)


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_an_event_of_the_bus_is_understood(detail_type: str) -> None:
    event = OrderEvent.parse(example(detail_type))
    assert event.type == detail_type
    assert event.string("orderId") == "1234567890"
    assert (event.execution is not None) is detail_type.startswith("OrderProcessor.")


def test_an_event_names_the_execution_that_sent_it() -> None:
    assert OrderEvent.parse(make_event("OrderProcessor.OrderCompleted")).execution == RUN
    only_the_run = make_event("OrderProcessor.OrderFailed") | {"resources": [RUN]}
    assert OrderEvent.parse(only_the_run).execution == RUN


def test_the_order_service_may_use_its_own_prefix() -> None:
    event = make_event("OrderManagementService.OrderDeleted", run=None)
    assert OrderEvent.parse(event).type is EventType.ORDER_DELETED


def test_an_event_that_is_not_in_the_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match=r"OrderProcessor\.Unknown"):
        OrderEvent.parse(make_event("OrderProcessor.Unknown"))


@pytest.mark.parametrize("field", ["id", "detail-type", "detail", "resources"])
def test_something_else_is_no_event(field: str) -> None:
    event = example("OrderCreated")
    del event[field]
    with pytest.raises(KeyError, match=field):
        OrderEvent.parse(event)


@given(JSON)
def test_a_field_is_a_string_or_nothing(value: Any) -> None:
    event = make_event("OrderProcessor.OrderRejected", drink=value)
    drink = OrderEvent.parse(json.loads(json.dumps(event))).string("drink")
    assert drink == (value if isinstance(value, str) and value.strip(" \t\n\r") else None)
    assert OrderEvent.parse(event).string("missing") is None


@pytest.mark.parametrize("drink", ["Käffchen ☕ 👩", 'a "quoted" one\n', "half an emoji: \ud83d"])
def test_an_event_is_sent_in_utf_8_and_not_in_escapes(drink: str) -> None:
    """Otherwise a text that fits could become three times as long on its way."""
    bus = FakeEventBus()
    EventBus(bus, BUS).publish(EventType.FAILED, {"drink": drink})  # type: ignore[arg-type]
    [entry] = bus.entries
    assert json.loads(entry["Detail"]) == {"drink": drink}
    assert len(entry["Detail"].encode()) <= len(drink.encode(errors="replace")) + 20
