"""No task token gets out: into a log, a notification, an answer, a trace, another event or a queue.

These tests come last and look back at the whole run. Alone they see an order of each outcome.
"""

import json
from functools import partial

import boto3

from harness.inbox import beside
from harness.orders import COMPLETED, IN_PREPARATION, WAITING, Order, is_about
from harness.polling import until

from .capabilities import workflows_are_logged
from .shop import DeployedShop
from .test_redrive import park
from .test_trace import clear, trace
from .tokens import all_tokens, containing_any


def test_no_log_line_holds_a_task_token(shops: list[DeployedShop]) -> None:
    tokens = all_tokens(shops)
    for shop in shops:
        for log_group in shop.logs.groups():
            lines = shop.logs.lines(log_group)
            # Nobody orders on the page of the second shop.
            empty = ["impatient-storefront", "impatient-order-cancellation"] + [
                "OrderProcessor"
            ] * (not workflows_are_logged())
            assert lines or log_group.endswith(tuple(empty)), f"Nothing in {log_group}"
            assert containing_any(lines, tokens) == []


def test_no_customer_gets_a_task_token(shops: list[DeployedShop]) -> None:
    messages = [json.dumps(message) for shop in shops for message in shop.customers.received()]
    assert messages
    assert containing_any(messages, all_tokens(shops)) == []


def test_the_api_gives_no_task_token_out(shops: list[DeployedShop]) -> None:
    answers = [answer for shop in shops for answer in shop.answers]
    assert answers
    assert containing_any(answers, all_tokens(shops)) == []


def test_no_story_of_an_order_tells_a_task_token(
    shop: DeployedShop, orders: dict[str, Order]
) -> None:
    """Neither of those that ended, nor of one whose token is known and in a dead-letter queue."""
    waits = Order()
    shop.prepare(waits)
    event = shop.wait_for_event(waits, WAITING)
    park(shop, "OrderTracking", WAITING, event["detail"])
    here = [order for status, order in orders.items() if status != "timed out"]
    stories = [trace(shop.stack_name, order.order_id).stdout for order in (*here, waits)]
    assert containing_any(stories, all_tokens([shop])) == []
    assert all("Awaiting order completion" in story for story in stories)
    assert "lies in the dead-letter queue OrderTracking" in stories[-1]
    assert shop.item(waits)["taskToken"] in all_tokens([shop])
    clear(shop, "OrderTracking", waits)
    shop.complete(waits)


def test_no_other_event_carries_a_task_token(shops: list[DeployedShop]) -> None:
    events = [
        json.dumps(event)
        for shop in shops
        for event in shop.bus.received(lambda event: event["detail-type"] != WAITING)
    ]
    assert containing_any(events, all_tokens(shops)) == []


def test_the_notifications_queue_gets_no_task_token(shop: DeployedShop) -> None:
    order = Order()
    with beside(f"{shop.stack_name}-customer-notification", shop.outputs["EventBusName"]) as inbox:
        (execution,) = shop.prepare(order)
        token = shop.workflow.token(execution)
        shop.complete(order)
        for news in (IN_PREPARATION, COMPLETED):
            inbox.wait_for(news, partial(is_about, order=order, detail_type=news))
        messages = [json.dumps(message) for message in inbox.received()]
    assert containing_any(messages, {token}) == []


def test_nothing_is_left_in_a_queue(shops: list[DeployedShop]) -> None:
    """So no task token either."""
    sqs = boto3.client("sqs")
    urls = [
        url
        for shop in shops
        for url in sqs.list_queues(QueueNamePrefix=f"{shop.stack_name}-")["QueueUrls"]
    ]
    assert len(urls) >= 7 * len(shops), urls

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
