"""Personal data goes a month after its order ended."""

import json
from datetime import datetime, timedelta

import pytest

from aws.order_table import OrderTable
from orders.model import Status
from tests.unit.events import NOW, RUN, USER_ID
from tests.unit.printed import Printed
from tests.unit.tables import Tables
from tests.unit.test_reconciler import look

pytestmark = pytest.mark.usefixtures("step_functions")


def test_people_are_forgotten_thirty_days_after_their_order(
    tables: Tables, order_table: OrderTable, printed: Printed
) -> None:
    for order_id in ("1", "2", "3"):
        tables.claim(order_id)
        order_table.end(order_id, RUN, Status.READY, NOW, {"barista_name": "Julia"})
    ended = datetime.fromisoformat(NOW)
    look(ended + timedelta(days=30))
    assert tables.item("1")["userId"] == USER_ID

    look(ended + timedelta(days=30, minutes=1), remaining_millis=7_000)
    assert tables.item("1")["userId"] == USER_ID
    look(ended + timedelta(days=30, minutes=6))

    kept = {"orderId", "execution", "status", "receivedAt", "endedAt"}
    assert [set(tables.item(order_id)) for order_id in ("1", "2", "3")] == [kept] * 3
    assert USER_ID not in json.dumps(printed.logs)
