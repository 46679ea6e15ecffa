"""Counts what the pages take while people look at them, and what a month without orders takes."""

import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

import boto3
import requests
from samcli.yamlhelper import yaml_parse

from bench.cost import Counts, count, processed
from bench.listener import DEADLINE_SECONDS
from bench.stacks import Stacks

ROOT: Final = Path(__file__).resolve().parents[1]

TYPING_SECONDS: Final = 30
WAITING_SECONDS: Final = 180
HOURS: Final = 10
ORDERS: Final = 100
"""Of a day, one after the other with equal pauses, each for so many seconds at the counter:"""
MAKING_SECONDS: Final = 90
CHANGES_OF_BOARD: Final = 3
"""By each order, with equal pauses: its number comes, is ready, and leaves."""

MINUTES_OF_A_MONTH: Final = 30 * 24 * 60
POLLS_A_MINUTE: Final = 5 * 3
"""Lambda asks an idle queue with five requests at a time, and each waits for 20 s at most.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""
KEY_REQUESTS_AN_HOUR: Final = 2 * 12
"""SNS asks KMS for a data key, twice, and uses it for five minutes.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""


class Pace(NamedTuple):
    """How often a page asks: functions/storefront/pages/page.js. In seconds."""

    soon: float
    late: float
    share: float

    @classmethod
    def read(cls) -> Self:
        """The pace of the page as it is. Raises KeyError."""
        text = (ROOT / "functions/storefront/pages/page.js").read_text()
        set_to = dict(re.findall(r"^const (\w+) = ([\d_]+);", text, re.MULTILINE))
        return cls(
            int(set_to["SOON_MS"]) / 1000, int(set_to["LATE_MS"]) / 1000, int(set_to["SHARE"])
        )

    def looks(self, seconds: float) -> int:
        """How often it looks in so many seconds without news, if answers took no time."""
        at, looks = 0.0, 0
        while (at := at + min(self.late, max(self.soon, at / self.share))) <= seconds:
            looks += 1
        return looks


def count_situations(stacks: Stacks, times: int) -> dict[str, Counts]:
    """The quantities of a take, a customer's page, a counter's and a board's day, an idle month.

    Of the orders, only what does not grow with their number is in the counter's day.
    """
    url, key = stacks.outputs["ApiUrl"], secrets.token_urlsafe(16)
    bodies = {"PUT": {"name": "Ada", "drink": "Flat white"}, "POST": {"baristaId": "Julia"}}

    def ask(*paths: str, method: str = "GET") -> Counts:
        def act() -> None:
            for path in paths:
                answer = requests.request(
                    method,
                    f"{url}/{path}",
                    json=bodies.get(method),
                    headers={"Order-Key": key},
                    timeout=60,
                )
                answer.raise_for_status()
                received.append(len(answer.content) + len(str(answer.headers)))

        received: list[int] = []
        counts = count(stacks, times, act)
        return counts | {"bytes to browsers": sum(received) / (times + 1)}

    def load(page: str) -> Counts:
        text = requests.get(f"{url}/{page}", timeout=60).text
        return ask(page, *re.findall(r'="(pages/[^"]+)"', text))

    stacks.reservation.activate()
    requests.put(f"{url}/my-order", json=bodies["PUT"], headers={"Order-Key": key}, timeout=60)
    order_id = f"web-{sha256(key.encode()).hexdigest()[:24]}"
    stacks.reservation.is_admitted(order_id)
    pace = Pace.read()
    # The order's event and what follows from it are the order's, so it is sent a second time.
    customer = added(
        (1, load("order")),
        (pace.looks(TYPING_SECONDS), ask("menu")),
        (1, ask("my-order", method="PUT") | {"X-Ray traces": 1}),
        (pace.looks(WAITING_SECONDS), ask("my-order")),
    )
    quiet = HOURS * 3600 / ORDERS - MAKING_SECONDS
    looks = ORDERS * (MAKING_SECONDS / pace.soon + pace.looks(quiet))
    counter = added((1, load("counter")), (looks, ask("orders?status=in preparation", "store")))
    changes = ORDERS * CHANGES_OF_BOARD
    looks = changes * pace.looks(HOURS * 3600 / changes)
    board = added((1, load("board")), (looks, ask("queue")))
    take = ask(f"orders/{order_id}/take", method="POST") | {"X-Ray traces": 1}
    stacks.reservation.complete(order_id)
    return {
        "a take": take,
        "a customer's page": customer,
        "a counter's day": counter | {"KMS requests": HOURS * KEY_REQUESTS_AN_HOUR},
        "a board's day": board,
        "an idle month": _idle_month(stacks, times),
    }


def add_metrics_of_orders(situations: dict[str, Counts], order: Counts) -> None:
    """Add the custom metrics that orders send to a counter's day."""
    hours = order["custom metrics"] * HOURS
    situations["a counter's day"]["custom metrics"] = hours * 60 / MINUTES_OF_A_MONTH


def added(*parts: tuple[float, Counts]) -> Counts:
    """The sum of quantities, each taken so many times."""
    names = dict.fromkeys(name for _, counts in parts for name in counts)
    return {name: sum(times * counts.get(name, 0) for times, counts in parts) for name in names}


def _idle_month(stacks: Stacks, times: int) -> Counts:
    mappings: Any = boto3.client("lambda").get_paginator("list_event_source_mappings")
    queues = {
        mapping["FunctionArn"]: mapping["EventSourceArn"]
        for page in mappings.paginate()
        for mapping in page["EventSourceMappings"]
        if f":{stacks.name}-" in mapping["FunctionArn"]
    }
    [queue] = [queues[function] for function in queues if "-order-tracking" in function]
    run = count(stacks, times, _reconciler(queue.rpartition(":")[2]))
    month = added((MINUTES_OF_A_MONTH, run))
    resources = yaml_parse((ROOT / "template.yaml").read_text())["Resources"].values()
    alarms = [one["Properties"] for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"]
    month["SQS requests"] += len(queues) * POLLS_A_MINUTE * MINUTES_OF_A_MONTH
    return month | {
        "X-Ray traces": month["Lambda invocations"],
        "custom metrics": run["custom metrics"],
        "metrics of alarms": sum(
            sum("MetricStat" in metric for metric in alarm.get("Metrics", [{"MetricStat": {}}]))
            for alarm in alarms
        ),
        "dashboards": sum(one["Type"] == "AWS::CloudWatch::Dashboard" for one in resources),
    }


def _reconciler(queue_name: str) -> Callable[[], None]:
    """What runs the reconciler once, as its schedule does each minute."""
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName=queue_name)["QueueUrl"]

    def act() -> None:
        before, deadline = processed(), time.monotonic() + DEADLINE_SECONDS
        now = datetime.now(UTC).isoformat()
        event = f'{{"detail-type": "Scheduled Event", "time": "{now}", "detail": {{}}}}'
        sqs.send_message(QueueUrl=url, MessageBody=event)
        while processed() == before:
            if time.monotonic() > deadline:
                raise RuntimeError("The reconciler's message was not processed")
            time.sleep(0.05)

    return act
