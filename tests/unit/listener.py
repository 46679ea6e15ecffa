"""Queues that receive what is sent to the bus, or to the customers' topic."""

import json
from typing import Any

from tests.unit.tables import BUS, client


class Listener:
    """A queue of moto's."""

    def __init__(self) -> None:
        self._sqs = client("sqs")
        self._url = self._sqs.create_queue(QueueName="listener")["QueueUrl"]
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        self.arn = answer["Attributes"]["QueueArn"]

    def received(self) -> list[dict[str, Any]]:
        """What was received since the last call."""
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


class BusListener(Listener):
    """Receives each event of the project."""

    def __init__(self) -> None:
        super().__init__()
        events, pattern = client("events"), json.dumps({"source": ["ok.serverlessworkshop"]})
        events.create_event_bus(Name=BUS)
        events.put_rule(Name="all", EventBusName=BUS, EventPattern=pattern)
        target = {"Id": "listener", "Arn": self.arn}
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[target])


class Customer(Listener):
    """Receives each notification."""

    def __init__(self) -> None:
        super().__init__()
        self.topic = client("sns").create_topic(Name="customers")["TopicArn"]
        client("sns").subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.arn)

    def texts(self) -> list[str]:
        return [message["Message"] for message in self.received()]
