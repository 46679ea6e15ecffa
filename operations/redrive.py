"""Moves the messages in a stack's dead-letter queues back to where they came from.

A message that a function could not process goes back to the function's queue. An event that a rule
could not deliver goes back on the bus, because rules transform events and only the bus starts the
workflow. Consumers ignore what they have processed before, so nothing is done twice, also if this
command is stopped and run again.

The messages that are there at the start are shown, then each is moved once. A message that can't be
moved stays, and so does one that comes back because its target refused it again. An order that is
too old to be made is refused with ERROR-105 instead, and one that is too long for the workflow with
ERROR-100.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from aws.config_table import AGE_LIMIT, ConfigTable
from aws.event_bus import BusRefused, EventBus
from aws.order_table import OrderTable
from operations import stack
from operations.dead_letters import DeadLetter, DeadLetterQueue, find_queues
from operations.printing import format_duration
from orders.events import EventType, plain
from orders.model import is_valid_order, shorten
from orders.outcomes import Refusal, refuse

UNATTENDED = (
    "Nothing was moved, because there is no terminal to ask at. Say how old a message must be to be"
    " moved: --older-than 2h (make redrive OLDER_THAN=2h); 0s moves all of them."
)

# The longest input of an execution.
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_INPUT_BYTES = 262_144

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Redrive:
    """Moves the messages of the stack that has these ``outputs``."""

    def __init__(self, outputs: Mapping[str, str]) -> None:
        dynamodb = boto3.resource("dynamodb", region_name=stack.REGION)
        events = boto3.client("events", region_name=stack.REGION)
        self._sqs = boto3.client("sqs", region_name=stack.REGION)
        self._bus = EventBus(events, outputs["EventBusName"])
        self._orders = OrderTable(dynamodb, outputs["OrderTableName"])
        self._config = ConfigTable(dynamodb, outputs["ConfigTableName"])
        self._queues = find_queues(outputs)

    def run(self, older_than: timedelta | None) -> int:
        """Move the messages, print what was done, and return how many could not be moved.

        Messages younger than ``older_than`` stay, uncounted. If it is None, a person is asked.
        """
        try:
            letters = {queue: self._receive_all(queue) for queue in self._queues}
            _show(letters)
            if any(letters.values()) and older_than is None:
                stack.confirm(
                    "Move them back?", declined="Nothing was moved.", unattended=UNATTENDED
                )
            limit = self._config.load_age_limit_minutes()
            if limit is None:
                sys.exit(f"Make {AGE_LIMIT} in the config item a number. Nothing was moved.")
            for queue, taken in letters.items():
                self._empty(queue, taken, older_than or timedelta(0), limit)
                print(queue, flush=True)
        finally:
            for queue in self._queues:
                queue.release()
        return sum(queue.left.total() for queue in self._queues)

    @staticmethod
    def _receive_all(queue: DeadLetterQueue) -> list[DeadLetter]:
        try:
            return queue.receive_all()
        except (ClientError, BotoCoreError) as error:
            queue.left[stack.reason(error)] += 1
            return []

    def _empty(
        self,
        queue: DeadLetterQueue,
        letters: Iterable[DeadLetter],
        older_than: timedelta,
        limit: Decimal,
    ) -> None:
        for letter in letters:
            if letter.age < older_than:
                queue.moved["younger, not moved"] += 1
                continue
            try:
                where = self._move(letter, queue.source, limit)
                queue.delete(letter)
            except (BusRefused, ClientError, BotoCoreError) as error:
                queue.left[stack.reason(error)] += 1
            else:
                queue.moved[where] += 1
        if queue.moved and (again := self._receive_all(queue)):
            queue.left["parked again, or new"] = len(again)

    def _move(self, letter: DeadLetter, source: str | None, limit: Decimal) -> str:
        """Move a message, and return where to. Raises BusRefused, also for what is no event."""
        event = letter.event
        # PutEvents refuses a source of AWS, such as that of an execution's end.
        by_aws = event is not None and event["source"].startswith("aws.")
        if source and (by_aws or not letter.is_from_rule):
            self._sqs.send_message(QueueUrl=source, MessageBody=letter.message["Body"])
            return "back in the queue"
        if event is None:
            raise BusRefused("no event")
        if refusal := self._find_refusal(letter, event, limit):
            event_type, result = refuse(refusal)
            self._bus.publish(event_type, shorten(event["detail"]) | result)
            return f"refused with {refusal}"
        self._bus.put(
            event["source"],
            event["detail-type"],
            event["detail"],
            Resources=event["resources"],
            Time=letter.sent_at,
        )
        return "back on the bus"

    def _find_refusal(
        self, letter: DeadLetter, event: Mapping[str, Any], limit: Decimal
    ) -> Refusal | None:
        """Why an order can't be started any more; None if it can, or has been before."""
        detail = event["detail"]
        if plain(event["detail-type"]) != EventType.ORDER_CREATED:
            return None
        if len(letter.message["Body"].encode()) > MAX_INPUT_BYTES:
            return Refusal.INVALID
        if letter.age / timedelta(minutes=1) <= limit or not is_valid_order(detail):
            return None
        order = self._orders.load(detail["orderId"])
        return Refusal.TOO_OLD if order is None or order.execution is None else None


def _show(letters: Mapping[DeadLetterQueue, Iterable[DeadLetter]]) -> None:
    line = "{:20}  {:38}  {:36}  {}"
    if any(letters.values()):
        print(line.format("QUEUE", "EVENT", "ORDER OR EXECUTION", "AGE"))
    for queue, taken in letters.items():
        for letter in taken:
            print(line.format(queue.name, *letter.summary(), format_duration(letter.age)))


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age such as 90s, 15m, 2h or 3d")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    stack.add_stack_name(parser)
    parser.add_argument(
        "--older-than",
        type=_age,
        metavar="AGE",
        help="move only what is at least as old, such as 90s, 15m, 2h or 3d, and don't ask",
    )
    given = parser.parse_args()
    try:
        left = Redrive(stack.outputs(given.stack_name)).run(given.older_than)
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"{error}\n{stack.advice(given.stack_name)} Nothing was moved.")
    if left:
        sys.exit(f"{left} left. Fix the cause, which is above or in the logs, and run this again.")


if __name__ == "__main__":
    main()
