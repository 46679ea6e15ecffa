"""A table is gone for a while: each order ends failed, and its customer hears of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from harness.ledger import audit
from harness.polling import until
from harness.queues import Queues
from harness.shop import OPEN, DeployedShop
from tests.e2e.commands import redrive

from .crowd import CROWD_SECONDS, new_orders, place_at_once

ORDERS = 10


@contextmanager
def without_table(name: str) -> Iterator[None]:
    """Take a table away, and put an empty one of the same kind in its place."""
    dynamodb: Any = boto3.client("dynamodb")
    table = dynamodb.describe_table(TableName=name)["Table"]
    again = {key: table[key] for key in ("TableName", "KeySchema", "AttributeDefinitions")}
    indexes = [
        {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
        for index in table.get("GlobalSecondaryIndexes", [])
    ]
    dynamodb.delete_table(TableName=name)
    try:
        yield
    finally:
        more = {"GlobalSecondaryIndexes": indexes} if indexes else {}
        dynamodb.create_table(BillingMode="PAY_PER_REQUEST", **again, **more)


@pytest.mark.alarms("BrokenExecutionAlarm")
@pytest.mark.parametrize("table", ["ConfigTableName", "OrderTableName"])
def test_orders_fail_without_a_table_and_customers_are_told(
    shop: DeployedShop, queues: Queues, table: str
) -> None:
    orders = new_orders(ORDERS)
    with queues.impatient():
        with without_table(shop.outputs[table]):
            place_at_once(shop, orders)
            for order in orders:
                for execution in shop.workflow.executions(order):
                    assert shop.workflow.ended(execution)["status"] == "FAILED"
        until(
            "parked messages",
            queues.left,
            lambda left: all("DeadLetter" in queue for queue in left),
            within=CROWD_SECONDS,
        )
        shop.replace_config(OPEN)
        redrive(shop.stack_name)
        findings = audit(shop, queues, orders)
    findings.report(f"{table.removesuffix('TableName').lower()} table gone")
    assert findings.counts() == {"failed": ORDERS}
