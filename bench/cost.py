"""Counts what AWS would bill for one completed order, and applies AWS's prices."""

import json
import os
import re
import time
import tomllib
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any, Final

import boto3
import requests

from bench.stacks import OrderStack, Stacks, new_order_id

FUNCTIONS: Final = ("barista-callback", "customer-notification", "order-tracking")
"""Those that process an order which comes as an event."""

QUIET_SECONDS: Final = 0.5
MEMORY_GB: Final = 0.5
LOG_EVENT_BYTES: Final = 26
"""What CloudWatch Logs adds to each log event when it counts bytes:

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

type Counts = dict[str, float]
"""The quantity of each billed item that one order takes."""


def price_list() -> tuple[dict[str, float], str]:
    """The US dollars for one unit of each billed item, and the region and date of the prices."""
    listed = tomllib.loads(Path(__file__).with_name("prices.toml").read_text())
    prices = {name: price["usd"] / price["per"] for name, price in listed["prices"].items()}
    return prices, f"{listed['region']}, {listed['date']}"


def dollars(counts: Counts, prices: dict[str, float]) -> dict[str, float]:
    """US dollars for a million such orders, by billed item."""
    billed = counts | {"Lambda GB-seconds": counts["Lambda billed ms"] / 1000 * MEMORY_GB}
    return {name: price * billed[name] * 1e6 for name, price in prices.items()}


def count(stacks: Stacks, mode: OrderStack, orders: int) -> Counts:
    """Complete orders, one at a time on warm functions; return the mean quantities of one order."""
    mode.activate()
    requests.put(_calls(), json={"recording": True}, timeout=10)
    mode.process(new_order_id())
    _until_quiet()
    requests.delete(_calls(), timeout=10)
    began = int(time.time() * 1000)
    for _ in range(orders):
        mode.process(new_order_id())
    _until_quiet()
    recorded = requests.get(_calls(), timeout=10).json()
    requests.put(_calls(), json={"recording": False}, timeout=10)

    called: Counter[str] = Counter()
    for call in recorded["calls"]:
        called[call["action"]] += call["count"]
    logs = [_log_messages(stacks, function, began) for function in FUNCTIONS]
    durations = [_billed_milliseconds(lines) for lines in logs]
    messages = called["sqs:DeleteMessage"]
    transitions, announced = _count_transitions_and_events(stacks, orders)
    totals = {
        "state transitions": transitions,
        "EventBridge events": announced
        + orders,  # The workflow's events, and one OrderCreated an order.
        "DynamoDB write units": sum(units["write"] for units in recorded["units"]),
        "DynamoDB read units": sum(units["read"] for units in recorded["units"]),
        "SQS requests": 3 * messages,  # Each message is sent, received and deleted.
        "SNS requests": called["sns:Publish"],
        "API requests": orders,
        "Lambda invocations": sum(len(of_one) for of_one in durations),
        "log bytes": sum(len(line.encode()) + LOG_EVENT_BYTES for lines in logs for line in lines),
    }
    counts = {name: total / orders for name, total in totals.items()}
    # The median, so that one invocation on a busy machine does not count.
    counts["Lambda billed ms"] = sum(len(of_one) / orders * median(of_one) for of_one in durations)
    return counts


def _count_transitions_and_events(stacks: Stacks, orders: int) -> tuple[int, int]:
    """How many states the latest executions entered, and how many events they sent."""
    stepfunctions = boto3.client("stepfunctions")
    listed = stepfunctions.list_executions(
        stateMachineArn=stacks.outputs["OrderProcessorArn"], maxResults=orders
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
    # Each entry is billed as an event.
    entries = [
        json.loads(task["parameters"])["Entries"]
        for task in tasks
        if task["resource"].startswith("putEvents")
    ]
    transitions = sum("stateEnteredEventDetails" in event for event in history)
    return transitions, sum(map(len, entries))


def _billed_milliseconds(lines: list[str]) -> list[int]:
    """The billed duration of each invocation in a function's log."""
    reports = (re.search(r"Billed Duration: (\d+) ms", line) for line in lines)
    return [int(found[1]) for found in reports if found]


def _log_messages(stacks: Stacks, function: str, began: int) -> list[str]:
    pages: Any = boto3.client("logs").get_paginator("filter_log_events")
    return [
        event["message"]
        for page in pages.paginate(
            logGroupName=f"/aws/lambda/{stacks.name}-{function}", startTime=began
        )
        for event in page["events"]
    ]


def _until_quiet() -> None:
    """Wait until DynamoDB had no request for QUIET_SECONDS: then the last message is processed."""
    seen, since = None, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        units = requests.get(_calls(), timeout=10).json()["units"]
        if units != seen:
            seen, since = units, time.monotonic()
        time.sleep(0.1)


def _calls() -> str:
    """The URL at which the embedded LocalStack counts calls and capacity units."""
    return f"{os.environ['AWS_ENDPOINT_URL']}/_embedded/calls"
