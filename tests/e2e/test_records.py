"""Every event keeps its contract, and the functions log and count what they do.

These tests come last and look back at the whole run. Alone they see an order of each outcome.
"""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.deployment import ROOT
from harness.orders import IN_PREPARATION, WAITING
from harness.polling import until

from .commands import MONTH, reconcile
from .shop import DeployedShop

pytestmark = pytest.mark.usefixtures("orders")


def test_every_event_keeps_its_contract(shop: DeployedShop, outcomes: dict[str, str]) -> None:
    seen = shop.bus.received()
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


def test_every_log_line_about_an_order_names_it(shop: DeployedShop) -> None:
    lines = [line for line in written(shop) if "_aws" not in line]
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


def test_orders_are_counted_and_timed(shop: DeployedShop, outcomes: dict[str, str]) -> None:
    ends = {event.replace("OrderProcessor.Order", "Orders") for event in outcomes.values()}
    of_reconciler = {"OrdersForgotten", "Capacity", "CapacityInUse", "SlotsFreed"}
    ages = {"OldestOrderSeconds", "UnattendedSeconds"}
    expected = {"OrdersReceived", "SecondsToReady", *ends, *of_reconciler, *ages}
    reconcile(shop, MONTH)

    def counted() -> set[str]:
        return {
            metric["Name"]
            for line in written(shop)
            if "_aws" in line
            for directive in line["_aws"]["CloudWatchMetrics"]
            for metric in directive["Metrics"]
        }

    assert until("all metrics", counted, expected.issubset) == expected


def written(shop: DeployedShop) -> list[dict[str, Any]]:
    """The structured lines that the stack's functions wrote."""
    return [
        json.loads(line)
        for log_group in shop.logs.groups()
        if log_group.startswith("/aws/lambda/")
        for line in shop.logs.lines(log_group)
        if line.startswith("{")
    ]
