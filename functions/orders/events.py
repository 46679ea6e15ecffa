"""The events on the bus: the catalogue of them, and how they are read and sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from orders.model import BLANKS, Status, is_order_id, iso

SOURCE = "ok.serverlessworkshop"
# The prefix that the order service may give the detail-types of its events.
OF_THE_ORDER_SERVICE = "OrderManagementService."

# The consumers of the event of an order's end.
_OF_AN_END = ("customer_notification", "order_tracking")


class EventType(StrEnum):
    """Every event by its detail-type.

    ``status`` is the state that an order gets, None where the event only asks for something.
    ``consumers`` are those that the rules of template.yaml deliver the event to. Each event has a
    folder in ``events/``.
    """

    status: Status | None
    consumers: tuple[str, ...]

    def __new__(cls, detail_type: str, status: Status | None = None, *consumers: str) -> Self:
        """A member is the string of its detail-type."""
        member = str.__new__(cls, detail_type)
        member._value_ = detail_type
        member.status, member.consumers = status, consumers
        return member

    ORDER_CREATED = "OrderCreated", None, "the workflow"
    ORDER_DELETED = "OrderDeleted", None, "order_cancellation"
    # The first has the task token; the second follows once that is kept.
    WAITING = "OrderProcessor.WaitingCompletion", Status.IN_PREPARATION, "order_tracking"
    IN_PREPARATION = (
        "OrderProcessor.OrderInPreparation",
        Status.IN_PREPARATION,
        "customer_notification",
    )
    COMPLETED = "OrderProcessor.OrderCompleted", Status.READY, *_OF_AN_END
    REJECTED = "OrderProcessor.OrderRejected", Status.REJECTED, *_OF_AN_END
    TIMED_OUT = "OrderProcessor.OrderTimedOut", Status.TIMED_OUT, *_OF_AN_END
    CANCELED = "OrderProcessor.OrderCanceled", Status.CANCELED, *_OF_AN_END
    FAILED = "OrderProcessor.OrderFailed", Status.FAILED, *_OF_AN_END


def plain(detail_type: str) -> str:
    """A detail-type without that prefix."""
    return detail_type.removeprefix(OF_THE_ORDER_SERVICE)


def read_json(text: str) -> Any:
    """As json.loads, but an integer of more than 4,300 digits, Python's limit, becomes None.

    Anybody may send one; no field of an order is a number.
    """
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None


def read_string(value: object) -> str | None:
    """``value`` if it is a string that is not blank, else None.

    An invalid order is announced with what it held, of whatever type. Unpaired surrogates,
    which JSON can hold and no AWS service takes, become question marks.
    """
    if not isinstance(value, str) or not value.strip(BLANKS):
        return None
    return value.encode(errors="replace").decode()


class WrongConsumer(Exception):
    """The event is for others, and may hold a task token."""


@dataclass(frozen=True)
class OrderEvent:
    """An EventBridge event about an order.

    ``sent_at`` is the event's time, to the second, as orders keep times.

    ``execution`` is the ARN of the workflow execution that sent it, None for events of the order
    service. The workflow puts it into the event's resources, and Step Functions adds it once more,
    which not every emulator does:
    https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
    """

    id: str
    type: EventType
    detail: Mapping[str, Any]
    sent_at: str
    execution: str | None

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> OrderEvent:
        """Raises KeyError or ValueError if ``event`` is no event of the catalogue."""
        executions = (arn for arn in event["resources"] if ":execution:" in arn)
        sent_at = iso(datetime.fromisoformat(event["time"]))
        event_type = EventType(plain(event["detail-type"]))
        return cls(event["id"], event_type, event["detail"], sent_at, next(executions, None))

    @property
    def order_id(self) -> str | None:
        """The id that the order is kept under; None if the event has none that could be."""
        value = self.detail.get("orderId")
        return value if is_order_id(value) else None

    def require_execution(self) -> str:
        """The execution that sent the event. Raises ValueError if none did."""
        if self.execution is None:
            raise ValueError(f"No execution is named by {self.type}")
        return self.execution

    def require_consumer(self, name: str) -> None:
        """Raise WrongConsumer unless the catalogue names this consumer."""
        if name not in self.type.consumers:
            raise WrongConsumer(self.type)

    def string(self, field: str) -> str | None:
        """A field of the detail as ``read_string`` reads it."""
        return read_string(self.detail.get(field))
