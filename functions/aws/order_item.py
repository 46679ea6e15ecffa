"""How an order and a decision about it are kept as an item of the order table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orders.model import (
    Barista,
    Cancel,
    Complete,
    Decided,
    Decision,
    Decline,
    Order,
    Status,
    TaskToken,
)

# Fields of Order, and the attributes that keep them. baristaId is the exercise's name for a name.
_TEXTS = {
    "user_id": "userId",
    "name": "name",
    "drink": "drink",
    "execution": "execution",
    "barista_name": "baristaId",
    "code": "code",
    "message": "message",
    "received_at": "receivedAt",
    "preparing_at": "preparingAt",
    "prolonged_at": "prolongedAt",
    "prolonged_by": "prolongedBy",
    "ended_at": "endedAt",
    "over_at": "overAt",
}


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
        **{field: item.get(name) for field, name in _TEXTS.items()},
    )


def assign_texts(texts: dict[str, str | None]) -> tuple[dict[str, str], str]:
    """The values of the fields of Order that are known, and the assignments that set them."""
    known = {f":{field}": text for field, text in texts.items() if text is not None}
    return known, "".join(f", {_TEXTS[name[1:]]} = {name}" for name in known)


def write_decision(decision: Decision) -> dict[str, str]:
    """The attributes that keep a decision."""
    match decision:
        case Complete(barista):
            return {"kind": "complete", "baristaId": barista.id, "name": barista.name}
        case Decline(barista, reason):
            who = {"baristaId": barista.id, "name": barista.name}
            return {"kind": "decline", "reason": reason} | who
        case Cancel():
            return {"kind": "cancel"}


def _read_decision(item: Mapping[str, str]) -> Decision:
    match item["kind"]:
        case "complete":
            return Complete(Barista(item["baristaId"], item["name"]))
        case "decline":
            return Decline(Barista(item["baristaId"], item["name"]), item["reason"])
        case "cancel":
            return Cancel()
        case kind:
            raise ValueError(f"No such decision: {kind}")


def _read_decided(item: Mapping[str, str] | None) -> Decided | None:
    """None where nobody decided: an order that ended that way has an empty item."""
    if not item:
        return None
    return Decided(item["kind"], item.get("at"), item.get("name"), item.get("reason"))
