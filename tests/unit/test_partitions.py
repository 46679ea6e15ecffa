"""Two orders write to few items in common: a partition takes 1,000 write units a second.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html
"""

from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.model import OperationModel

from aws import clients
from tests.contracts.definitions import resources
from tests.unit.api import JULIA, click
from tests.unit.events import EXECUTIONS, batch_failures, waiting_event
from tests.unit.step_functions import StepFunctions
from tests.unit.tables import CONFIG_TABLE, ORDER_TABLE, Tables
from tests.unit.tracking import ended, follow

DECLARED = resources("AWS::DynamoDB::Table")
PARTITION_KEY = {
    table: DECLARED[name]["KeySchema"][0]["AttributeName"]
    for table, name in ((ORDER_TABLE, "OrderTable"), (CONFIG_TABLE, "ConfigTable"))
}


@pytest.mark.usefixtures("bus")
def test_what_all_orders_write_to_is_known(tables: Tables, step_functions: StepFunctions) -> None:
    """docs/scaling.md has the limit of each."""
    written: dict[str, set[tuple[str, str]]] = {"1": set(), "2": set()}

    def note(params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        if model.name in {"UpdateItem", "PutItem", "DeleteItem"}:
            table = params["TableName"]
            value = params.get("Key", params.get("Item", {}))[PARTITION_KEY[table]]
            written[order_id].add((table, value["S"] if isinstance(value, dict) else value))

    tables.dynamodb = boto3.client("dynamodb")  # The workflow's. It is this test's own.
    for client in (tables.dynamodb, clients.dynamodb().meta.client):
        client.meta.events.register("provide-client-params.dynamodb", note)
    for order_id in written:
        run = f"{EXECUTIONS}:{order_id}"
        assert tables.claim(order_id, run)
        assert tables.reserve(run)
        assert follow(waiting_event(order_id, run)) == batch_failures()
        assert click("complete", JULIA, order_id)[0] == 200
        assert tables.release(run)
        assert follow(ended(order_id=order_id, run=run)) == batch_failures()

    assert len(step_functions.calls) == 2
    shared = written["1"] & written["2"]
    assert shared == {(CONFIG_TABLE, "reservations"), (CONFIG_TABLE, "number")}
    [index] = DECLARED["OrderTable"]["GlobalSecondaryIndexes"]  # Its key is one for all orders.
    assert index["IndexName"] == "counter"
    assert "GlobalSecondaryIndexes" not in DECLARED["ConfigTable"]
