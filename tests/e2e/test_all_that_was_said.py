"""What the system said and wrote in the whole run: contracts, secrets and logs.

These tests come last. So that they also say something alone, they see one order to each outcome.
"""

import json
from collections.abc import Iterable
from functools import partial
from typing import Any

import boto3
import pytest
from jsonschema import Draft202012Validator

from harness.deployment import ROOT
from harness.inbox import beside
from harness.orders import (
    CANCELED,
    COMPLETED,
    FAILED,
    IN_PREPARATION,
    REJECTED,
    TIMED_OUT,
    WAITING,
    Order,
    is_about,
)
from harness.polling import until

from .probes import heartbeats_end, workflows_are_logged
from .shop import Shop
from .test_redrive import park
from .test_trace import clear, trace


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    """The outcomes that an order can have here, and the events that tell of them."""
    outcomes = {
        "ready for pickup": COMPLETED,
        "rejected": REJECTED,
        "timed out": TIMED_OUT,
        "canceled": CANCELED,
        "failed": FAILED,
    }
    if not heartbeats_end():
        del outcomes["timed out"]
    return outcomes


@pytest.fixture(scope="module")
def orders(
    outcomes: dict[str, str], open_shop: Shop, request: pytest.FixtureRequest
) -> dict[str, Order]:
    """An order of each outcome, all traces of which have been seen."""
    orders = {status: Order() for status in outcomes}
    here = [order for status, order in orders.items() if status != "timed out"]
    if "timed out" in orders:
        open_impatient_shop: Shop = request.getfixturevalue("open_impatient_shop")
        open_impatient_shop.place(orders["timed out"])
    executions = dict(zip(here, open_shop.prepare(*here), strict=True))
    open_shop.counter()
    for order in here:
        open_shop.get(f"/orders/{order.order_id}")
        open_shop.get(f"/orders/{order.order_id}/history")
    open_shop.click(orders["ready for pickup"], "heartbeat", {"baristaId": "Julia"})
    open_shop.complete(orders["ready for pickup"])
    reason = {"baristaId": "Julia", "reason": "We ran out of milk."}
    open_shop.click(orders["rejected"], "decline", reason)
    open_shop.cancel(orders["canceled"])
    broken = executions[orders["failed"]]
    open_shop.workflow.break_off(broken, open_shop.workflow.token(broken))
    for status, order in orders.items():
        shop = open_impatient_shop if status == "timed out" else open_shop
        shop.heard(order, outcomes[status])
        shop.reaches(order, status)
        shop.told(order, status)
        shop.get(f"/orders/{order.order_id}")
        shop.get(f"/orders/{order.order_id}/history")
        shop.logs.about("order-tracking", order, "Order ended")
        shop.logs.about("customer-notification", order, "Customer notified")
    return orders


@pytest.fixture
def shops(shop: Shop, orders: dict[str, Order], request: pytest.FixtureRequest) -> list[Shop]:
    if "timed out" in orders:
        return [shop, request.getfixturevalue("impatient_shop")]
    return [shop]


def all_tokens(shops: Iterable[Shop]) -> set[str]:
    return {
        event["detail"]["TaskToken"]
        for shop in shops
        for event in shop.bus.received(lambda event: event["detail-type"] == WAITING)
    }


def test_every_event_keeps_its_contract(shops: list[Shop], outcomes: dict[str, str]) -> None:
    seen = [event for shop in shops for event in shop.bus.received()]
    ours = {event["detail-type"] for event in seen if event["detail-type"].startswith("OrderP")}
    assert ours == {WAITING, IN_PREPARATION, *outcomes.values()}

    problems = [
        f"{event['detail-type']} {event['detail']}: {problem.message}"
        for event in seen
        if event["detail-type"] in ours
        for problem in contract(event["detail-type"]).iter_errors(event["detail"])
    ]
    assert problems == []


def contract(detail_type: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "events" / detail_type / "schema.json").read_text())
    return Draft202012Validator(schema)


def test_no_log_line_holds_a_task_token(shops: list[Shop]) -> None:
    tokens = all_tokens(shops)
    for shop in shops:
        for log_group in shop.logs.groups():
            lines = shop.logs.lines(log_group)
            # Nobody orders on the page of the second shop.
            empty = ["impatient-storefront", "impatient-order-cancellation"] + [
                "OrderProcessor"
            ] * (not workflows_are_logged())
            assert lines or log_group.endswith(tuple(empty)), f"Nothing in {log_group}"
            assert telling(lines, tokens) == []


def test_no_customer_gets_a_task_token(shops: list[Shop]) -> None:
    messages = [json.dumps(message) for shop in shops for message in shop.customers.received()]
    assert messages
    assert telling(messages, all_tokens(shops)) == []


def test_the_api_gives_no_task_token_out(shops: list[Shop]) -> None:
    answers = [answer for shop in shops for answer in shop.answers]
    assert answers
    assert telling(answers, all_tokens(shops)) == []


def test_no_story_of_an_order_tells_a_task_token(shop: Shop, orders: dict[str, Order]) -> None:
    """Neither of those that ended, nor of one whose token is known and in a dead-letter queue."""
    waits = Order()
    shop.prepare(waits)
    event = shop.heard(waits, WAITING)
    park(shop, "OrderTracking", WAITING, event["detail"])
    here = [order for status, order in orders.items() if status != "timed out"]
    stories = [trace(shop.stack_name, order.order_id).stdout for order in (*here, waits)]
    assert telling(stories, all_tokens([shop])) == []
    assert all("Awaiting order completion" in story for story in stories)
    assert "lies in the dead-letter queue OrderTracking" in stories[-1]
    assert shop.item(waits)["taskToken"] in all_tokens([shop])
    clear(shop, "OrderTracking", waits)
    shop.complete(waits)


def test_no_other_event_carries_a_task_token(shops: list[Shop]) -> None:
    events = [
        json.dumps(event)
        for shop in shops
        for event in shop.bus.received(lambda event: event["detail-type"] != WAITING)
    ]
    assert telling(events, all_tokens(shops)) == []


def test_the_notifications_queue_gets_no_task_token(shop: Shop) -> None:
    order = Order()
    with beside(f"{shop.stack_name}-customer-notification", shop.outputs["EventBusName"]) as inbox:
        (execution,) = shop.prepare(order)
        token = shop.workflow.token(execution)
        shop.complete(order)
        for news in (IN_PREPARATION, COMPLETED):
            inbox.wait_for(news, partial(is_about, order=order, detail_type=news))
        messages = [json.dumps(message) for message in inbox.received()]
    assert telling(messages, {token}) == []


def test_nothing_is_left_in_a_queue(shops: list[Shop]) -> None:
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


def telling(texts: list[str], secrets: set[str]) -> list[str]:
    """The texts that tell a secret, cut short."""
    assert secrets
    return [text[:500] for text in texts if any(secret in text for secret in secrets)]


def test_every_log_line_about_an_order_names_it(shops: list[Shop]) -> None:
    lines = [line for shop in shops for line in written(shop) if "_aws" not in line]
    assert {line["service"] for line in lines} == {
        "barista_callback",
        "customer_notification",
        "order_cancellation",
        "order_tracking",
        "storefront",
    }
    nameless = [line for line in lines if "order_id" not in line]
    # Only an order that came without an id has none to show.
    assert {line["message"] for line in nameless} <= {
        "An order without an id ended, there is nothing to keep",
        "Customer notified",
        "Not all old orders were looked at",
        "The store was changed",
    }
    assert {line["status"] for line in nameless if "status" in line} <= {"rejected"}


def test_orders_are_counted_and_timed(shops: list[Shop], outcomes: dict[str, str]) -> None:
    metrics = {
        metric["Name"]
        for shop in shops
        for line in written(shop)
        if "_aws" in line
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }
    ends = {event.replace("OrderProcessor.Order", "Orders") for event in outcomes.values()}
    looks = {"OrdersForgotten", "Capacity", "CapacityInUse", "SlotsFreed"}
    ages = {"OldestOrderSeconds", "UnattendedSeconds"}
    assert metrics == {"OrdersReceived", "SecondsToReady", *ends, *looks, *ages}


def written(shop: Shop) -> list[dict[str, Any]]:
    """The structured lines that the stack's functions wrote."""
    return [
        json.loads(line)
        for log_group in shop.logs.groups()
        if log_group.startswith("/aws/lambda/")
        for line in shop.logs.lines(log_group)
        if line.startswith("{")
    ]
