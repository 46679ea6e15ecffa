"""How an order and a decision about it are kept as an item of the order table."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from orders.model import (
    Barista,
    Cancel,
    Complete,
    Decided,
    Decision,
    Decline,
    Fail,
    Order,
    Status,
    TaskToken,
    attributes,
)


def read_order(item: Mapping[str, Any]) -> Order | None:
    """None for an item that is no order yet: a cancellation that came before it."""
    if "status" not in item:
        return None
    return Order(
        order_id=item["orderId"],
        status=Status(item["status"]),
        decision=_read_decision(item["decision"]) if "decision" in item else None,
        decided=_read_decided(item.get("decision") or item.get("decided")),
        task_token=TaskToken(item["taskToken"]) if "taskToken" in item else None,
        **{field: _read_value(item.get(name)) for field, name in attributes().items()},
    )


def assign(values: dict[str, str | None]) -> tuple[dict[str, str], str]:
    """The known values of some fields of Order, and the assignments that set them."""
    known = {f":{field}": value for field, value in values.items() if value is not None}
    names = attributes()
    return known, "".join(f", #{names[field[1:]]} = {field}" for field in known)


def write_decision(decision: Decision) -> dict[str, str]:
    """The attributes that keep a decision."""
    item = {"kind": decision.kind}
    if isinstance(decision, Complete | Decline):
        item |= {"baristaId": decision.barista.id, "name": decision.barista.name}
    if isinstance(decision, Decline):
        item |= {"reason": decision.reason}
    return item


def _read_value(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) else value


def _read_decision(item: Mapping[str, str]) -> Decision:
    match item["kind"]:
        case "complete":
            return Complete(Barista(item["baristaId"], item["name"]))
        case "decline":
            return Decline(Barista(item["baristaId"], item["name"]), item["reason"])
        case "cancel":
            return Cancel()
        case "fail":
            return Fail()
        case kind:
            raise ValueError(f"No such decision: {kind}")


def _read_decided(item: Mapping[str, str] | None) -> Decided | None:
    """None where nobody decided: an order that ended that way has an empty item."""
    if not item:
        return None
    return Decided(item["kind"], item.get("at"), item.get("name"), item.get("reason"))


def read_only(*attributes: str) -> dict[str, Any]:
    """The parameters of a read that returns these attributes."""
    names = {f"#{name}": name for name in attributes}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
