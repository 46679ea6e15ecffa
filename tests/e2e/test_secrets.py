"""No task token gets out: into a log, a notification, an answer, a trace, another event or a queue.

These tests come last and look back at the whole run. Alone they see an order of each outcome.
"""

import json

import boto3
import pytest

from harness.orders import WAITING, Order
from harness.polling import until
from harness.shop import DeployedShop

from .capabilities import calls_are_recorded
from .commands import park, trace, unpark

pytestmark = pytest.mark.usefixtures("orders")


def test_no_log_line_holds_a_task_token(shop: DeployedShop) -> None:
    for log_group in shop.logs.groups():
        lines = shop.logs.lines(log_group)
        # Not every emulator writes the log of a workflow.
        may_be_empty = log_group.endswith("OrderProcessor") and not calls_are_recorded()
        assert lines or may_be_empty, f"Nothing in {log_group}"
        assert shop.with_token(lines) == []


def test_no_customer_client_or_other_consumer_gets_a_task_token(shop: DeployedShop) -> None:
    messages = shop.customers.received()
    others = shop.bus.received(lambda event: event["detail-type"] != WAITING)
    for told in (messages, shop.answers, others):
        assert told
        assert shop.with_token(json.dumps(one) for one in told) == []


def test_no_story_of_an_order_tells_a_task_token(
    shop: DeployedShop, orders: dict[str, Order]
) -> None:
    """Neither of one that ended, nor of one whose token is known and in a dead-letter queue."""
    waits = Order()
    shop.prepare(waits)
    event = shop.wait_for_event(waits, WAITING)
    park(shop, "OrderTracking", WAITING, event["detail"])
    stories = [
        trace(shop.stack_name, order.order_id).stdout for order in (orders["rejected"], waits)
    ]
    assert shop.with_token(stories) == []
    assert all("Awaiting order completion" in story for story in stories)
    assert "lies in the dead-letter queue OrderTracking" in stories[-1]
    assert shop.item(waits)["taskToken"] in shop.tokens()
    unpark(shop, "OrderTracking", waits)
    shop.complete(waits)


def test_nothing_is_left_in_a_queue(shop: DeployedShop) -> None:
    """So no task token either."""
    sqs = boto3.client("sqs")
    urls = sqs.list_queues(QueueNamePrefix=f"{shop.stack_name}-")["QueueUrls"]
    assert len(urls) >= 7, urls

    def waiting(url: str) -> int:
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(counts["ApproximateNumberOfMessages"]) + int(
            counts["ApproximateNumberOfMessagesNotVisible"]
        )

    until(
        "empty queues",
        lambda: {url: count for url in urls if (count := waiting(url))},
        lambda left: not left,
    )
