"""What a stack is made of, for tests that need a small one; all of it is deleted at the end."""

import json
import uuid
from collections.abc import Callable
from contextlib import ExitStack
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
    def __init__(self, client: Callable[[str], Any], stack: ExitStack) -> None:
        self.client = client
        self._later = stack.callback

    def table(self) -> str:
        dynamodb, name = self.client("dynamodb"), _name("table")
        keys = {"PK": "HASH", "at": "RANGE"}
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "S"} for key in ("PK", "at")
            ],
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-time",
                    "KeySchema": [
                        {"AttributeName": key, "KeyType": kind} for key, kind in keys.items()
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
        )
        self._later(dynamodb.delete_table, TableName=name)
        return name

    def queue(self) -> str:
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=_name("queue"), Attributes={"VisibilityTimeout": "1"})
        self._later(sqs.delete_queue, QueueUrl=url["QueueUrl"])
        return str(url["QueueUrl"])

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

    def mapping(self, url: str, function: str) -> None:
        lambda_ = self.client("lambda")
        uuid = lambda_.create_event_source_mapping(
            EventSourceArn=self.queue_arn(url), FunctionName=function
        )["UUID"]
        self._later(lambda_.delete_event_source_mapping, UUID=uuid)
        eventually(
            lambda: lambda_.get_event_source_mapping(UUID=uuid)["State"],
            until=lambda state: state == "Enabled",
        )

    def topic(self) -> str:
        sns = self.client("sns")
        arn = sns.create_topic(Name=_name("topic"))["TopicArn"]
        self._later(sns.delete_topic, TopicArn=arn)
        return str(arn)

    def bus(self, target: str, role: str | None = None, **settings: Any) -> str:
        """An event bus all of whose events go to a target."""
        events, name = self.client("events"), _name("bus")
        events.create_event_bus(Name=name)
        self._later(events.delete_event_bus, Name=name)
        events.put_rule(Name=name, EventBusName=name, EventPattern='{"source": ["test"]}')
        self._later(events.delete_rule, Name=name, EventBusName=name)
        self.target(name, target, **settings, **({"RoleArn": role} if role else {}))
        return name

    def target(self, bus: str, arn: str, **settings: Any) -> None:
        """One more target for the events of a bus."""
        events, id_ = self.client("events"), _name("target")
        details = {"Id": id_, "Arn": arn, **settings}
        events.put_targets(Rule=bus, EventBusName=bus, Targets=[details])
        self._later(events.remove_targets, Rule=bus, EventBusName=bus, Ids=[id_])

    def machine(self, *tasks: dict[str, Any]) -> str:
        """A state machine that carries out tasks, one after the other."""
        states = {
            str(number): {"Type": "Task", "Next": str(number + 1), "ResultPath": None, **task}
            for number, task in enumerate(tasks)
        }
        definition = {"StartAt": "0", "States": states | {str(len(tasks)): {"Type": "Succeed"}}}
        stepfunctions = self.client("stepfunctions")
        arn = stepfunctions.create_state_machine(
            name=_name("machine"), roleArn=MACHINE_ROLE, definition=json.dumps(definition)
        )["stateMachineArn"]
        self._later(stepfunctions.delete_state_machine, stateMachineArn=arn)
        return str(arn)

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
