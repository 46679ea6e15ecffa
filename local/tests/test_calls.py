"""What is recorded of calls: when, and what DynamoDB would bill.

That each call of the stack counts for the right role, action, resource and condition keys is what
tests/e2e/test_permissions.py fails without.
"""

from typing import Any

import pytest
from conftest import ROLE, Deploy, Resource
from parts import ANY_CALL, Parts, write

from embedded_localstack.checkout import REGION


def test_calls_of_roles_are_recorded_while_that_is_switched_on(
    deploy: Deploy, recorder: Resource, parts: Parts
) -> None:
    table = parts.table()
    call = ("dynamodb", "update_item", write(table))
    function = deploy(ANY_CALL)
    resource = f"arn:aws:dynamodb:{REGION}:000000000000:table/{table}"

    assert recorder.put({"record": True}).status_code == 400
    recorder.put({"recording": True})
    function([call, call])
    parts.client("dynamodb").update_item(**write(table))
    recorder.put({"recording": False})
    function([call])
    (recorded,) = (call for call in recorder.report()["calls"] if call["resource"] == resource)
    assert recorded | {"context": None} == {
        "role": ROLE,
        "action": "dynamodb:UpdateItem",
        "resource": resource,
        "context": None,
        "count": 2,
    }
    recorder.delete()
    assert recorder.report()["calls"] == []


def test_units_are_counted_by_the_sizes_of_items_and_of_their_index_entries(
    recorder: Resource, parts: Parts
) -> None:
    table, dynamodb = parts.table(), parts.client("dynamodb")
    recorder.put({"recording": True})

    def units() -> tuple[float, int]:
        units = recorder.report()["units"]
        (counted,) = (entry for entry in units if entry["table"] == table)
        recorder.delete()
        return counted["read"], counted["write"]

    def update(expression: str, value: str, **more: Any) -> None:
        dynamodb.update_item(
            TableName=table,
            Key={"PK": {"S": "a"}},
            UpdateExpression=expression,
            ExpressionAttributeValues={":value": {"S": value}},
            **more,
        )

    dynamodb.put_item(TableName=table, Item={"PK": {"S": "a"}})
    assert units() == (0, 1)
    update("SET #at = :value", "1", ExpressionAttributeNames={"#at": "at"})
    assert units() == (0, 2)  # The item, and its entry in the index.
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        update("SET drink = :value", "1", ConditionExpression="attribute_not_exists(PK)")
    assert units() == (0, 1)
    update("SET drink = :value", "x" * 1024)
    assert units() == (0, 2)  # The index shows the keys only.
    update("SET #at = :value", "2", ExpressionAttributeNames={"#at": "at"})
    assert units() == (0, 4)  # Out of the index, and in again under its new key.
    for consistent in (True, False):
        dynamodb.get_item(TableName=table, Key={"PK": {"S": "a"}}, ConsistentRead=consistent)
    assert units() == (1.5, 0)
    dynamodb.delete_item(TableName=table, Key={"PK": {"S": "a"}})
    assert units() == (0, 3)
    with pytest.raises(dynamodb.exceptions.ClientError, match="ValidationException"):
        dynamodb.get_item(TableName=table, Key={"no key": {"S": "a"}})
