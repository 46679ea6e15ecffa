"""The numbers that the counter calls out: no two orders at the counter share one."""

from typing import Any

import pytest

from aws import clients
from aws.numbers import LARGEST, Numbers
from aws.order_table import OrderTable
from orders.model import Status, TaskToken
from tests.unit.api import look
from tests.unit.events import NOW, ORDER_ID, RUN, TOKEN, batch_failures, waiting_event
from tests.unit.tables import Tables
from tests.unit.tracking import follow


@pytest.fixture
def numbers(order_table: OrderTable) -> Numbers:  # noqa: ARG001 (its tables)
    return clients.numbers()


def arrive(tables: Tables, order_id: str) -> int | None:
    """An order comes to the counter. Returns its number."""
    tables.claim(order_id, f"{RUN}-{order_id}")
    assert follow(waiting_event(order_id, f"{RUN}-{order_id}")) == batch_failures()
    number: int | None = look(order_id)[1].get("number")
    return number


def leave(order_table: OrderTable, order_id: str) -> None:
    assert order_table.end(order_id, f"{RUN}-{order_id}", Status.READY, NOW, {})


def test_each_order_gets_the_next_number_once(tables: Tables) -> None:
    assert [arrive(tables, order_id) for order_id in "abc"] == [1, 2, 3]
    again = waiting_event("a", f"{RUN}-a", attempt=1, token="another")
    assert follow(again, again) == batch_failures()
    assert look("a")[1]["number"] == 1
    assert arrive(tables, "d") == 4


def test_a_number_that_is_called_is_passed_over(tables: Tables, order_table: OrderTable) -> None:
    assert [arrive(tables, order_id) for order_id in "abc"] == [1, 2, 3]
    leave(order_table, "b")
    tables.config.put_item(Item={"PK": "number", "last": LARGEST - 1})
    assert [arrive(tables, order_id) for order_id in "def"] == [LARGEST, 2, 4]


def test_of_two_at_once_one_gets_the_number(
    tables: Tables, numbers: Numbers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both were given the same by the sequence, as after somebody deleted that."""
    tables.claim("a", f"{RUN}-a")
    tables.claim("b", f"{RUN}-b")
    monkeypatch.setattr(numbers, "_next", lambda: 1)
    called = numbers._is_called

    def meanwhile(order_id: str, number: int) -> bool:
        monkeypatch.setattr(numbers, "_is_called", called)
        answer = called(order_id, number)
        numbers.give("b")
        return answer

    tables.config.put_item(Item={"PK": "number#1", "orderId": "of long ago"})
    monkeypatch.setattr(numbers, "_is_called", meanwhile)
    assert numbers.give("a") == 2
    held: Any = tables.config.get_item(Key={"PK": "number#1"})["Item"]
    assert held["orderId"] == "b"


def test_while_all_numbers_are_called_an_order_has_none(
    tables: Tables, order_table: OrderTable
) -> None:
    for number in range(1, LARGEST + 1):
        tables.claim(str(number), f"{RUN}-{number}")
        token = TaskToken(TOKEN)
        order_table.start_preparation(str(number), f"{RUN}-{number}", token, 0, NOW, number)
        tables.config.put_item(Item={"PK": f"number#{number}", "orderId": str(number)})
    assert arrive(tables, "one too many") is None


def test_an_order_is_at_the_counter_even_without_a_number(tables: Tables) -> None:
    tables.config.delete()
    assert arrive(tables, ORDER_ID) is None
    assert look()[1]["status"] == "in preparation"


def test_another_run_gets_another_number(tables: Tables, order_table: OrderTable) -> None:
    assert arrive(tables, "a") == 1
    leave(order_table, "a")
    assert look("a")[1]["number"] == 1
    assert tables.claim("a", f"{RUN}-a-2", by_hand=True)
    assert "number" not in look("a")[1]
