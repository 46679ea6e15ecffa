"""What is on the counter."""

from typing import Any

from aws.order_table import OrderTable
from orders.model import Order, Status, TaskToken, Use, attributes
from tests.unit.events import DRINK, NOW, ORDER_ID, RUN, TOKEN, USER_ID
from tests.unit.tables import Tables


def test_the_counter_shows_what_is_in_preparation_oldest_first(
    tables: Tables, order_table: OrderTable
) -> None:
    for order_id, minute in (("c", 30), ("a", 20), ("b", 10), ("received", 5), ("ended", 1)):
        tables.claim(order_id, at=f"2026-03-02T08:{minute:02}:00.000Z")
        if order_id != "received":
            order_table.start_preparation(order_id, RUN, TaskToken(TOKEN), 0, NOW)
    order_table.end("ended", RUN, Status.READY, NOW, {})
    listed = list(order_table.list_in_preparation())
    assert [order.order_id for order in listed] == ["b", "a", "c"]
    assert listed[0] == Order(
        "b",
        Status.IN_PREPARATION,
        user_id=USER_ID,
        drink=DRINK,
        execution=RUN,
        received_at="2026-03-02T08:10:00.000Z",
        preparing_at=NOW,
    )


def test_the_counter_is_read_to_the_last_page(tables: Tables, order_table: OrderTable) -> None:
    # DynamoDB ends a page after 1 MB.
    for number in range(12):
        tables.claim(str(number), drink="x" * 200_000, at=f"2026-03-02T08:{number:02}:00.000Z")
        order_table.start_preparation(str(number), RUN, TaskToken(TOKEN), 0, NOW)
    first_page: Any = tables.orders.query(
        IndexName="counter",
        KeyConditionExpression="#counter = :counter",
        ExpressionAttributeNames={"#counter": "counter"},
        ExpressionAttributeValues={":counter": "active"},
    )
    assert first_page["Count"] < 12
    assert [order.order_id for order in order_table.list_in_preparation()] == [
        str(n) for n in range(12)
    ]


def test_the_counters_index_holds_no_token(tables: Tables, order_table: OrderTable) -> None:
    tables.claim()
    order_table.start_preparation(ORDER_ID, RUN, TaskToken(TOKEN), 0, NOW)
    [item] = tables.orders.scan(IndexName="counter")["Items"]
    assert item["orderId"] == ORDER_ID
    assert set(item) <= {"counter", "status", "orderId", *attributes(Use.COUNTER).values()}
    assert "taskToken" in tables.item()
