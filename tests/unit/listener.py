"""A queue that receives what is sent to the customers' topic."""

import json
from typing import Any

from tests.unit.tables import client


class Customer:
    """A queue of moto's that receives each notification."""

    def __init__(self) -> None:
        self._sqs = client("sqs")
        self._url = self._sqs.create_queue(QueueName="listener")["QueueUrl"]
        answer = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        arn = answer["Attributes"]["QueueArn"]
        self.topic = client("sns").create_topic(Name="customers")["TopicArn"]
        client("sns").subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn)

    def received(self) -> list[dict[str, Any]]:
        """What was received since the last call."""
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def texts(self) -> list[str]:
        return [message["Message"] for message in self.received()]
