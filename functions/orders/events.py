"""The events on the bus: as the consumers get them from their queues, and as ours are sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orders.model import is_order_id, iso

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient

SOURCE = "ok.serverlessworkshop"


def read(text: str) -> Any:
    """As json.loads, for what anybody may have sent: numbers may be of any length.

    Python reads integers of up to 4,300 digits. A longer one, which is in no field that an order is
    made of, becomes None.
    """
    return json.loads(text, parse_int=_integer)


def _integer(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None


class BusRefused(Exception):
    """EventBridge did not take the event."""


def publish(
    bus: EventBridgeClient,
    bus_name: str,
    detail_type: str,
    detail: Mapping[str, Any],
    resources: Sequence[str] = (),
) -> None:
    """Send an event. Raises BusRefused."""
    answer = bus.put_events(
        Entries=[
            {
                "EventBusName": bus_name,
                "Source": SOURCE,
                "DetailType": detail_type,
                "Detail": json.dumps(detail),
                "Resources": resources,
            }
        ]
    )
    if answer["FailedEntryCount"]:
        code = answer["Entries"][0].get("ErrorCode")
        raise BusRefused(f"The bus refused {detail_type.rpartition('.')[2]}: {code}")


def text(value: object) -> str | None:
    """``value`` if it is a text that is not blank, else None.

    An invalid order is announced with what it held, of whatever type. Unpaired surrogates,
    which JSON can hold and no AWS service takes, become question marks.
    """
    if not isinstance(value, str) or not value.strip():
        return None
    return value.encode(errors="replace").decode()


@dataclass(frozen=True)
class OrderEvent:
    """An EventBridge event about an order.

    ``said_at`` is the event's time, to the second, as orders keep times.

    ``execution`` is the ARN of the workflow execution that sent it, None for events of the order
    service. The workflow puts it into the event's resources, and Step Functions adds it once more,
    which not every emulator does:
    https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
    """

    id: str
    detail_type: str
    detail: Mapping[str, Any]
    said_at: str
    execution: str | None

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> OrderEvent:
        """Raises KeyError or ValueError if ``event`` is no EventBridge event."""
        executions = (arn for arn in event["resources"] if ":execution:" in arn)
        said_at = iso(datetime.fromisoformat(event["time"]))
        detail_type, detail = event["detail-type"], event["detail"]
        return cls(event["id"], detail_type, detail, said_at, next(executions, None))

    @property
    def order_id(self) -> str | None:
        """The id that the order is kept under; None if the event has none that could be."""
        value = self.detail.get("orderId")
        return value if is_order_id(value) else None

    def text(self, field: str) -> str | None:
        """A field of the detail as ``text`` reads it."""
        return text(self.detail.get(field))
