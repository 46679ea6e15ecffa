"""The dead-letter queues of a stack, and what lies in them."""

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

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# EventBridge adds it to what it puts into a dead-letter queue.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
FROM_A_RULE = "RULE_ARN"

# If the program is killed, what it has taken up shows again after this time.
HELD_SECONDS = 600

# For as long SQS looks for messages before it says that there are none.
WAIT_SECONDS = 1


@dataclass(frozen=True)
class Letter:
    """A message in a dead-letter queue, with its event, if it is one.

    ``sent_at`` is the event's own time; of what is no event, the time when it was sent.
    """

    message: MessageTypeDef
    event: Mapping[str, Any] | None
    sent_at: datetime

    @classmethod
    def read(cls, message: MessageTypeDef) -> Letter:
        event = _event(message["Body"])
        with suppress(KeyError, TypeError, ValueError):
            return cls(
                message, event, datetime.fromisoformat((event or {})["time"]).astimezone(UTC)
            )
        sent_millis = int(message["Attributes"]["SentTimestamp"])
        return cls(message, event, datetime.fromtimestamp(sent_millis / 1000, UTC))

    @property
    def age(self) -> timedelta:
        """How old it is; none, if the clocks differ by more than that."""
        return max(timedelta(0), datetime.now(UTC) - self.sent_at)

    @property
    def is_from_a_rule(self) -> bool:
        return FROM_A_RULE in self.message.get("MessageAttributes", {})

    def described(self) -> tuple[str, str]:
        """The event's type, and the order or the execution that it is about: no more of it."""
        if self.event is None:
            return "no event", ""
        detail = self.event["detail"]
        about = detail.get("orderId") or str(detail.get("executionArn", "")).rpartition(":")[2]
        return _shown(self.event["detail-type"]), _shown(str(about))


class DeadLetterQueue:
    """A dead-letter queue, what was taken up from it, and what became of that."""

    def __init__(self, sqs: SQSClient, name: str, url: str) -> None:
        self.name = name
        self._sqs = sqs
        self._url = url
        self._held: dict[str, MessageTypeDef] = {}
        self.went: Counter[str] = Counter()
        self.left: Counter[str] = Counter()

    def __str__(self) -> str:
        told = [f"{count} {where}" for where, count in self.went.items()]
        told += [f"{count} left: {why}" for why, count in self.left.items()]
        return f"{self.name:22}{', '.join(told) or 'nothing there'}"

    @cached_property
    def source(self) -> str | None:
        """The URL of the queue whose dead letters go here; None if it has those of a rule alone."""
        urls = self._sqs.list_dead_letter_source_queues(QueueUrl=self._url)["queueUrls"]
        return urls[0] if urls else None

    def take_up(self) -> list[Letter]:
        """What lies there by now. Nobody else sees it until it is let go.

        While the cause lasts, messages keep coming. Those that were sent after the first answer are
        not waited for; both times are AWS's. A message that SQS itself moves to a dead-letter queue
        keeps the time when it was first sent:
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
                return [Letter.read(message) for message in there.values()]

    def delete(self, letter: Letter) -> None:
        handle = letter.message["ReceiptHandle"]
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=handle)
        del self._held[letter.message["MessageId"]]

    def let_go(self) -> None:
        """Show what was taken up to others again, at once."""
        for message in self._held.values():
            with suppress(ClientError, BotoCoreError):  # It shows in a while all the same.
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )


def _event(body: str) -> Mapping[str, Any] | None:
    """The event in a message; None if there is none."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    parts = {"source": str, "detail-type": str, "detail": dict, "resources": list}
    if isinstance(event, dict) and all(isinstance(event.get(k), parts[k]) for k in parts):
        return event
    return None


def _shown(text: str) -> str:
    """A text from a stranger as a terminal can take it."""
    return "".join(character if character.isprintable() else "?" for character in text)[:50]
