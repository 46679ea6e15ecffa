"""What one completed order costs: counted on the emulator, priced with AWS's list."""

import json
import os
import re
import time
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import boto3
import requests

from bench.stage import Shop, Stage, new_order

FUNCTIONS: Final = ("barista-callback", "customer-notification", "order-tracking")
"""Those that an order passes, which no page sends."""

QUIET_SECONDS: Final = 0.5
MEMORY_GB: Final = 0.5
LOG_EVENT_BYTES: Final = 26
"""What CloudWatch Logs adds to each event when it counts bytes (API reference, PutLogEvents)."""

PRICES: Final = Path(__file__).with_name("prices.toml")

TRANSITIONS = "state transitions"
EVENTS = "EventBridge events"
WRITES = "DynamoDB write units"
READS = "DynamoDB read units"
SQS = "SQS requests"
SNS = "SNS requests"
API = "API requests"
INVOCATIONS = "Lambda invocations"
MILLISECONDS = "Lambda billed ms"
LOGS = "log bytes"

type Counts = dict[str, float]
"""How much of each thing that is billed one order takes."""

FIRST_VERSION: Final[Counts] = {
    TRANSITIONS: 10,
    EVENTS: 3,
    WRITES: 12,
    READS: 1,
    SQS: 12,
    SNS: 2,
    API: 1,
    INVOCATIONS: 5,
    LOGS: 5446,
    MILLISECONDS: 177,
}
"""Counted in the same way at commit 80570e8, on 2026-11-23."""


@dataclass(frozen=True)
class Price:
    """US dollars for so many."""

    usd: float
    per: float

    def of(self, count: float) -> float:
        return self.usd * count / self.per


def price_list() -> tuple[dict[str, Price], str]:
    """The prices by what is billed, and where and when they hold."""
    listed = tomllib.loads(PRICES.read_text())
    prices = {name: Price(item["usd"], item["per"]) for name, item in listed["prices"].items()}
    return prices, f"{listed['region']}, {listed['date']}"


def dollars(counts: Counts, prices: dict[str, Price]) -> dict[str, float]:
    """What a million such orders cost."""
    billed = counts | {"Lambda GB-seconds": counts[MILLISECONDS] / 1000 * MEMORY_GB}
    return {name: price.of(billed[name]) * 1e6 for name, price in prices.items()}


def counted(stage: Stage, shop: Shop, orders: int) -> Counts:
    """Complete orders, one at a time on warm functions, and count what one of them takes."""
    shop.enter()
    requests.put(_calls(), json={"recording": True}, timeout=10)
    shop.serve(new_order())
    _until_quiet()
    requests.delete(_calls(), timeout=10)
    began = int(time.time() * 1000)
    for _ in range(orders):
        shop.serve(new_order())
    _until_quiet()
    recorded = requests.get(_calls(), timeout=10).json()
    requests.put(_calls(), json={"recording": False}, timeout=10)

    called: Counter[str] = Counter()
    for call in recorded["calls"]:
        called[call["action"]] += call["count"]
    logs = [_log(stage, function, began) for function in FUNCTIONS]
    durations = [_billed_milliseconds(lines) for lines in logs]
    messages = called["sqs:DeleteMessage"]
    transitions, announced = _executed(stage, orders)
    totals = {
        TRANSITIONS: transitions,
        EVENTS: announced + orders,  # The workflow's, and each OrderCreated.
        WRITES: sum(units["write"] for units in recorded["units"]),
        READS: sum(units["read"] for units in recorded["units"]),
        SQS: 3 * messages,  # Each is sent, received and deleted.
        SNS: called["sns:Publish"],
        API: orders,
        INVOCATIONS: sum(len(of_one) for of_one in durations),
        LOGS: sum(len(line.encode()) + LOG_EVENT_BYTES for lines in logs for line in lines),
    }
    counts = {name: total / orders for name, total in totals.items()}
    # Their median, for one that waited for a busy machine says nothing.
    counts[MILLISECONDS] = sum(len(of_one) / orders * median(of_one) for of_one in durations)
    return counts


def _executed(stage: Stage, orders: int) -> tuple[int, int]:
    """How many states the last orders' executions entered, and how many events they sent."""
    stepfunctions = boto3.client("stepfunctions")
    listed = stepfunctions.list_executions(
        stateMachineArn=stage.outputs["OrderProcessorArn"], maxResults=orders
    )["executions"]
    history = [
        event
        for execution in listed
        for page in stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=execution["executionArn"]
        )
        for event in page["events"]
    ]
    tasks = [
        event["taskScheduledEventDetails"]
        for event in history
        if "taskScheduledEventDetails" in event
    ]
    # An entry is an event, and billed as one.
    entries = [
        json.loads(task["parameters"])["Entries"]
        for task in tasks
        if task["resource"].startswith("putEvents")
    ]
    transitions = sum("stateEnteredEventDetails" in event for event in history)
    return transitions, sum(map(len, entries))


def _billed_milliseconds(lines: list[str]) -> list[int]:
    """Of the invocations that a function's log tells of."""
    reports = (re.search(r"Billed Duration: (\d+) ms", line) for line in lines)
    return [int(found[1]) for found in reports if found]


def _log(stage: Stage, function: str, began: int) -> list[str]:
    pages: Any = boto3.client("logs").get_paginator("filter_log_events")
    return [
        event["message"]
        for page in pages.paginate(
            logGroupName=f"/aws/lambda/{stage.stack_name}-{function}", startTime=began
        )
        for event in page["events"]
    ]


def _until_quiet() -> None:
    """Until DynamoDB has had nothing to do for a while: then the last message is processed."""
    seen, since = None, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        units = requests.get(_calls(), timeout=10).json()["units"]
        if units != seen:
            seen, since = units, time.monotonic()
        time.sleep(0.1)


def _calls() -> str:
    """Where the embedded LocalStack counts calls and units, while it records."""
    return f"{os.environ['AWS_ENDPOINT_URL']}/_embedded/calls"
