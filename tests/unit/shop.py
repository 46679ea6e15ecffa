"""The shop that the unit tests play in: tables as in the template, writes as in the workflow."""

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError
from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

from tests.contracts.definitions import fill, resources, states

ORDER_TABLE, CONFIG_TABLE = "order-table-of-a-test", "config-table-of-a-test"
BUS, STACK = "bus-of-a-test", "stack-of-a-test"

STATE_MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:coffee-orders-OrderProcessor"
EXECUTIONS = STATE_MACHINE.replace("stateMachine", "execution")
RUN, ANOTHER_RUN = f"{EXECUTIONS}:first", f"{EXECUTIONS}:second"
ORDER_ID, USER_ID, DRINK = "1234567890", "lars.roewekamp", "Americano grande latte"
NAME = "Ada"
# Every token of a test holds this, so that whatever is printed can be searched for it.
SECRET = "a-secret-of-step-functions"  # noqa: S105 (of no account)  # pragma: allowlist secret
TOKEN = f"AQB8{SECRET}"
RECEIVED_AT, NOW = "2026-03-02T08:15:00.000Z", "2026-03-02T08:20:00.000Z"


@cache
def client(service: str) -> Any:
    """A client of the tests' own, made once, for that takes longer than most tests."""
    return boto3.client(service)  # type: ignore[call-overload]


@cache
def _tables() -> DynamoDBServiceResource:
    return boto3.resource("dynamodb")


@dataclass
class Context:
    """What the handlers look at in Lambda's context."""

    function_name: str = "function-of-a-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:of-a-test"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    remaining_millis: int = 10_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_millis


class Shop:
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
        state: str = "Claim order",
        drink: str = DRINK,
        at: str = RECEIVED_AT,
    ) -> bool:
        """The workflow takes the order for a run of it. Returns whether it got it."""
        return self._write(state, order_id, run, drink, at)

    def reserve(self, run: str = RUN) -> bool:
        """The workflow asks for a slot, as "Is store open?" chooses. Returns whether it got it.

        ``run`` is the ARN of an execution, or its name alone.
        """
        config = self.config.get_item(Key={"PK": "config"}).get("Item", {})
        match config.get("capacity"):
            case None:
                return self._write("Reserve default capacity", run=run)
            case Decimal() as capacity if capacity > 0:
                return self._write("Reserve capacity", run=run, capacity=str(capacity))
        return False

    def release(self, run: str = RUN, *, state: str = "Release capacity") -> bool:
        return self._write(state, run=run)

    def _write(
        self,
        state: str,
        order_id: str = ORDER_ID,
        run: str = RUN,
        drink: str = DRINK,
        at: str = RECEIVED_AT,
        capacity: str = "10",
    ) -> bool:
        name = run.rpartition(":")[2]
        values = {
            "${OrderTableName}": ORDER_TABLE,
            "${ConfigTableName}": CONFIG_TABLE,
            "$.orderToCreate.orderId": order_id,
            "$.orderToCreate.userId": USER_ID,
            "$.orderToCreate.name": NAME,
            "$.orderToCreate.drink": drink,
            "$.storeInfo.Item.capacity.N": capacity,
            "$$.Execution.Id": run,
            "$$.Execution.Name": name,
            "States.Array($$.Execution.Name)": [name],
            "$$.Execution.StartTime": at,
        }
        try:
            self.dynamodb.update_item(**fill(states()[state]["Parameters"], values))
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def said(
    detail_type: str,
    *,
    order_id: Any = ORDER_ID,
    run: str | None = RUN,
    event_id: str = "0f4c9a3e-5d21-4c0b-8a67-91be3f2d7c05",
    **detail: Any,
) -> dict[str, Any]:
    """An event of the bus. ``run`` None stands for the order service as the sender."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": "ok.serverlessworkshop",
        "account": "123456789012",
        "time": "2026-03-02T08:15:02Z",
        "region": "eu-central-1",
        "resources": [STATE_MACHINE, run] if run else [],
        "detail": {"orderId": order_id, "userId": USER_ID, "drink": DRINK} | detail,
    }


def waiting(
    order_id: str = ORDER_ID, run: str = RUN, token: str = TOKEN, attempt: int = 0
) -> dict[str, Any]:
    message = states()["Awaiting order completion"]["Parameters"]["Entries"][0]["Detail"]["Message"]
    return said(
        "OrderProcessor.WaitingCompletion",
        order_id=order_id,
        run=run,
        TaskToken=token,
        attempt=attempt,
        Message=message,
    )


def with_a_long_number(event: Any) -> str:
    """The event in JSON, with an integer that Python's own reader refuses where it says LONG."""
    return json.dumps(event).replace('"LONG"', "9" * 5000)


def queued(*events: Any) -> dict[str, Any]:
    """A batch of SQS messages, with the ids message-0, message-1 and so on."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "handle",
                "body": event if isinstance(event, str) else json.dumps(event),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue-of-a-test",
                "awsRegion": "eu-central-1",
            }
            for number, event in enumerate(events)
        ]
    }


def failed(*numbers: int) -> dict[str, Any]:
    """The answer that has SQS deliver these messages of a batch again."""
    return {"batchItemFailures": [{"itemIdentifier": f"message-{number}"} for number in numbers]}
