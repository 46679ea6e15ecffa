"""Reads and empties the dead-letter queues of a stack."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations.printing import printable
from operations.stack import REGION

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# EventBridge adds this attribute to the messages that it sends to a dead-letter queue.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
RULE_ARN = "RULE_ARN"

# If the program is killed, the messages that it has received become visible after this time.
HELD_SECONDS = 600

# How long SQS waits for messages before it answers that there are none.
WAIT_SECONDS = 1


@dataclass(frozen=True)
class DeadLetter:
    """A message in a dead-letter queue, and the event in it, None if it holds none.

    ``sent_at`` is the event's time, or the message's where there is no event.
    """

    message: MessageTypeDef
    event: Mapping[str, Any] | None
    sent_at: datetime

    @classmethod
    def read(cls, message: MessageTypeDef) -> DeadLetter:
        event = _event(message["Body"])
        with suppress(KeyError, TypeError, ValueError):
            return cls(
                message, event, datetime.fromisoformat((event or {})["time"]).astimezone(UTC)
            )
        sent_millis = int(message["Attributes"]["SentTimestamp"])
        return cls(message, event, datetime.fromtimestamp(sent_millis / 1000, UTC))

    @property
    def age(self) -> timedelta:
        """The time since ``sent_at``; never negative, though clocks differ."""
        return max(timedelta(0), datetime.now(UTC) - self.sent_at)

    @property
    def is_from_rule(self) -> bool:
        return RULE_ARN in self.message.get("MessageAttributes", {})

    def summary(self) -> tuple[str, str]:
        """The event's type, and the id of its order or its execution; nothing personal."""
        if self.event is None:
            return "no event", ""
        detail = self.event["detail"]
        about = detail.get("orderId") or str(detail.get("executionArn") or "").rpartition(":")[2]
        return printable(self.event["detail-type"], longest=50), printable(str(about), longest=50)


class DeadLetterQueue:
    """A dead-letter queue, the messages received from it, and counts of what was done with them."""

    def __init__(self, sqs: SQSClient, name: str, url: str) -> None:
        self.name = name
        self._sqs = sqs
        self._url = url
        self._held: dict[str, MessageTypeDef] = {}
        self.moved: Counter[str] = Counter()
        self.left: Counter[str] = Counter()

    def __str__(self) -> str:
        counts = [f"{count} {where}" for where, count in self.moved.items()]
        counts += [f"{count} left: {why}" for why, count in self.left.items()]
        return f"{self.name:22}{', '.join(counts) or 'empty'}"

    @cached_property
    def source(self) -> str | None:
        """The URL of the queue that this one belongs to; None if it is a rule's."""
        urls = self._sqs.list_dead_letter_source_queues(QueueUrl=self._url)["queueUrls"]
        return urls[0] if urls else None

    def receive_all(self) -> list[DeadLetter]:
        """Receive the messages that are there now. Other consumers see them after release().

        More may keep coming, so messages sent after SQS's first answer are left out. Both times
        are AWS's. A message that SQS moves to a dead-letter queue keeps its first sending time:
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
        """
        there: dict[str, MessageTypeDef] = {}
        end_millis = 0.0
        while True:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=WAIT_SECONDS,
                VisibilityTimeout=HELD_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
                MessageAttributeNames=["All"],
            )
            if not end_millis:
                date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
                end_millis = (date.timestamp() + 1) * 1000  # The header has no fractions.
            messages = {message["MessageId"]: message for message in answer.get("Messages", [])}
            self._held |= messages
            known = len(there)
            there |= {
                number: message
                for number, message in messages.items()
                if int(message["Attributes"]["SentTimestamp"]) < end_millis
            }
            if len(there) == known:
                return [DeadLetter.read(message) for message in there.values()]

    def delete(self, letter: DeadLetter) -> None:
        handle = letter.message["ReceiptHandle"]
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=handle)
        del self._held[letter.message["MessageId"]]

    def release(self) -> None:
        """Make the messages that were received and not deleted visible again."""
        for message in self._held.values():
            with suppress(ClientError, BotoCoreError):  # It becomes visible after HELD_SECONDS.
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )


def find_queues(outputs: Mapping[str, str]) -> list[DeadLetterQueue]:
    """The dead-letter queues of a stack, each named for what leaves messages there."""
    sqs, suffix = boto3.client("sqs", region_name=REGION), "DeadLetterQueueUrl"
    return [
        DeadLetterQueue(sqs, output.removesuffix(suffix), url)
        for output, url in sorted(outputs.items())
        if output.endswith(suffix)
    ]


def _event(body: str) -> Mapping[str, Any] | None:
    """The event in a message's body, or None."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    parts = {"source": str, "detail-type": str, "detail": dict, "resources": list}
    if isinstance(event, dict) and all(isinstance(event.get(k), parts[k]) for k in parts):
        return event
    return None
