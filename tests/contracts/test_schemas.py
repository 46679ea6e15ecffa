"""The events are what their schemas say."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.contracts.definitions import DETAIL_TYPES, example, schema

ORDER_FIELDS = ("orderId", "userId", "drink")
OF_ANY_TYPE = [None, 42, "", ["a", "list"], {"a": "map"}, False]


def is_valid(detail_type: str, detail: dict[str, Any]) -> bool:
    return bool(Draft202012Validator(schema(detail_type)).is_valid(detail))


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_a_schema_describes_every_field_and_its_example_is_a_whole_event(detail_type: str) -> None:
    Draft202012Validator.check_schema(schema(detail_type))
    assert schema(detail_type)["title"] == detail_type
    assert all(field["description"] for field in schema(detail_type)["properties"].values())
    event = example(detail_type)
    envelope = "version id detail-type source account time region resources detail"
    assert list(event) == envelope.split()
    assert event["detail-type"] == detail_type
    assert event["source"] == "ok.serverlessworkshop"
    Draft202012Validator(schema(detail_type)).validate(event["detail"])


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_no_field_may_be_missing(detail_type: str) -> None:
    detail = example(detail_type)["detail"]
    for field in detail:
        assert not is_valid(detail_type, {k: v for k, v in detail.items() if k != field})


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_only_the_order_service_may_add_fields(detail_type: str) -> None:
    detail = example(detail_type)["detail"] | {"milk": "oat"}
    assert is_valid(detail_type, detail) is (detail_type in {"OrderCreated", "OrderDeleted"})


@pytest.mark.parametrize("code", ["ERROR-100", "ERROR-101", "ERROR-103", "ERROR-104"])
@pytest.mark.parametrize("field", ORDER_FIELDS)
@pytest.mark.parametrize("value", OF_ANY_TYPE, ids=repr)
def test_only_an_invalid_order_is_rejected_with_whatever_it_held(
    code: str, field: str, value: Any
) -> None:
    detail = example("OrderProcessor.OrderRejected")["detail"] | {"code": code}
    assert is_valid("OrderProcessor.OrderRejected", detail)
    held = detail | {field: value}
    assert is_valid("OrderProcessor.OrderRejected", held) is (code == "ERROR-100")
