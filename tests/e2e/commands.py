"""What operators do: their commands, run as the Makefile runs them, and what makes them needed."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3

from harness.aws import ON_AWS
from harness.deployment import ROOT
from harness.inbox import rules_of, settle
from harness.orders import SOURCE, Order
from harness.polling import until
from harness.shop import DeployedShop

SECONDS = 60
ANY_AGE = ("--older-than", "0s")
MONTH = timedelta(days=31)  # After that an order holds nothing of a person.

# An emulator has all messages of a queue on one server, so a short poll finds them.
WAIT_SECONDS = 1 if ON_AWS else 0
PROGRAM = """
from operations import dead_letters, {command}
dead_letters.WAIT_SECONDS = {seconds}
{command}.main()
"""


def operate(
    command: str, stack_name: str, *options: str, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    """What a command of operations/ prints about a stack."""
    program = PROGRAM.format(command=command, seconds=WAIT_SECONDS)
    return subprocess.run(
        [sys.executable, "-c", program, "--stack-name", stack_name, *options],
        check=False,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "functions")},
    )


def trace(stack_name: str, order_id: str) -> subprocess.CompletedProcess[str]:
    return operate("trace", stack_name, "--", order_id)


def redrive(
    stack_name: str, options: Sequence[str] = ANY_AGE, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    return operate("redrive", stack_name, *options, stdin=stdin)


# --- What they are needed for -------------------------------------------------------------------


def park(
    shop: DeployedShop, queue: str, detail_type: str, detail: object, age: timedelta = timedelta(0)
) -> None:
    """Leave an event where a rule or a function leaves it that can't get rid of it."""
    event = {
        "version": "0",
        "id": str(uuid4()),
        "time": (datetime.now(UTC) - age).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": SOURCE,
        "detail-type": detail_type,
        "resources": [],
        "detail": detail,
    }
    url = shop.outputs[f"{queue}DeadLetterQueueUrl"]
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(event))


def unpark(shop: DeployedShop, queue: str, order: Order) -> None:
    """Take an order's event out of a dead-letter queue."""
    url, sqs = shop.outputs[f"{queue}DeadLetterQueueUrl"], boto3.client("sqs")
    (message,) = until(
        f"event of {order} in the dead-letter queue {queue}",
        lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []),
        bool,
    )
    assert order.order_id in message["Body"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@contextmanager
def silenced(shop: DeployedShop, *rules: str) -> Iterator[None]:
    """Have these rules, by their names in the template, lose their events.

    Their targets are taken away, for LocalStack lets a rule that is disabled go on.
    """
    events, cloudformation = boto3.client("events"), boto3.client("cloudformation")
    names = {
        # The bus's name comes before a |, on AWS: not every emulator gives it.
        cloudformation.describe_stack_resource(StackName=shop.stack_name, LogicalResourceId=rule)[
            "StackResourceDetail"
        ]["PhysicalResourceId"].rpartition("|")[2]
        for rule in rules
    }
    taken: list[dict[str, Any]] = []
    for bus in ("default", shop.outputs["EventBusName"]):
        for rule in rules_of(bus):
            if not names & {rule["Name"], rule["Arn"]}:
                continue
            where: Any = {"Rule": rule["Name"], "EventBusName": bus}
            targets = events.list_targets_by_rule(**where)["Targets"]
            events.remove_targets(**where, Ids=[target["Id"] for target in targets])
            taken.append(where | {"Targets": targets})
    assert len(taken) == len(rules)
    settle()
    try:
        yield
    finally:
        for targets_of_rule in taken:
            events.put_targets(**targets_of_rule)
        settle()


def reconcile(shop: DeployedShop, after: timedelta = timedelta(minutes=10)) -> None:
    """Let the schedule's event come as if that time had gone by."""
    sqs = boto3.client("sqs")
    (mapping,) = boto3.client("lambda").list_event_source_mappings(
        FunctionName=f"{shop.stack_name}-order-tracking:live"
    )["EventSourceMappings"]
    queue = sqs.get_queue_url(QueueName=mapping["EventSourceArn"].rpartition(":")[2])["QueueUrl"]
    event = {
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": (datetime.now(UTC) + after).isoformat(),
        "resources": [],
        "detail": {},
    }
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))
