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

from .deployment import ROOT
from .inbox import beside, peek
from .orders import (
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
from .shop import Shop

OUTCOMES = {
    "ready for pickup": COMPLETED,
    "rejected": REJECTED,
    "timed out": TIMED_OUT,
    "canceled": CANCELED,
    "failed": FAILED,
}


@pytest.fixture(scope="module")
def orders(open_shop: Shop, open_impatient_shop: Shop) -> dict[str, Order]:
    """An order of each outcome, all traces of which have been seen."""
    orders = {status: Order() for status in OUTCOMES}
    here = [order for status, order in orders.items() if status != "timed out"]
    open_impatient_shop.place(orders["timed out"])
    executions = dict(zip(here, open_shop.prepare(*here), strict=True))
    open_shop.counter()
    for order in here:
        open_shop.get(f"/orders/{order.order_id}")
    open_shop.click(orders["ready for pickup"], "heartbeat", {"baristaId": "Julia"})
    open_shop.complete(orders["ready for pickup"])
    reason = {"baristaId": "Julia", "reason": "We ran out of milk."}
    open_shop.click(orders["rejected"], "decline", reason)
    open_shop.cancel(orders["canceled"])
    open_shop.workflow.stop(executions[orders["failed"]])
    for status, order in orders.items():
        shop = open_impatient_shop if status == "timed out" else open_shop
        shop.heard(order, OUTCOMES[status])
        shop.reaches(order, status)
        shop.told(order, status)
        shop.get(f"/orders/{order.order_id}")
        shop.logs.about("order-tracking", order, "Order ended")
        shop.logs.about("customer-notification", order, "Customer notified")
    return orders


@pytest.fixture
def shops(shop: Shop, impatient_shop: Shop, orders: dict[str, Order]) -> tuple[Shop, Shop]:  # noqa: ARG001
    return shop, impatient_shop


def all_tokens(shops: Iterable[Shop]) -> set[str]:
    return {
        event["detail"]["TaskToken"]
        for shop in shops
        for event in shop.bus.received(lambda event: event["detail-type"] == WAITING)
    }


def test_every_event_keeps_its_contract(shops: tuple[Shop, Shop]) -> None:
    seen = [event for shop in shops for event in shop.bus.received()]
    ours = {event["detail-type"] for event in seen if event["detail-type"].startswith("OrderP")}
    assert ours == {WAITING, IN_PREPARATION, *OUTCOMES.values()}

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


def test_no_log_line_holds_a_task_token(shops: tuple[Shop, Shop]) -> None:
    tokens = all_tokens(shops)
    for shop in shops:
        for log_group in shop.logs.groups():
            lines = shop.logs.lines(log_group)
            # Nobody orders on the page of the second shop.
            assert lines or log_group.endswith("impatient-storefront"), f"Nothing in {log_group}"
            assert telling(lines, tokens) == []


def test_no_customer_gets_a_task_token(shops: tuple[Shop, Shop]) -> None:
    messages = [json.dumps(message) for shop in shops for message in shop.customers.received()]
    assert messages
    assert telling(messages, all_tokens(shops)) == []


def test_the_api_gives_no_task_token_out(shops: tuple[Shop, Shop]) -> None:
    answers = [answer for shop in shops for answer in shop.answers]
    assert answers
    assert telling(answers, all_tokens(shops)) == []


def test_no_other_event_carries_a_task_token(shops: tuple[Shop, Shop]) -> None:
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


def test_no_queue_is_left_with_a_task_token(shops: tuple[Shop, Shop]) -> None:
    # The listeners of these tests hear all that is said, and order_tracking is told the tokens.
    urls = [
        url
        for url in boto3.client("sqs").list_queues()["QueueUrls"]
        if "/e2e-" not in url and "OrderTracking" not in url
    ]
    assert len(urls) >= 5 * len(shops), urls
    assert telling([peek(url) for url in urls], all_tokens(shops)) == []


def telling(texts: list[str], secrets: set[str]) -> list[str]:
    """The texts that tell a secret, cut short."""
    assert secrets
    return [text[:500] for text in texts if any(secret in text for secret in secrets)]


def test_every_log_line_about_an_order_names_it(shops: tuple[Shop, Shop]) -> None:
    lines = [line for shop in shops for line in written(shop) if "_aws" not in line]
    assert {line["service"] for line in lines} == {
        "barista_callback",
        "customer_notification",
        "order_tracking",
        "storefront",
    }
    nameless = [line for line in lines if "order_id" not in line]
    # Only an order that came without an id has none to show.
    assert {line["message"] for line in nameless} <= {
        "An order without an id ended, there is nothing to keep",
        "Customer notified",
        "The store was changed",
    }
    assert {line["status"] for line in nameless if "status" in line} <= {"rejected"}


def test_orders_are_counted_and_timed(shops: tuple[Shop, Shop]) -> None:
    metrics = {
        metric["Name"]
        for shop in shops
        for line in written(shop)
        if "_aws" in line
        for directive in line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]
    }
    assert metrics == {
        "OrdersReceived",
        "OrdersCompleted",
        "OrdersRejected",
        "OrdersTimedOut",
        "OrdersCanceled",
        "OrdersFailed",
        "SecondsToReady",
    }


def written(shop: Shop) -> list[dict[str, Any]]:
    """The structured lines that the stack's functions wrote."""
    return [
        json.loads(line)
        for log_group in shop.logs.groups()
        if log_group.startswith("/aws/lambda/")
        for line in shop.logs.lines(log_group)
        if line.startswith("{")
    ]
