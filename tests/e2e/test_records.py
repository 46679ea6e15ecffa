"""Every event keeps its contract.

This comes last and looks back at the whole run. Alone it sees an order of each outcome.
"""

import json

import pytest
from jsonschema import Draft202012Validator

from harness.deployment import ROOT
from harness.orders import IN_PREPARATION, WAITING
from harness.shop import DeployedShop

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
