"""What was parked in a dead-letter queue goes on as if nothing had happened."""

import json
import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import boto3

from harness.deployment import region
from harness.orders import CREATED, DELETED, SOURCE, Order

from .capabilities import knows_sources_of_dead_letters, need
from .commands import operate
from .shop import DeployedShop

ANY_AGE = ("--older-than", "0s")


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


def redrive(
    stack_name: str, options: Sequence[str] = ANY_AGE, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    """Run what `make redrive` runs."""
    return operate("redrive", stack_name, *options, stdin=stdin)


def test_what_was_parked_goes_on(shop: DeployedShop) -> None:
    need(knows_sources_of_dead_letters)
    order, canceled = Order(), Order()
    shop.prepare(canceled)
    park(shop, "OrderCreated", CREATED, order.detail)
    park(shop, "OrderDeleted", DELETED, {"orderId": canceled.order_id})

    moved = redrive(shop.stack_name)

    assert moved.returncode == 0, moved.stderr
    header, *rows = [line.split() for line in moved.stdout.splitlines()[:3]]
    assert header == ["QUEUE", "EVENT", "ORDER", "OR", "EXECUTION", "AGE"]
    assert [row[:3] for row in rows] == [
        ["OrderCreated", CREATED, order.order_id],
        ["OrderDeleted", DELETED, canceled.order_id],
    ]
    assert [line.split(maxsplit=1) for line in moved.stdout.splitlines()[3:]] == [
        ["CustomerNotification", "empty"],
        ["OrderCreated", "1 back on the bus"],
        ["OrderDeleted", "1 back in the queue"],
        ["OrderTracking", "empty"],
    ]
    shop.wait_for_status(canceled, "canceled")
    shop.wait_for_preparation(order)
    shop.complete(order)
    assert "empty" in redrive(shop.stack_name).stdout.splitlines()[1]


def test_a_stack_that_is_not_there_is_named() -> None:
    moved = redrive("no-such-stack")

    assert moved.returncode == 1
    assert f"Is no-such-stack deployed in {region()}" in moved.stderr


def test_a_person_is_asked_before_anything_is_moved(shop: DeployedShop) -> None:
    need(knows_sources_of_dead_letters)
    order = Order()
    park(shop, "OrderCreated", CREATED, order.detail)

    moved = redrive(shop.stack_name, options=())  # Without a terminal.
    assert moved.returncode == 1
    assert order.order_id in moved.stdout
    assert "--older-than" in moved.stderr

    for answer, status, said in (("n", 1, "Nothing was moved."), ("y", 0, "1 back on the bus")):
        keyboard, terminal = os.openpty()
        os.write(keyboard, f"{answer}\n".encode())
        moved = redrive(shop.stack_name, options=(), stdin=terminal)
        os.close(terminal)
        os.close(keyboard)
        assert moved.returncode == status, moved.stderr
        assert said in moved.stdout + moved.stderr
    shop.wait_for_preparation(order)
    shop.complete(order)
