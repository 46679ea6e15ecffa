"""Counts what AWS would bill for something that happens, and applies AWS's prices."""

import json
import os
import re
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any, Final

import boto3
import requests

from bench.stacks import OrderStack, Stacks, new_order_id

API_FUNCTIONS: Final = ("barista-callback", "storefront")
FUNCTIONS: Final = (*API_FUNCTIONS, "customer-notification", "order-cancellation", "order-tracking")

QUIET_SECONDS: Final = 0.5
MEMORY_GB: Final = 0.5
LOG_EVENT_BYTES: Final = 26
"""What CloudWatch Logs adds to each log event when it counts bytes:

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

type Counts = dict[str, float]
"""The quantity of each billed item."""


def _listed() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("prices.toml").read_text())


def region_and_date() -> str:
    """Of the prices."""
    return f"{_listed()['region']}, {_listed()['date']}"


def dollars(counts: Counts, *, after_free: bool = False) -> Counts:
    """US dollars by billed item; for what goes beyond a month's free part, if one wants."""
    billed = counts | {"Lambda GB-seconds": counts["Lambda billed ms"] / 1000 * MEMORY_GB}
    return {
        name: price["usd"]
        / price["per"]
        * max(0, billed.get(name, 0) - (price.get("free", 0) if after_free else 0))
        for name, price in _listed()["prices"].items()
    }


def count_order(stacks: Stacks, mode: OrderStack, orders: int) -> Counts:
    """Complete orders, one at a time; return the mean quantities of one order."""
    mode.activate()
    counts = count(stacks, orders, lambda: mode.process(new_order_id()))
    transitions, announced = _count_transitions_and_events(stacks, orders)
    return {
        "state transitions": transitions / orders,
        "EventBridge events": announced / orders + 2,  # OrderCreated, and OrderInPreparation.
        **counts,
        # At most: X-Ray may see one trace in the run and what follows from it.
        "X-Ray traces": 1 + counts["Lambda invocations"],
    }


def count(stacks: Stacks, times: int, act: Callable[[], object]) -> Counts:
    """Do something again and again, on warm functions; return the mean quantities of once.

    Of the custom metrics it is the number of different ones.
    """
    requests.put(_calls(), json={"recording": True}, timeout=10)
    act()
    _until_quiet()
    requests.delete(_calls(), timeout=10)
    began = int(time.time() * 1000)
    for _ in range(times):
        act()
    _until_quiet()
    recorded = requests.get(_calls(), timeout=10).json()
    requests.put(_calls(), json={"recording": False}, timeout=10)

    called: Counter[str] = Counter()
    for call in recorded["calls"]:
        called[call["action"]] += call["count"]
    logs = {function: _log_messages(stacks, function, began) for function in FUNCTIONS}
    durations = {name: found for name in logs if (found := _billed_milliseconds(logs[name]))}
    lines = [line for of_one in logs.values() for line in of_one]
    totals = {
        "DynamoDB write units": sum(units["write"] for units in recorded["units"]),
        "DynamoDB read units": sum(units["read"] for units in recorded["units"]),
        "SQS requests": 3 * called["sqs:DeleteMessage"],  # A message is sent, received, deleted.
        "SNS requests": called["sns:Publish"],
        "API requests": sum(len(durations.get(name, ())) for name in API_FUNCTIONS),
        "Lambda invocations": sum(map(len, durations.values())),
        "log bytes": sum(len(line.encode()) + LOG_EVENT_BYTES for line in lines),
    }
    counts: Counts = {name: total / times for name, total in totals.items()}
    # The median, so that one invocation on a busy machine does not count.
    counts["Lambda billed ms"] = sum(
        len(of_one) / times * median(of_one) for of_one in durations.values()
    )
    return counts | {"custom metrics": len(_metrics(lines))}


def processed() -> int:
    """How many messages the functions have deleted from their queues since recording began."""
    calls = requests.get(_calls(), timeout=10).json()["calls"]
    return sum(call["count"] for call in calls if call["action"] == "sqs:DeleteMessage")


def _metrics(lines: Iterable[str]) -> set[tuple[str, ...]]:
    """The name and dimensions of each metric in a log's lines."""
    return {
        (metric["Name"], *(str(said[name]) for name in sorted(dimensions)))
        for line in lines
        if '"_aws"' in line
        for said in [json.loads(line)]
        for directive in said["_aws"]["CloudWatchMetrics"]
        for dimensions in directive["Dimensions"]
        for metric in directive["Metrics"]
    }


def _count_transitions_and_events(stacks: Stacks, orders: int) -> tuple[int, int]:
    """How many states the latest executions entered, and how many events the workflow sent."""
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
