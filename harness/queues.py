"""The queues of a deployed stack, dead-letter queues included."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import boto3
import requests
from mypy_boto3_sqs.literals import QueueAttributeNameType

from harness.polling import until

# A message that could not be processed comes again after a minute.
DEADLINE_SECONDS = 150


class Queues:
    """All queues of a stack, by their names in the template."""

    def __init__(self, stack_name: str) -> None:
        self.before: Mapping[str, int] = {}
        """How many messages in a queue are no concern of who looks now."""
        self._sqs = boto3.client("sqs")
        pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
        self._urls = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages.paginate(StackName=stack_name)
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::SQS::Queue"
        }

    def waiting(self) -> dict[str, str]:
        """All messages that wait in the queues, by the queue's name in the template."""
        return {queue: self._peek(url) for queue, url in self._urls.items()}

    @staticmethod
    def _peek(url: str) -> str:
        """All that waits in a queue, or is being processed, as text.

        From a resource of LocalStack's that shows messages and leaves them where they are.
        https://docs.localstack.cloud/aws/services/sqs/#accessing-queues-via-developer-endpoint
        """
        answer = requests.get(
            f"{os.environ['AWS_ENDPOINT_URL']}/_aws/sqs/messages",
            {"QueueUrl": url, "ShowInvisible": "true", "ShowDelayed": "true"},
            headers={"Accept": "application/json"},
            timeout=10,
        )
        assert answer.ok, answer.text
        return answer.text

    def filled(self) -> Iterator[tuple[str, int, datetime | None]]:
        """Each queue's own name, how many messages are visible, and when the oldest was sent."""
        for url in self._urls.values():
            counts = self._counts(url)
            messages = self._peek(url) if any(counts.values()) else ""
            # Inside a message's own text, quotation marks have a backslash before them.
            sent = map(int, re.findall(r'"SentTimestamp", "Value": "(\d+)"', messages))
            times = [datetime.fromtimestamp(millis / 1000, UTC) for millis in sent]
            name = url.rpartition("/")[2]
            yield name, counts["ApproximateNumberOfMessages"], min(times, default=None)

    def left(self) -> dict[str, int]:
        """How many messages wait or are being processed, in each queue that is not empty."""
        counted = {queue: self._count(url) for queue, url in self._urls.items()}
        return {name: count for name, count in counted.items() if count > self.before.get(name, 0)}

    @contextmanager
    def impatient(self, tries: int | None = 2) -> Iterator[None]:
        """Try a message again after 12 seconds instead of 60, and park it after so many tries.

        None leaves their number as it is. 12 seconds is still longer than a function's time-out.
        """
        before = {url: self._delivery(url) for url in self._urls.values()}
        sources = {url: delivery for url, delivery in before.items() if "RedrivePolicy" in delivery}
        for url, delivery in sources.items():
            policy = json.loads(delivery["RedrivePolicy"])
            policy["maxReceiveCount"] = tries or policy["maxReceiveCount"]
            self._deliver(url, {"VisibilityTimeout": "12", "RedrivePolicy": json.dumps(policy)})
        try:
            yield
        finally:
            for url, delivery in sources.items():
                self._deliver(url, delivery)

    def _delivery(self, url: str) -> dict[QueueAttributeNameType, str]:
        return self._sqs.get_queue_attributes(
            QueueUrl=url, AttributeNames=["VisibilityTimeout", "RedrivePolicy"]
        )["Attributes"]

    def _deliver(self, url: str, delivery: Mapping[QueueAttributeNameType, str]) -> None:
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes=delivery)

    def receives(self) -> int:
        """How often the message was received that was received most often of those that wait."""
        counts = re.findall(
            r'"ApproximateReceiveCount", "Value": "(\d+)"', "".join(self.waiting().values())
        )
        return max(map(int, counts), default=0)

    def run_empty(self) -> None:
        until("empty queues", self.left, lambda left: not left, within=DEADLINE_SECONDS)

    def _count(self, url: str) -> int:
        return sum(self._counts(url).values())

    def _counts(self, url: str) -> dict[str, int]:
        attributes = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return {
            name: int(count)
            for name, count in attributes["Attributes"].items()
            if name.startswith("ApproximateNumberOfMessages")
        }
