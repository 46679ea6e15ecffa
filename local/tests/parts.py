"""What a stack is made of, for tests that need a small one; it goes with their LocalStack."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from polling import eventually

MACHINE_ROLE = "arn:aws:iam::000000000000:role/machine"
RULE_ROLE = "arn:aws:iam::000000000000:role/rule"

ANY_CALL = """
import json
import os
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

clients = {}

def client(service):
    if service not in clients:
        clients[service] = boto3.client(service, config=Config(retries={"total_max_attempts": 1}))
    return clients[service]

def outcome(service, operation, parameters):
    try:
        answer = getattr(client(service), operation)(**parameters)
    except ClientError as error:
        answer = error.response
        return [answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]]
    return json.loads(json.dumps(answer, default=str))

def handler(event, context):
    print("process", os.getpid())
    return [outcome(*call) for call in event]
"""
"""A function that makes the calls in its event, each [service, operation, parameters], once."""


class Parts:
    def __init__(self, client: Callable[[str], Any]) -> None:
        self.client = client

    def table(self) -> str:
        name = _name("table")
        key = {"AttributeName": "PK", "KeyType": "HASH"}
        self.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("PK", "at")
            ],
            KeySchema=[key],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-time",
                    "KeySchema": [key, {"AttributeName": "at", "KeyType": "RANGE"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        return name

    def queue(self) -> str:
        details = {"QueueName": _name("queue"), "Attributes": {"VisibilityTimeout": "1"}}
        return str(self.client("sqs").create_queue(**details)["QueueUrl"])

    def queue_arn(self, url: str) -> str:
        answer = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def received(self, url: str) -> list[str]:
        """The bodies of the messages that are in a queue within a second."""
        answer = self.client("sqs").receive_message(
            QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=10
        )
        return [message["Body"] for message in answer.get("Messages", [])]

    def kept(self, url: str) -> int:
        """How many messages a queue holds, those that someone received lately included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def topic(self) -> str:
        return str(self.client("sns").create_topic(Name=_name("topic"))["TopicArn"])

    def bus(self, target: str, **settings: Any) -> str:
        """An event bus all of whose events go to a target."""
        events, name = self.client("events"), _name("bus")
        events.create_event_bus(Name=name)
        events.put_rule(Name=name, EventBusName=name, EventPattern='{"source": ["test"]}')
        self.target(name, target, **settings)
        return name

    def target(self, bus: str, arn: str, **settings: Any) -> None:
        """One more target for the events of a bus."""
        details = {"Id": _name("target"), "Arn": arn, **settings}
        self.client("events").put_targets(Rule=bus, EventBusName=bus, Targets=[details])

    def machine(self, *tasks: dict[str, Any]) -> str:
        """A state machine that carries out tasks, one after the other."""
        states = {
            str(number): {"Type": "Task", "Next": str(number + 1), "ResultPath": None, **task}
            for number, task in enumerate(tasks)
        }
        definition = {"StartAt": "0", "States": states | {str(len(tasks)): {"Type": "Succeed"}}}
        created = self.client("stepfunctions").create_state_machine(
            name=_name("machine"), roleArn=MACHINE_ROLE, definition=json.dumps(definition)
        )
        return str(created["stateMachineArn"])

    def start(self, machine: str) -> str:
        started = self.client("stepfunctions").start_execution(stateMachineArn=machine)
        return str(started["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        return eventually(
            lambda: self.client("stepfunctions").describe_execution(executionArn=execution),
            until=lambda found: found["status"] != "RUNNING",
        )


def write(table: str, name: str = "order") -> dict[str, Any]:
    """What DynamoDB takes to count the calls, under a name."""
    return {
        "TableName": table,
        "Key": {"PK": {"S": name}},
        "UpdateExpression": "ADD calls :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }


def event(bus: str) -> dict[str, Any]:
    return {"EventBusName": bus, "Source": "test", "DetailType": "test", "Detail": "{}"}


def _name(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"
