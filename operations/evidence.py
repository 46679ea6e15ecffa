"""Reads everything that a stack has about one order, and changes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from aws.config_table import ConfigTable
from aws.order_table import OrderTable
from operations.dead_letters import DeadLetter, DeadLetterQueue
from operations.stack import REGION, dead_letter_queues
from orders.model import Order
from orders.notifications import RunRecords

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

FUNCTIONS = (
    "storefront",
    "order-tracking",
    "barista-callback",
    "order-cancellation",
    "customer-notification",
)

_EXECUTION = re.compile(r"arn:[\w-]+:states:[\w-]+:\d+:execution:[\w-]+:[\w-]+")


class Run(NamedTuple):
    """An execution and its history, which may contain task tokens."""

    arn: str
    status: str
    ended_at: datetime | None
    events: list[HistoryEventTypeDef]

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    @property
    def runs(self) -> bool:
        return self.status == "RUNNING"


class LogLine(NamedTuple):
    """A structured line of a function's log."""

    at: datetime
    fields: Mapping[str, Any]


@dataclass
class Evidence:
    """What was found about an order. ``unread`` has each source that failed, with the reason."""

    order_id: str
    order: Order | None = None
    slots: set[str] = field(default_factory=set)
    lines: list[LogLine] = field(default_factory=list)
    letters: dict[str, list[DeadLetter]] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    records: dict[str, RunRecords] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)

    def executions(self) -> list[str]:
        """The ARNs of the order's known executions, the one in the order table first.

        An execution that ignored a repeated event is not among them: only its own input names it.
        """
        own = [self.order.execution] if self.order and self.order.execution else []
        named = [
            line.fields.get(name) for line in self.lines for name in ("execution", "notification")
        ]
        for event in (letter.event for letters in self.letters.values() for letter in letters):
            if event:
                named += [*event["resources"], event["detail"].get("executionArn")]
        return list(dict.fromkeys([*own, *_EXECUTION.findall(" ".join(map(str, named)))]))

    @property
    def is_empty(self) -> bool:
        return not (self.order or self.lines or any(self.letters.values()))


class Sources:
    """The sources of a stack, by its outputs. ``progress`` is called with what is being read."""

    def __init__(
        self, stack_name: str, outputs: Mapping[str, str], progress: Callable[[str], None]
    ) -> None:
        dynamodb = boto3.resource("dynamodb", region_name=REGION)
        self._orders = OrderTable(dynamodb, outputs["OrderTableName"])
        self._config = ConfigTable(dynamodb, outputs["ConfigTableName"])
        self._stepfunctions = boto3.client("stepfunctions", region_name=REGION)
        self._logs = boto3.client("logs", region_name=REGION)
        self._sqs = boto3.client("sqs", region_name=REGION)
        self._stack_name = stack_name
        self._outputs = outputs
        self._progress = progress

    def collect(self, order_id: str) -> Evidence:
        """Read every source about an order; a source that fails does not stop the others."""
        found = Evidence(order_id)
        with self._reading(found, "the order table", "dynamodb:GetItem"):
            found.order = self._orders.load(order_id)
        with self._reading(found, "the slots in the config table", "dynamodb:GetItem"):
            found.slots = self._config.load_slots()
        for function in FUNCTIONS:
            with self._reading(found, f"the log of {function}", "logs:FilterLogEvents"):
                found.lines += self._lines(function, order_id)
        named = found.executions()
        with ThreadPoolExecutor() as pool:  # Each queue takes a second to answer.
            queues = dead_letter_queues(self._outputs).items()
            list(pool.map(lambda queue: self._read_queue(found, queue[0], queue[1], named), queues))
        for arn in found.executions():
            name = arn.rpartition(":")[2]
            with self._reading(found, f"the notifications of execution {name}", "dynamodb:GetItem"):
                found.records[arn] = self._orders.load_records(arn)
            permissions = "states:DescribeExecution and states:GetExecutionHistory"
            with self._reading(found, f"execution {name}", permissions):
                found.runs.append(self._run(arn))
        return found

    @contextmanager
    def _reading(self, found: Evidence, source: str, permissions: str) -> Iterator[None]:
        self._progress(f"Reading {source} ...")
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            found.unread[source] = _failure(error, permissions)

    def _lines(self, function: str, order_id: str) -> list[LogLine]:
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=f"/aws/lambda/{self._stack_name}-{function}",
            filterPattern=_pattern(order_id),
        )
        lines = []
        for number, page in enumerate(pages, start=1):
            if number > 1:
                self._progress(f"Reading the log of {function}, page {number} ...")
            # The pattern may match other ids, and not every emulator applies it.
            for event in page["events"]:
                fields = _parse_object(event["message"])
                if fields.get("order_id") == order_id and "_aws" not in fields:
                    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                    lines.append(LogLine(_written_at(fields, at), fields))
        return lines

    def _read_queue(self, found: Evidence, name: str, url: str, executions: list[str]) -> None:
        queue = DeadLetterQueue(self._sqs, name, url)
        permissions = "sqs:ReceiveMessage and sqs:ChangeMessageVisibility"
        with self._reading(found, f"the dead-letter queue {name}", permissions):
            try:
                letters = queue.receive_all()
            finally:
                queue.release()
            found.letters[name] = [
                letter for letter in letters if _is_about(letter, found.order_id, executions)
            ]

    def _run(self, arn: str) -> Run:
        described = self._stepfunctions.describe_execution(executionArn=arn)
        pages = self._stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=arn
        )
        events = [event for page in pages for event in page["events"]]
        return Run(arn, described["status"], described.get("stopDate"), events)


def _is_about(letter: DeadLetter, order_id: str, executions: list[str]) -> bool:
    if letter.event is None:
        return False
    detail = letter.event["detail"]
    return detail.get("orderId") == order_id or detail.get("executionArn") in executions


def _pattern(order_id: str) -> str:
    """A filter pattern for the log lines of an order; it may match some others.

    What needs escaping in a pattern is replaced with the wildcard:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    return f'{{ $.order_id = "{re.sub(r"[^A-Za-z0-9_.:@/ -]", "*", order_id)}" }}'


def _written_at(fields: Mapping[str, Any], otherwise: datetime) -> datetime:
    """The time in a log line, or else the time at which the log received it."""
    try:
        return datetime.fromisoformat(fields["timestamp"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        return otherwise


def _parse_object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _failure(error: ClientError | BotoCoreError, permissions: str) -> str:
    if not isinstance(error, ClientError):
        return str(error)
    code = error.response["Error"]["Code"]  # The message might quote personal data.
    if code.startswith(("AccessDenied", "NotAuthorized", "UnauthorizedOperation")):
        return f"not allowed; ask for {permissions}"
    if code == "ExecutionDoesNotExist":
        return "Step Functions has deleted it (90 days after its end)"
    return f"{error.operation_name} failed ({code})"
