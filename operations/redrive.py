"""Moves what lies in a stack's dead-letter queues back to where it came from, message by message.

What a function could not process goes back into the function's queue. What a rule could not deliver
goes back on the bus, for then every rule has its way with it: one may transform what another does
not, and the workflow starts from the bus only. Every consumer ignores what it knows already, so
nothing is done twice, also if this is stopped half-way and run again.

What is there at the beginning is shown and then moved, each message once. One that can't be moved
is left, and so is what a target refuses again, which comes back as a new message. An order that is
too old to be made is refused instead: ERROR-105.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operations import stack
from operations.dead_letters import DeadLetterQueue, Letter
from operations.stack import DEAD_LETTER_QUEUE
from orders.events import SOURCE, read_text
from orders.model import is_order_id

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ORDER_CREATED = {"OrderCreated", "OrderManagementService.OrderCreated"}
AGE_LIMIT = "orderAgeLimitMinutes"  # In the config item.
# As long as the rule tries to start the workflow: MaximumEventAgeInSeconds in the template.
DEFAULT_AGE_LIMIT = Decimal(60)
TOO_OLD = "The order cannot be executed because it is too old. Please order again."

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class NotMoved(Exception):
    """Why a message stays where it is."""


class Redrive:
    """The way back for the messages of the stack with these ``outputs``."""

    def __init__(self, outputs: Mapping[str, str], region: str) -> None:
        self._sqs: SQSClient = boto3.client("sqs", region_name=region)
        self._events = boto3.client("events", region_name=region)
        self._dynamodb = boto3.resource("dynamodb", region_name=region)
        self._outputs = outputs
        self._queues = [
            DeadLetterQueue(self._sqs, output.removesuffix(DEAD_LETTER_QUEUE), url)
            for output, url in sorted(outputs.items())
            if output.endswith(DEAD_LETTER_QUEUE)
        ]

    def run(self, older_than: timedelta | None) -> int:
        """Empty all dead-letter queues, print what went where, and return how many were left.

        ``older_than`` leaves what is younger, uncounted. Without it a person is asked.
        """
        try:
            letters = {queue: self._take_up(queue) for queue in self._queues}
            _show(letters)
            if any(letters.values()) and older_than is None:
                _ask()
            limit = self._age_limit_minutes()
            for queue, taken in letters.items():
                self._empty(queue, taken, older_than or timedelta(0), limit)
                print(queue, flush=True)
        finally:
            for queue in self._queues:
                queue.let_go()
        return sum(queue.left.total() for queue in self._queues)

    @staticmethod
    def _take_up(queue: DeadLetterQueue) -> list[Letter]:
        try:
            return queue.take_up()
        except (ClientError, BotoCoreError) as error:
            queue.left[_reason(error)] += 1
            return []

    def _age_limit_minutes(self) -> Decimal:
        config = self._dynamodb.Table(self._outputs["ConfigTableName"])
        item = config.get_item(Key={"PK": "config"}, ConsistentRead=True).get("Item", {})
        limit = item.get(AGE_LIMIT, DEFAULT_AGE_LIMIT)
        if not isinstance(limit, Decimal):
            sys.exit(f"Make {AGE_LIMIT} in the config item a number. Nothing was moved.")
        return limit

    def _empty(
        self,
        queue: DeadLetterQueue,
        letters: Iterable[Letter],
        older_than: timedelta,
        limit: Decimal,
    ) -> None:
        for letter in letters:
            if letter.age < older_than:
                queue.went["younger, not moved"] += 1
                continue
            try:
                where = self._move(letter, queue.source, limit)
                queue.delete(letter)
            except (NotMoved, ClientError, BotoCoreError) as error:
                queue.left[_reason(error)] += 1
            else:
                queue.went[where] += 1
        if queue.went and (again := self._take_up(queue)):
            queue.left["parked again, or new"] = len(again)

    def _move(self, letter: Letter, source: str | None, limit: Decimal) -> str:
        """Send a message back, and say where. Raises NotMoved."""
        event = letter.event
        # Nobody but AWS can say what it has said itself, such as that an execution has ended.
        by_aws = event is not None and event["source"].startswith("aws.")
        if source and (by_aws or not letter.is_from_a_rule):
            self._sqs.send_message(QueueUrl=source, MessageBody=letter.message["Body"])
            return "back in the queue"
        if event is None:
            raise NotMoved("no event")
        if letter.age / timedelta(minutes=1) > limit and self._is_order_without_run(event):
            detail = {name: event["detail"][name] for name in ("orderId", "userId", "drink")}
            refusal = {"code": "ERROR-105", "message": TOO_OLD}
            self._put_on_the_bus(SOURCE, "OrderProcessor.OrderRejected", detail | refusal)
            return "refused as too old"
        self._put_on_the_bus(
            event["source"],
            event["detail-type"],
            event["detail"],
            Resources=event["resources"],
            Time=letter.sent_at,
        )
        return "back on the bus"

    def _is_order_without_run(self, event: Mapping[str, Any]) -> bool:
        """Whether this is a valid order that no execution has, or ever had."""
        detail = event["detail"]
        texts = read_text(detail.get("userId")) and read_text(detail.get("drink"))
        if event["detail-type"] not in ORDER_CREATED or not texts:
            return False
        if not is_order_id(detail.get("orderId")):
            return False
        orders = self._dynamodb.Table(self._outputs["OrderTableName"])
        item = orders.get_item(Key={"orderId": detail["orderId"]}, ConsistentRead=True).get("Item")
        return "execution" not in (item or {})

    def _put_on_the_bus(
        self, source: str, detail_type: str, detail: Mapping[str, Any], **more: Any
    ) -> None:
        entry: Any = {
            "EventBusName": self._outputs["EventBusName"],
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail),
        }
        answer = self._events.put_events(Entries=[entry | more])
        if answer["FailedEntryCount"]:
            raise NotMoved(f"the bus refused it ({answer['Entries'][0].get('ErrorCode')})")


def _show(letters: Mapping[DeadLetterQueue, Iterable[Letter]]) -> None:
    rows = [
        (
            queue.name,
            *letter.described(),
            str(timedelta(seconds=letter.age // timedelta(seconds=1))),
        )
        for queue, taken in letters.items()
        for letter in taken
    ]
    if rows:
        rows.insert(0, ("QUEUE", "EVENT", "ORDER OR EXECUTION", "AGE"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


def _ask() -> None:
    """Go on if a person says yes; else end the program."""
    if not sys.stdin.isatty():
        sys.exit(
            "Nobody is there to be asked, so nothing was moved. Say how old a message must be to be"
            " moved: --older-than 2h (make redrive OLDER_THAN=2h); 0s moves all of them."
        )
    if input("Move them back? [y/N] ").strip().lower() not in ("y", "yes"):
        print("Nothing was moved.")
        sys.exit()


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age such as 90s, 15m, 2h or 3d")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def _reason(error: NotMoved | ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):  # Its text might quote what a message holds.
        return f"{error.operation_name} failed ({error.response['Error']['Code']})"
    return str(error)


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
        left = Redrive(stack.outputs(given.stack_name), stack.REGION).run(given.older_than)
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"{error}\n{stack.advice(given.stack_name)} Nothing was moved.")
    if left:
        sys.exit(f"{left} left. Mend the cause, which is above or in the logs, and run this again.")


if __name__ == "__main__":
    main()
