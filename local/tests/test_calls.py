"""What is recorded of calls: which role, which action, which resource, and on which conditions."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from conftest import ROLE, Deploy
from parts import ANY_CALL, MACHINE_ROLE, RULE_ROLE, Parts, event, write
from polling import eventually

from embedded_localstack.checkout import REGION, Checkout

type Recorded = dict[tuple[str, str, str | None], int]


class Recorder:
    def __init__(self, checkout: Checkout) -> None:
        self._endpoint = checkout.endpoint
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

    def fail(self, *faults: dict[str, Any]) -> None:
        requests.put(f"{self._endpoint}/_embedded/faults", json=faults, timeout=5)


@pytest.fixture
def recorder(checkout: Checkout) -> Iterator[Recorder]:
    recorder = Recorder(checkout)
    assert recorder.put({"recording": True}).json()["calls"] == []
    yield recorder
    recorder.put({"recording": False})
    assert requests.delete(recorder.url, timeout=5).status_code == 204
    recorder.fail()


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


def test_a_function_calls_in_its_role(deploy: Deploy, recorder: Recorder, parts: Parts) -> None:
    role = f"{ROLE}-of-its-own"
    table, topic, queue = parts.table(), parts.topic(), parts.queue()
    bus = parts.bus(parts.queue_arn(queue))
    machine = parts.machine({"Resource": "arn:aws:states:::dynamodb:updateItem"})
    execution = machine.replace(":stateMachine:", ":execution:") + ":1"
    key = {"PK": {"S": "order"}}
    by_time = {
        "IndexName": "by-time",
        "KeyConditionExpression": "PK = :key",
        "ExpressionAttributeValues": {":key": {"S": "order"}},
    }
    recorder.fail(
        {"service": "sns", "operation": "*", "kind": "error", "code": "Error", "status": 400}
    )
    deploy(ANY_CALL, Role=role)(
        [
            ("dynamodb", "get_item", {"TableName": table, "Key": key}),
            ("dynamodb", "query", {"TableName": arn("dynamodb", f"table/{table}"), **by_time}),
            ("events", "put_events", {"Entries": [event(bus), event("default")]}),
            ("sns", "publish", {"TopicArn": topic, "Message": "message"}),
            ("sqs", "send_message", {"QueueUrl": queue, "MessageBody": "message"}),
            ("stepfunctions", "describe_execution", {"executionArn": execution}),
            ("stepfunctions", "list_executions", {"stateMachineArn": machine}),
            ("stepfunctions", "send_task_success", {"taskToken": "unknown", "output": "{}"}),
            ("sts", "get_caller_identity", {}),
        ]
    )

    expected = {
        ("dynamodb:GetItem", arn("dynamodb", f"table/{table}")),
        ("dynamodb:Query", arn("dynamodb", f"table/{table}/index/by-time")),
        ("events:PutEvents", arn("events", f"event-bus/{bus}")),
        ("events:PutEvents", arn("events", "event-bus/default")),
        ("sns:Publish", topic),  # though it failed
        ("sqs:SendMessage", parts.queue_arn(queue)),
        ("states:DescribeExecution", execution),
        ("states:ListExecutions", machine),
        ("states:SendTaskSuccess", None),
        ("sts:GetCallerIdentity", None),
    }
    made = {call[1:] for call in recorder() if call[0] == role and not call[1].startswith("logs:")}
    assert made == expected


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


def test_a_callback_is_to_the_state_machine_that_waits_for_it(
    deploy: Deploy, recorder: Recorder, parts: Parts
) -> None:
    queue = parts.queue()
    others = parts.machine({"Resource": "arn:aws:states:::sns:publish"})
    machine = parts.machine(
        {
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
            "HeartbeatSeconds": 60,
        }
    )
    parts.ended(parts.start(others))
    execution = parts.start(machine)
    (token,) = eventually(lambda: parts.received(queue), until=bool)

    outcomes = deploy(ANY_CALL)(
        [
            ("stepfunctions", "send_task_heartbeat", {"taskToken": token}),
            ("stepfunctions", "send_task_success", {"taskToken": token, "output": "{}"}),
            ("stepfunctions", "send_task_failure", {"taskToken": token}),
        ]
    ).payload

    assert outcomes[1]["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert parts.ended(execution)["status"] == "SUCCEEDED"
    found = recorder()
    for action in ("Heartbeat", "Success", "Failure"):
        assert found[ROLE, f"states:SendTask{action}", machine] == 1
    assert found[MACHINE_ROLE, "sqs:SendMessage", parts.queue_arn(queue)] == 1
    assert token not in requests.get(recorder.url, timeout=5).text


def test_a_rule_and_a_workflow_call_in_their_roles(recorder: Recorder, parts: Parts) -> None:
    table = parts.table()
    machine = parts.machine(
        {"Resource": "arn:aws:states:::dynamodb:updateItem", "Parameters": write(table)}
    )
    bus = parts.bus(machine, RULE_ROLE)

    parts.client("events").put_events(Entries=[event(bus)])

    expected = {
        (RULE_ROLE, "states:StartExecution", machine): 1,
        (MACHINE_ROLE, "dynamodb:UpdateItem", arn("dynamodb", f"table/{table}")): 1,
    }
    made = eventually(recorder, until=lambda found: expected.items() <= found.items())
    assert {role for role, *_ in made} <= {RULE_ROLE, MACHINE_ROLE, ROLE}


def test_lambda_polls_and_logs_in_the_role_of_the_function(
    deploy: Deploy, recorder: Recorder, parts: Parts
) -> None:
    function, queue = deploy("def handler(event, context): print('heard')"), parts.queue()
    parts.mapping(queue, function.name)
    parts.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps("message"))
    function.logged("heard")

    group = arn("logs", f"log-group:/aws/lambda/{function.name}:log-stream:")
    expected = {
        ("sqs:GetQueueAttributes", parts.queue_arn(queue)),
        ("sqs:ReceiveMessage", parts.queue_arn(queue)),
        ("sqs:DeleteMessage", parts.queue_arn(queue)),
        ("logs:CreateLogGroup", group),
    }

    def made() -> set[tuple[str, str | None]]:
        return {call[1:] for call in recorder() if call[0] == ROLE}

    found = eventually(made, until=lambda found: expected <= found)
    streams = {
        action for action, resource in found if resource and resource.startswith(f"{group}2")
    }
    assert streams == {"logs:CreateLogStream", "logs:PutLogEvents"}


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
