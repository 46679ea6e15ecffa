"""The documents of the events name the senders and consumers that the template has."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.decode import decode
from jsonschema import Draft7Validator

import catalogue
from orders.events import EventType
from tests.contracts.definitions import DETAIL_TYPES, ROOT

DOCUMENT = json.loads((ROOT / "docs/asyncapi.json").read_text())


@pytest.fixture
def resources() -> dict[str, Any]:
    template, _ = decode(str(ROOT / "template.yaml"))
    found: dict[str, Any] = copy.deepcopy(template["Resources"])
    return found


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def test_every_reference_leads_somewhere() -> None:
    """No JSON Schema can see that; the rest of the document is for make lint to validate."""
    for reference in set(references(DOCUMENT)):
        part = DOCUMENT
        for key in reference.removeprefix("#/").split("/"):
            part = part[key]


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_the_example_is_what_the_message_promises(detail_type: str) -> None:
    message = DOCUMENT["components"]["messages"][detail_type]
    schema = message["payload"] | {"components": DOCUMENT["components"]}
    (example,) = message["examples"]
    Draft7Validator(schema).validate(example["payload"])
    assert not Draft7Validator(schema).is_valid(example["payload"] | {"detail": {}})


def test_each_event_has_a_folder() -> None:
    assert set(EventType) == set(DETAIL_TYPES)


def test_each_event_has_a_sender() -> None:
    assert all(event.senders for event in catalogue.events())


def test_only_order_tracking_gets_task_tokens() -> None:
    (waiting,) = (event for event in catalogue.events() if "TaskToken" in str(event.schema))
    assert waiting.detail_type == EventType.WAITING
    assert EventType.WAITING.consumers == ("order_tracking",)


def test_a_sender_has_a_policy_for_the_event(resources: dict[str, Any]) -> None:
    assert ("storefront", "OrderCreated") in catalogue.list_sent(resources)
    (policy,) = resources["StorefrontRole"]["Properties"]["Policies"]
    (statement,) = (
        statement
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "events:PutEvents"
    )
    statement["Condition"]["ForAllValues:StringEquals"]["events:detail-type"] = ["OrderDeleted"]
    assert ("storefront", "OrderCreated") not in catalogue.list_sent(resources)
    del statement["Condition"]
    with pytest.raises(ValueError, match="Storefront may send every event"):
        list(catalogue.list_sent(resources))
