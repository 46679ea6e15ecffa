"""Moves what lies in a stack's dead-letter queues back to where it came from, message by message.

What a function could not process goes back into the function's queue. What a rule could not deliver
goes back on the bus, for then every rule has its way with it: one may transform what another does
not, and the workflow starts from the bus only. Every consumer ignores what it knows already, so
nothing is done twice, also if this is stopped half-way and run again.

What is there at the beginning is moved, each message once. One that can't be moved is left, and so
is what a target refuses again, which comes back as a new message.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

DEPLOYED = tomllib.loads((Path(__file__).parents[1] / "samconfig.toml").read_text())["default"]
DEAD_LETTER_QUEUE = "DeadLetterQueueUrl"  # How the outputs with the URLs of such queues end.

# EventBridge adds it to what it puts into a dead-letter queue.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
FROM_A_RULE = "RULE_ARN"

# If this is killed, what it has taken up shows again after this time.
HELD_SECONDS = 600


class NotMoved(Exception):
    """Why a message stays where it is."""


class DeadLetterQueue:
    """A dead-letter queue, what was taken up from it, and what became of that."""

    def __init__(self, sqs: SQSClient, url: str) -> None:
        self._sqs = sqs
        self._url = url
        self._held: dict[str, MessageTypeDef] = {}
        self.went: Counter[str] = Counter()
        self.left: Counter[str] = Counter()

    def __str__(self) -> str:
        told = [f"{count} {where}" for where, count in self.went.items()]
        told += [f"{count} left: {why}" for why, count in self.left.items()]
        return ", ".join(told) or "nothing there"

    def source(self) -> str | None:
        """The URL of the queue whose dead letters go here; None if it has those of a rule alone."""
        urls = self._sqs.list_dead_letter_source_queues(QueueUrl=self._url)["queueUrls"]
        return urls[0] if urls else None

    def take_up(self) -> list[MessageTypeDef]:
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
                WaitTimeSeconds=1,
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
                return list(there.values())

    def delete(self, message: MessageTypeDef) -> None:
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        del self._held[message["MessageId"]]

    def let_go(self) -> None:
        """Show what was taken up to others again, at once."""
        for message in self._held.values():
            with suppress(ClientError, BotoCoreError):  # It shows in a while all the same.
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )


class Redrive:
    """The way back for the messages of the stack with these ``outputs``."""

    def __init__(self, outputs: Mapping[str, str], region: str) -> None:
        self._sqs: SQSClient = boto3.client("sqs", region_name=region)
        self._events = boto3.client("events", region_name=region)
        self._bus_name = outputs["EventBusName"]
        self._queues = {
            output.removesuffix(DEAD_LETTER_QUEUE): DeadLetterQueue(self._sqs, url)
            for output, url in sorted(outputs.items())
            if output.endswith(DEAD_LETTER_QUEUE)
        }

    def run(self) -> int:
        """Empty all dead-letter queues, print what went where, and return how many were left."""
        for name, queue in self._queues.items():
            try:
                self._empty(queue)
            except (ClientError, BotoCoreError) as error:
                queue.left[_reason(error)] += 1
            finally:
                queue.let_go()
            print(f"{name:22}{queue}", flush=True)
        return sum(queue.left.total() for queue in self._queues.values())

    def _empty(self, queue: DeadLetterQueue) -> None:
        source = queue.source()
        for message in queue.take_up():
            try:
                where = self._move(message, source)
                queue.delete(message)
            except (NotMoved, ClientError, BotoCoreError) as error:
                queue.left[_reason(error)] += 1
            else:
                queue.went[where] += 1
        if queue.went and (again := queue.take_up()):
            queue.left["parked again, or new"] = len(again)

    def _move(self, message: MessageTypeDef, source: str | None) -> str:
        """Send a message back, and say where. Raises NotMoved."""
        event = _event(message)
        # Nobody but AWS can say what it has said itself, such as that an execution has ended.
        by_aws = event is not None and event["source"].startswith("aws.")
        if source and (by_aws or FROM_A_RULE not in message.get("MessageAttributes", {})):
            self._sqs.send_message(QueueUrl=source, MessageBody=message["Body"])
            return "back in the queue"
        if event is None:
            raise NotMoved("no event")
        self._put_on_the_bus(event)
        return "back on the bus"

    def _put_on_the_bus(self, event: Mapping[str, Any]) -> None:
        answer = self._events.put_events(
            Entries=[
                {
                    "EventBusName": self._bus_name,
                    "Source": event["source"],
                    "DetailType": event["detail-type"],
                    "Detail": json.dumps(event["detail"]),
                    "Resources": event["resources"],
                }
            ]
        )
        if answer["FailedEntryCount"]:
            raise NotMoved(f"the bus refused it ({answer['Entries'][0].get('ErrorCode')})")


def _event(message: MessageTypeDef) -> Mapping[str, Any] | None:
    """The event in a message; None if there is none."""
    try:
        event = json.loads(message["Body"])
    except (ValueError, RecursionError):
        return None
    parts = {"source": str, "detail-type": str, "detail": dict, "resources": list}
    if isinstance(event, dict) and all(isinstance(event.get(k), parts[k]) for k in parts):
        return event
    return None


def _reason(error: NotMoved | ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):  # Its text might quote what a message holds.
        return f"{error.operation_name} failed ({error.response['Error']['Code']})"
    return str(error)


def main() -> None:
    parameters = DEPLOYED["global"]["parameters"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack-name", default=parameters["stack_name"])
    stack_name, region = parser.parse_args().stack_name, parameters["region"]
    try:
        cloudformation = boto3.client("cloudformation", region_name=region)
        (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except (ClientError, BotoCoreError) as error:
        sys.exit(
            f"{error}\nIs {stack_name} deployed in {region}, and are the credentials of its"
            " account set? Nothing was moved."
        )
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    if left := Redrive(outputs, region).run():
        sys.exit(f"{left} left. Mend the cause, which is above or in the logs, and run this again.")


if __name__ == "__main__":
    main()
