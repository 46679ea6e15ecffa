"""Queues that receive what a bus, a topic or a rule sends."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import boto3

from harness.aws import ON_AWS, SETTLING_SECONDS, is_deployed, prefix
from harness.events import put_events
from harness.polling import until

type Message = dict[str, Any]


class Inbox:
    """A queue of its own, and every message that it has received so far."""

    def __init__(self) -> None:
        self._sqs = boto3.client("sqs")
        self.name = f"{prefix() if is_deployed() else 'e2e'}-{uuid4()}"
        self.url = self._sqs.create_queue(QueueName=self.name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = attributes["Attributes"]["QueueArn"]
        self._take_from_rules_and_topics()
        self._received: list[Message] = []

    def delete(self) -> None:
        self._sqs.delete_queue(QueueUrl=self.url)

    def received(self, wanted: Callable[[Message], bool] = lambda _: True) -> list[Message]:
        """The wanted messages so far, in no particular order."""
        # On AWS only long polling asks all of SQS's servers:
        # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
        while batch := self._sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1 if ON_AWS else 0
        ).get("Messages"):
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
        """Wait for a wanted message. Raises NeverHappened."""

        def found(seen: list[Message]) -> list[Message]:
            return [message for message in seen if wanted(message)]

        return found(until(what, self.received, found))[0]

    def hears_from_now_on(self, bus_name: str, source: str) -> None:
        """Wait until a rule that was just created delivers, which takes AWS a while."""
        events = boto3.client("events")
        probe = {
            "Source": source,
            "DetailType": "Probe",
            "Detail": {"orderId": "none"},
        }

        def heard() -> list[Message]:
            put_events(events, bus_name, probe)
            return self.received()

        until("event of a new rule", heard, bool)
        time.sleep(5)  # So that the other probes arrive before the inbox is cleared.
        self.received()
        self._received.clear()

    def _take_from_rules_and_topics(self) -> None:
        """Let the rules and topics of this account send messages to the queue."""
        _, partition, _, _, account, _ = self.arn.split(":", 5)
        sources = [f"arn:{partition}:{service}:*:{account}:*" for service in ("events", "sns")]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
            "Condition": {"ArnLike": {"aws:SourceArn": sources}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})


def settle() -> None:
    """Wait until a change of a rule takes effect, which is at once on an emulator."""
    if ON_AWS:
        time.sleep(SETTLING_SECONDS)


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


def rules_of(bus_name: str) -> list[dict[str, Any]]:
    """All rules of a bus; an account may have hundreds on the default one."""
    answer: dict[str, Any] = {"NextToken": None}
    rules: list[dict[str, Any]] = []
    while "NextToken" in answer:
        more = {"NextToken": token} if (token := answer["NextToken"]) else {}
        answer = dict(boto3.client("events").list_rules(EventBusName=bus_name, **more))
        rules += answer["Rules"]
    return rules
