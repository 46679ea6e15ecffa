"""What is recorded of calls: when, on which conditions, and what DynamoDB would bill.

That each call of the stack counts for the right role, action and resource is what
tests/e2e/test_permissions.py fails without.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from conftest import ROLE, Deploy
from parts import ANY_CALL, Parts, event, write

from embedded_localstack.checkout import REGION, Checkout

type Recorded = dict[tuple[str, str, str | None], int]


class Recorder:
    def __init__(self, checkout: Checkout) -> None:
        self.url = f"{checkout.endpoint}/_embedded/calls"

    def put(self, body: object) -> requests.Response:
        return requests.put(self.url, json=body, timeout=5)

    def calls(self) -> list[dict[str, Any]]:
        return list(requests.get(self.url, timeout=5).json()["calls"])

    def __call__(self) -> Recorded:
        counts: Counter[tuple[str, str, str | None]] = Counter()
        for call in self.calls():
            counts[call["role"], call["action"], call["resource"]] += call["count"]
        return counts


@pytest.fixture
def recorder(checkout: Checkout) -> Iterator[Recorder]:
    recorder = Recorder(checkout)
    assert recorder.put({"recording": True}).json()["calls"] == []
    yield recorder
    recorder.put({"recording": False})
    assert requests.delete(recorder.url, timeout=5).status_code == 204


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:000000000000:{resource}"


def test_nothing_is_recorded_before_that_is_switched_on(
    deploy: Deploy, checkout: Checkout, parts: Parts
) -> None:
    recorder, table = Recorder(checkout), parts.table()
    call = ("dynamodb", "update_item", write(table))
    function = deploy(ANY_CALL)

    def touched() -> int | None:
        return recorder().get((ROLE, "dynamodb:UpdateItem", arn("dynamodb", f"table/{table}")))

    function([call])
    assert recorder() == {}
    assert recorder.put({"record": True}).status_code == 400

    recorder.put({"recording": True})
    function([call, call])
    parts.client("dynamodb").update_item(**write(table))
    assert touched() == 2
    recorder.put({"recording": False})
    function([call])
    assert touched() == 2
    requests.delete(recorder.url, timeout=5)
    assert recorder() == {}


def test_a_call_says_what_conditions_look_at(
    deploy: Deploy, recorder: Recorder, parts: Parts
) -> None:
    table, bus = parts.table(), parts.bus(parts.queue_arn(parts.queue()))
    key = {"PK": {"S": "order"}}
    some = {
        "ProjectionExpression": "#status, drinks[0].size",
        "ExpressionAttributeNames": {"#status": "status"},
    }
    queried = {
        "IndexName": "by-time",
        "KeyConditionExpression": "PK = :key AND begins_with(#at, :year)",
        "FilterExpression": "attribute_exists(drink) OR size(cup) > :year",
        "ProjectionExpression": "#at",
        "ExpressionAttributeNames": {"#at": "at"},
        "ExpressionAttributeValues": {":key": {"S": "order"}, ":year": {"S": "2026"}},
    }
    others = event(bus) | {"Source": "another", "DetailType": "Another"}
    deploy(ANY_CALL)(
        [
            ("dynamodb", "get_item", {"TableName": table, "Key": key}),
            ("dynamodb", "get_item", {"TableName": table, "Key": key, **some}),
            ("dynamodb", "query", {"TableName": table, **queried}),
            ("dynamodb", "update_item", write(table)),
            ("events", "put_events", {"Entries": [event(bus), others]}),
        ]
    )

    def contexts(action: str) -> list[dict[str, list[str]]]:
        return [call["context"] for call in recorder.calls() if call["action"] == action]

    def read(select: str, *attributes: str) -> dict[str, list[str]]:
        return {"dynamodb:Attributes": list(attributes), "dynamodb:Select": [select]}

    assert contexts("dynamodb:GetItem") == [
        read("ALL_ATTRIBUTES", "PK"),
        read("SPECIFIC_ATTRIBUTES", "PK", "drinks", "status"),
    ]
    assert contexts("dynamodb:Query") == [
        read("SPECIFIC_ATTRIBUTES", "PK", "at", "cup", "drink"),
    ]
    assert contexts("dynamodb:UpdateItem") == [{"dynamodb:LeadingKeys": ["order"]}]
    sent = [(entry["Source"], entry["DetailType"]) for entry in (event(bus), others)]
    assert contexts("events:PutEvents") == [
        {"events:source": [source], "events:detail-type": [kind]} for source, kind in sent
    ]


def test_units_are_counted_by_the_sizes_of_items_and_of_their_index_entries(
    recorder: Recorder, parts: Parts
) -> None:
    table, dynamodb = parts.table(), parts.client("dynamodb")

    def units() -> tuple[float, int]:
        answer = requests.get(recorder.url, timeout=5).json()
        (counted,) = (entry for entry in answer["units"] if entry["table"] == table)
        requests.delete(recorder.url, timeout=5)
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
