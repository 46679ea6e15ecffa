"""The tables as the template declares them, and the workflow's writes to them."""

from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

from tests.contracts.definitions import resources
from tests.states.interpreter import carry_out
from tests.unit.events import DRINK, ORDER_ID, RECEIVED_AT, RUN, USER_ID

ORDER_TABLE, CONFIG_TABLE = "order-table-of-a-test", "config-table-of-a-test"
BUS, STACK = "bus-of-a-test", "stack-of-a-test"


@cache
def client(service: str) -> Any:
    """A client of the tests' own, made once, for that takes longer than most tests."""
    return boto3.client(service)  # type: ignore[call-overload]


@cache
def _tables() -> DynamoDBServiceResource:
    return boto3.resource("dynamodb")


class Tables:
    """Reads and writes the tables as the workflow does, with the expressions of its definition."""

    def __init__(self) -> None:
        self.dynamodb = client("dynamodb")
        for logical_id, name in (("OrderTable", ORDER_TABLE), ("ConfigTable", CONFIG_TABLE)):
            declared = resources("AWS::DynamoDB::Table")[logical_id]
            settings = {
                key: declared[key]
                for key in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
                if key in declared
            }
            self.dynamodb.create_table(
                TableName=name, BillingMode=declared["BillingMode"], **settings
            )
        self.orders = _tables().Table(ORDER_TABLE)
        self.config = _tables().Table(CONFIG_TABLE)

    def item(self, order_id: str = ORDER_ID) -> dict[str, Any]:
        return dict(self.orders.get_item(Key={"orderId": order_id}).get("Item", {}))

    def reservations(self) -> set[str]:
        """The names of the executions that have a slot."""
        item = self.config.get_item(Key={"PK": "reservations"}).get("Item", {})
        reserved: set[str] = item.get("reservations", set())  # type: ignore[assignment]
        return reserved

    def configure(self, **attributes: Any) -> None:
        self.config.put_item(Item={"PK": "config", "open": True, **attributes})

    def claim(
        self,
        order_id: str = ORDER_ID,
        run: str = RUN,
        *,
        by_hand: bool = False,
        name: str | None = None,
        again_of: str | None = None,
        drink: str = DRINK,
        at: str = RECEIVED_AT,
    ) -> bool:
        """The workflow takes the order for a run of it. Returns whether it got it."""
        order = {"orderId": order_id, "userId": USER_ID, "drink": drink}
        run_input = {} if by_hand else {"id": "an event's"}
        variables = {"order": order, "name": name, "againOf": again_of}
        return self._write("Claim order", variables, Id=run, StartTime=at, Input=run_input)

    def reserve(self, run: str = RUN) -> bool:
        """The workflow asks for a slot, as "Is store open?" chooses. Returns whether it got it.

        ``run`` is the ARN of an execution, or its name alone.
        """
        answer = self.dynamodb.get_item(TableName=CONFIG_TABLE, Key={"PK": {"S": "config"}})
        item = answer.get("Item", {"open": {"BOOL": True}})
        given = {"storeInfo": {"Item": item}}
        if carry_out("Is store open?", given, {}, {}).next != "Reserve capacity":
            return False
        return self._write("Reserve capacity", {}, given, Name=run.rpartition(":")[2])

    def release(self, run: str = RUN) -> bool:
        return self._write("Release capacity", {}, Name=run.rpartition(":")[2])

    def _write(
        self,
        state: str,
        variables: dict[str, Any],
        given: dict[str, Any] | None = None,
        **execution: Any,
    ) -> bool:
        asked = carry_out(state, given or {}, variables, {"Execution": execution}, {}).asked
        table = {"orders": ORDER_TABLE, "config": CONFIG_TABLE}[asked["TableName"]]
        try:
            self.dynamodb.update_item(**asked | {"TableName": table})
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True
