"""What a deployed stack was seen to emit, as the metrics that CloudWatch would have of it."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Final

import requests

from harness.queues import Queues
from harness.shop import DeployedShop
from tests.metrics import Metric, embedded

INTERVAL_SECONDS: Final = 1
"""Between two looks at the queues; SQS itself publishes once a minute."""

_BROKEN: Final = {
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
    "TIMED_OUT": "ExecutionsTimedOut",
}


@dataclass(frozen=True)
class Sample:
    at: datetime
    metric: Metric
    value: float


def log_metrics(shop: DeployedShop, since: datetime) -> Iterator[Sample]:
    """What the functions write into their logs for CloudWatch to take."""
    for group in shop.logs.groups():
        for line in shop.logs.lines(group, since):
            if '"_aws"' not in line:
                continue
            said = json.loads(line)
            at = datetime.fromtimestamp(said["_aws"]["Timestamp"] / 1000, UTC)
            for metric, values in embedded(said):
                yield from (Sample(at, metric, value) for value in values)


def lambda_metrics(shop: DeployedShop) -> Iterator[Sample]:
    """AWS/Lambda as LocalStack publishes it: Invocations and Errors, at the full second before."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_aws/cloudwatch/metrics/raw"
    for point in requests.get(url, timeout=10).json()["metrics"]:
        dimensions = frozenset(
            tuple(dimension.split("=", 1)) for dimension in point["d"].split("\t") if dimension
        )
        function = dict(dimensions).get("FunctionName", "")
        if point["ns"] == "AWS/Lambda" and function.startswith(f"{shop.stack_name}-"):
            metric = Metric(point["ns"], point["n"], dimensions)
            yield Sample(datetime.fromtimestamp(point["t"], UTC), metric, point["v"])


def workflow_metrics(shop: DeployedShop, since: datetime) -> Iterator[Sample]:
    """AWS/States by its definition, from the executions and their histories.

    https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
    """
    machine = shop.outputs["OrderProcessorArn"]
    of_machine = frozenset({("StateMachineArn", machine)})
    integrations = machine.partition(":stateMachine:")[0]
    for execution in shop.workflow.listed():
        ended = execution.get("stopDate")
        if ended and ended < since:
            continue
        if ended and (name := _BROKEN.get(execution["status"])):
            yield Sample(ended, Metric("AWS/States", name, of_machine), 1)
        for event in shop.workflow.history(execution["executionArn"]):
            failed = event.get("taskFailedEventDetails")
            if failed:
                # Region and account are in it, and how the workflow waits, as in
                # `…:123456789012:glue:startJobRun.sync`; no page of AWS says so.
                arn = f"{integrations}:{failed['resourceType']}:{failed['resource']}"
                dimension = frozenset({("ServiceIntegrationResourceArn", arn)})
                metric = Metric("AWS/States", "ServiceIntegrationsFailed", dimension)
                yield Sample(event["timestamp"], metric, 1)


@dataclass
class QueueWatch:
    """AWS/SQS by its definition, from the queues' attributes and messages.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """

    queues: Queues
    samples: list[Sample] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Take samples while the block lasts. Raises what has kept them from being taken."""
        over = Event()

        def watch() -> None:
            while not over.wait(INTERVAL_SECONDS):
                self.look()

        with ThreadPoolExecutor(1) as pool:
            watched = pool.submit(watch)
            try:
                yield
            finally:
                over.set()
            watched.result()

    def look(self, later: timedelta = timedelta()) -> float:
        """Take a sample of each queue, as if what lies there had lain there for that time more.

        Returns the age of the oldest message, in seconds.
        """
        with self._lock:
            now, oldest = datetime.now(UTC), 0.0
            for name, visible, sent in self.queues.filled():
                dimension = frozenset({("QueueName", name)})
                age = (now - sent + later).total_seconds() if sent else 0
                oldest = max(oldest, age)
                self.samples += [
                    Sample(now, Metric("AWS/SQS", metric, dimension), value)
                    for metric, value in (
                        ("ApproximateNumberOfMessagesVisible", visible),
                        ("ApproximateAgeOfOldestMessage", age),
                    )
                ]
            return oldest


def by_metric(
    samples: Iterator[Sample], since: datetime, until: datetime
) -> dict[Metric, list[float]]:
    """The values of the samples between two times."""
    values: dict[Metric, list[float]] = defaultdict(list)
    for sample in samples:
        if since <= sample.at <= until:
            values[sample.metric].append(float(sample.value))
    return dict(values)
