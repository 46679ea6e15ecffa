"""Orders, and the types of the events about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from harness.events import put_events
from harness.inbox import Message

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "ok.serverlessworkshop"
CREATED = "OrderCreated"
DELETED = "OrderDeleted"
WAITING = "OrderProcessor.WaitingCompletion"
IN_PREPARATION = "OrderProcessor.OrderInPreparation"
COMPLETED = "OrderProcessor.OrderCompleted"
REJECTED = "OrderProcessor.OrderRejected"
TIMED_OUT = "OrderProcessor.OrderTimedOut"
CANCELED = "OrderProcessor.OrderCanceled"
FAILED = "OrderProcessor.OrderFailed"


@dataclass(frozen=True)
class Order:
    """An order. Each has an id and, unless one is given, a customer of its own."""

    drink: str = "Americano grande latte"
    user_id: str = field(default_factory=lambda: f"customer-{uuid4()}")
    order_id: str = field(default_factory=lambda: str(uuid4()))

    @property
    def detail(self) -> dict[str, str]:
        return {"orderId": self.order_id, "userId": self.user_id, "drink": self.drink}


def publish(
    events: EventBridgeClient, bus_name: str, *about: tuple[str, Mapping[str, object]]
) -> None:
    """Send one to ten events as the order service does, each a detail-type with its detail.

    Raises EventsRefused.
    """
    entries = [
        {"Source": SOURCE, "DetailType": detail_type, "Detail": detail}
        for detail_type, detail in about
    ]
    put_events(events, bus_name, *entries)


def attributes(message: Message) -> dict[str, str]:
    """The attributes of an SNS message."""
    return {name: value["Value"] for name, value in message["MessageAttributes"].items()}


def execution_of(event: Message) -> str:
    """The ARN of the execution that sent an event."""
    # Named by the workflow, and by Step Functions once more.
    (execution,) = {str(arn) for arn in event["resources"] if ":execution:" in arn}
    return execution


def is_about(event: Message, order: Order, detail_type: str) -> bool:
    about = event["detail"].get("orderId")  # An invalid order may have none.
    return bool(event["detail-type"] == detail_type and about == order.order_id)
