"""Prints what is known of one order in time order, then the order's state and any problems.

It reads the executions' histories, the order table, the records of the notifications, the
functions' logs and the dead-letter queues, and changes nothing. A source that can't be read is
named, and the others are printed. No task token is printed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from aws.config_table import ConfigTable
from aws.order_table import OrderTable
from operations import stack
from operations.dead_letters import DeadLetterQueue, find_queues
from operations.report import Evidence, Run, list_unread, report

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

FUNCTIONS = (
    *("storefront", "order-tracking", "barista-callback", "order-cancellation"),
    "customer-notification",
)


class Sources:
    """The sources of a stack, by its outputs."""

    def __init__(self, stack_name: str, outputs: Mapping[str, str]) -> None:
        dynamodb = boto3.resource("dynamodb", region_name=stack.REGION)
        self._orders = OrderTable(dynamodb, outputs["OrderTableName"])
        self._config = ConfigTable(dynamodb, outputs["ConfigTableName"])
        self._stepfunctions = boto3.client("stepfunctions", region_name=stack.REGION)
        self._logs = boto3.client("logs", region_name=stack.REGION)
        self._queues = find_queues(outputs)
        self._stack_name = stack_name

    def collect(self, order_id: str) -> Evidence:
        """Read every source about an order; a source that fails does not stop the others."""
        found = Evidence(order_id)
        with _reading(found, "the order table"):
            found.order = self._orders.load(order_id)
        with _reading(found, "the slots in the config table"):
            found.slots = self._config.load_slots()
        for function in FUNCTIONS:
            with _reading(found, f"the log of {function}"):
                found.lines += self._lines(function, order_id)
        named = found.executions()
        with ThreadPoolExecutor() as pool:  # Each queue takes a second to answer.
            list(pool.map(lambda queue: _read_queue(found, queue, named), self._queues))
        for arn in found.executions():
            name = arn.rpartition(":")[2]
            with _reading(found, f"the notifications of execution {name}"):
                found.records[arn] = self._orders.load_records(arn)
            with _reading(found, f"execution {name}"):
                found.runs.append(Run(arn, self._history(arn)))
        return found

    def _lines(self, function: str, order_id: str) -> Iterator[Mapping[str, Any]]:
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{self._stack_name}-{function}",
            filterPattern=_pattern(order_id),
        )
        for number, page in enumerate(pages, start=1):
            _progress(f"Reading the log of {function}, page {number} ...")
            lines = (_read_line(event["message"], order_id) for event in page["events"])
            yield from filter(None, lines)

    def _history(self, arn: str) -> list[HistoryEventTypeDef]:
        paginator = self._stepfunctions.get_paginator("get_execution_history")
        return [event for page in paginator.paginate(executionArn=arn) for event in page["events"]]


@contextmanager
def _reading(found: Evidence, source: str) -> Iterator[None]:
    _progress(f"Reading {source} ...")
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        found.unread[source] = stack.reason(error)


def _progress(reading: str) -> None:
    """Show what is being read if stderr is a terminal, on a line that the next one replaces."""
    if sys.stderr.isatty():
        print(f"\r\033[K{reading}", end="", file=sys.stderr, flush=True)


def _read_queue(found: Evidence, queue: DeadLetterQueue, executions: list[str]) -> None:
    """Look at the messages of a dead-letter queue, of which those of the order are kept."""
    with _reading(found, f"the dead-letter queue {queue.name}"):
        try:
            letters = queue.receive_all()
        finally:
            queue.release()
        found.letters[queue.name] = [
            letter
            for letter in letters
            if letter.event
            and (
                letter.event["detail"].get("orderId") == found.order_id
                or letter.event["detail"].get("executionArn") in executions
            )
        ]


def _read_line(text: str, order_id: str) -> Mapping[str, Any] | None:
    """A structured line about the order, with its time as ``at``; None for any other line.

    The pattern may match other ids, not every emulator applies it, and metrics are lines, too.
    """
    with suppress(KeyError, TypeError, ValueError):
        fields: dict[str, Any] = json.loads(text)
        if fields["order_id"] == order_id and "_aws" not in fields:
            return fields | {"at": datetime.fromisoformat(fields["timestamp"]).astimezone(UTC)}
    return None


def _pattern(order_id: str) -> str:
    """A filter pattern for the log lines of an order; it may match some others.

    What needs escaping in a pattern is replaced with the wildcard:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    return f'{{ $.order_id = "{re.sub(r"[^A-Za-z0-9_.:@/ -]", "*", order_id)}" }}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    stack.add_stack_name(parser)
    parser.add_argument("order_id", metavar="ORDER", help="the order's id")
    given = parser.parse_args()
    order_id: str = given.order_id
    if not order_id.strip():
        sys.exit("Say which order: make trace ORDER=…, with the id that its event carries.")
    try:
        outputs = stack.outputs(given.stack_name)
        found = Sources(given.stack_name, outputs).collect(order_id)
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"{error}\n{stack.advice(given.stack_name)}")
    finally:
        _progress("")
    if found.is_empty:
        nothing = f"Nothing is known of an order {order_id} in {given.stack_name}. Check its id."
        sys.exit("\n".join([nothing, *list_unread(found)]))
    print(report(found, datetime.now(UTC)))
    if found.order and "WorkflowPageUrl" in outputs:
        print(f"\nIts way: {outputs['WorkflowPageUrl']}#order={quote(order_id, safe='')}")


if __name__ == "__main__":
    main()
