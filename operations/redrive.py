"""Moves what lies in a stack's dead-letter queues back to where it came from, message by message.

What a function could not process goes back into the function's queue. What a rule could not deliver
goes back on the bus, for then every rule has its way with it: one may transform what another does
not, and the workflow starts from the bus only. Every consumer ignores what it knows already, so
nothing is done twice, also if this is stopped half-way and run again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
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


class Redrive:
    """The way back for the messages of one stack."""

    def __init__(self, stack_name: str, region: str) -> None:
        self._sqs: SQSClient = boto3.client("sqs", region_name=region)
        self._events = boto3.client("events", region_name=region)
        cloudformation = boto3.client("cloudformation", region_name=region)
        (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
        self._outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def run(self) -> None:
        """Empty all dead-letter queues, and print what went where."""
        for output, url in sorted(self._outputs.items()):
            if output.endswith(DEAD_LETTER_QUEUE):
                name = output.removesuffix(DEAD_LETTER_QUEUE)
                went = self._empty(url)
                told = ", ".join(f"{count} back {where}" for where, count in went.items())
                print(f"{name:22}{told or 'nothing there'}", flush=True)

    def _empty(self, url: str) -> Counter[str]:
        sources = self._sqs.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"]
        went: Counter[str] = Counter()
        for message in self._messages(url):
            if self._is_for_the_bus(message) or not sources:
                self._put_on_the_bus(json.loads(message["Body"]))
                went["on the bus"] += 1
            else:
                self._sqs.send_message(QueueUrl=sources[0], MessageBody=message["Body"])
                went["in the queue"] += 1
            self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return went

    def _messages(self, url: str) -> Iterator[MessageTypeDef]:
        while messages := self._sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
        ).get("Messages"):
            yield from messages

    @staticmethod
    def _is_for_the_bus(message: MessageTypeDef) -> bool:
        if FROM_A_RULE not in message.get("MessageAttributes", {}):
            return False
        # Nobody but AWS can say what it has said itself, such as that an execution has ended.
        return not json.loads(message["Body"])["source"].startswith("aws.")

    def _put_on_the_bus(self, event: Mapping[str, Any]) -> None:
        answer = self._events.put_events(
            Entries=[
                {
                    "EventBusName": self._outputs["EventBusName"],
                    "Source": event["source"],
                    "DetailType": event["detail-type"],
                    "Detail": json.dumps(event["detail"]),
                    "Resources": event["resources"],
                }
            ]
        )
        if answer["FailedEntryCount"]:
            sys.exit(f"The bus refused an event: {answer['Entries'][0]['ErrorCode']}. Try again.")


def main() -> None:
    parameters = DEPLOYED["global"]["parameters"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack-name", default=parameters["stack_name"])
    stack_name = parser.parse_args().stack_name
    try:
        Redrive(stack_name, parameters["region"]).run()
    except (ClientError, BotoCoreError) as error:
        sys.exit(
            f"{error}\nIs {stack_name} deployed in {parameters['region']}, and are the"
            " credentials of its account set? Messages not moved are where they were."
        )


if __name__ == "__main__":
    main()
