"""DynamoDB on moto: atomic, and all that CloudFormation asks of it."""

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from polling import eventually

ROUNDS, THREADS, SLOTS = 50, 20, 10

# So many clauses that moto takes a few milliseconds for an update, longer than a thread of Python
# has its turn. Without the lock that makes (almost) every round admit too many.
MORE_CLAUSES = ", ".join(f"a{number} = :slots" for number in range(10))


@pytest.fixture
def table(client: Callable[[str], Any]) -> Iterator[str]:
    dynamodb = client("dynamodb")
    name = f"table-{uuid.uuid4().hex[:8]}"
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
    )
    yield name
    dynamodb.delete_table(TableName=name)


def test_a_conditional_update_admits_exactly_as_many_as_it_says(
    client: Callable[[str], Any], table: str
) -> None:
    dynamodb = client("dynamodb")
    start = Barrier(THREADS)

    def reserve(counter: str, order: str) -> bool:
        start.wait()
        try:
            dynamodb.update_item(
                TableName=table,
                Key={"PK": {"S": counter}},
                UpdateExpression=f"ADD orders :order SET {MORE_CLAUSES}",
                ConditionExpression="attribute_not_exists(orders) OR size(orders) < :slots",
                ExpressionAttributeValues={
                    ":order": {"SS": [order]},
                    ":slots": {"N": str(SLOTS)},
                },
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as threads:
        for counter in map(str, range(ROUNDS)):
            orders = [f"order-{number}" for number in range(THREADS)]
            won = list(threads.map(reserve, [counter] * THREADS, orders))

            item = dynamodb.get_item(TableName=table, Key={"PK": {"S": counter}})["Item"]
            winners = {order for order, has_won in zip(orders, won, strict=True) if has_won}
            assert (len(winners), set(item["orders"]["SS"])) == (SLOTS, winners)


def test_cloudformation_makes_and_deletes_a_table(client: Callable[[str], Any]) -> None:
    cloudformation, dynamodb = client("cloudformation"), client("dynamodb")
    name = f"table-{uuid.uuid4().hex[:8]}"
    properties = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": "S"} for key in ("id", "status", "at")
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-status",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "TimeToLiveSpecification": {"AttributeName": "expiration", "Enabled": True},
        "SSESpecification": {"SSEEnabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    }
    resources = {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}
    outputs = {"Stream": {"Value": {"Fn::GetAtt": ["Table", "StreamArn"]}}}

    cloudformation.create_stack(
        StackName=name, TemplateBody=json.dumps({"Resources": resources, "Outputs": outputs})
    )
    stack = eventually(
        lambda: cloudformation.describe_stacks(StackName=name)["Stacks"][0],
        until=lambda found: found["StackStatus"] != "CREATE_IN_PROGRESS",
        seconds=20,
    )

    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    made = dynamodb.describe_table(TableName=name)["Table"]
    assert made["SSEDescription"]["Status"] == "ENABLED"
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert ttl == {"AttributeName": "expiration", "TimeToLiveStatus": "ENABLED"}
    for moment in ("2", "1"):
        item = {"id": moment, "status": "waiting", "at": moment}
        dynamodb.put_item(TableName=name, Item={key: {"S": item[key]} for key in item})
    waiting = dynamodb.query(
        TableName=name,
        IndexName="by-status",
        KeyConditionExpression="#status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": "waiting"}},
    )["Items"]
    assert [item["id"]["S"] for item in waiting] == ["1", "2"]
    (output,) = stack["Outputs"]
    stream = client("dynamodbstreams").describe_stream(StreamArn=output["OutputValue"])
    assert stream["StreamDescription"]["TableName"] == name

    cloudformation.delete_stack(StackName=name)

    eventually(lambda: dynamodb.list_tables()["TableNames"], until=lambda names: name not in names)
