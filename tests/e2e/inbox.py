"""Listeners: a queue of the test's own that hears what is said on the bus or the topic."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import boto3

from .polling import until

type Message = dict[str, Any]


class Inbox:
    """A queue that keeps everything it ever received."""

    def __init__(self) -> None:
        self._sqs = boto3.client("sqs")
        self.name = f"e2e-{uuid4()}"
        self.url = self._sqs.create_queue(QueueName=self.name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = attributes["Attributes"]["QueueArn"]
        self._received: list[Message] = []

    def delete(self) -> None:
        self._sqs.delete_queue(QueueUrl=self.url)

    def received(self, wanted: Callable[[Message], bool] = lambda _: True) -> list[Message]:
        """The messages so far, in no particular order."""
        while batch := self._sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            self._received += [json.loads(message["Body"]) for message in batch]
            self._sqs.delete_message_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                    for index, message in enumerate(batch)
                ],
            )
        return [message for message in self._received if wanted(message)]

    def wait_for(self, what: str, wanted: Callable[[Message], bool]) -> Message:
        """The first message that is wanted."""

        def found(seen: list[Message]) -> list[Message]:
            return [message for message in seen if wanted(message)]

        return found(until(what, self.received, found))[0]


@contextmanager
def bus_listener(bus_name: str, pattern: Mapping[str, object]) -> Iterator[Inbox]:
    events, inbox = boto3.client("events"), Inbox()
    events.put_rule(Name=inbox.name, EventBusName=bus_name, EventPattern=json.dumps(pattern))
    events.put_targets(
        Rule=inbox.name, EventBusName=bus_name, Targets=[{"Id": "inbox", "Arn": inbox.arn}]
    )
    try:
        yield inbox
    finally:
        events.remove_targets(Rule=inbox.name, EventBusName=bus_name, Ids=["inbox"])
        events.delete_rule(Name=inbox.name, EventBusName=bus_name)
        inbox.delete()


@contextmanager
def subscriber(
    topic_arn: str, filter_policy: Mapping[str, list[str]] | None = None
) -> Iterator[Inbox]:
    sns, inbox = boto3.client("sns"), Inbox()
    subscription = sns.subscribe(
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=inbox.arn,
        Attributes={"FilterPolicy": json.dumps(filter_policy)} if filter_policy else {},
        ReturnSubscriptionArn=True,
    )
    try:
        yield inbox
    finally:
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        inbox.delete()


@contextmanager
def beside(function_name: str, bus_name: str) -> Iterator[Inbox]:
    """Hear what the rules of a bus send to a function's queue, just as they send it there."""
    events, inbox = boto3.client("events"), Inbox()
    (mapping,) = boto3.client("lambda").list_event_source_mappings(FunctionName=function_name)[
        "EventSourceMappings"
    ]
    rules = []
    for rule in events.list_rules(EventBusName=bus_name)["Rules"]:
        targets = events.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus_name)["Targets"]
        for target in targets:
            if target["Arn"] == mapping["EventSourceArn"]:
                twin: Any = {**target, "Id": inbox.name, "Arn": inbox.arn}
                events.put_targets(Rule=rule["Name"], EventBusName=bus_name, Targets=[twin])
                rules.append(rule["Name"])
    assert rules, f"No rule sends anything to {function_name}"
    try:
        yield inbox
    finally:
        for name in rules:
            events.remove_targets(Rule=name, EventBusName=bus_name, Ids=[inbox.name])
        inbox.delete()
