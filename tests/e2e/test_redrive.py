"""What was parked in a dead-letter queue goes on as if nothing had happened."""

import json
import subprocess
import sys
from uuid import uuid4

import boto3

from .deployment import ROOT
from .orders import CREATED, DELETED, SOURCE, Order
from .probes import knows_sources_of_dead_letters, need
from .shop import Shop

REDRIVE = [sys.executable, str(ROOT / "operations" / "redrive.py"), "--stack-name"]
SECONDS = 60


def park(shop: Shop, queue: str, detail_type: str, detail: object) -> None:
    """Leave an event where a rule or a function leaves it that can't get rid of it."""
    event = {
        "version": "0",
        "id": str(uuid4()),
        "source": SOURCE,
        "detail-type": detail_type,
        "resources": [],
        "detail": detail,
    }
    url = shop.outputs[f"{queue}DeadLetterQueueUrl"]
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(event))


def redrive(stack_name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*REDRIVE, stack_name], check=False, capture_output=True, text=True, timeout=SECONDS
    )


def test_what_was_parked_goes_on(shop: Shop) -> None:
    need(knows_sources_of_dead_letters)
    order, canceled = Order(), Order()
    shop.prepare(canceled)
    park(shop, "OrderCreated", CREATED, order.detail)
    park(shop, "OrderDeleted", DELETED, {"orderId": canceled.order_id})

    moved = redrive(shop.stack_name)

    assert moved.returncode == 0, moved.stderr
    assert [line.split(maxsplit=1) for line in moved.stdout.splitlines()] == [
        ["CustomerNotification", "nothing there"],
        ["OrderCreated", "1 back on the bus"],
        ["OrderDeleted", "1 back in the queue"],
        ["OrderTracking", "nothing there"],
    ]
    shop.reaches(canceled, "canceled")
    shop.in_preparation(order)
    shop.complete(order)
    assert "nothing there" in redrive(shop.stack_name).stdout.splitlines()[1]


def test_a_stack_that_is_not_there_is_named() -> None:
    moved = redrive("no-such-stack")

    assert moved.returncode == 1
    assert "Is no-such-stack deployed in eu-central-1" in moved.stderr
