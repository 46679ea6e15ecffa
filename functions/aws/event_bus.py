"""The bus that events are sent to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orders.events import SOURCE, EventType

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient


class BusRefused(Exception):
    """EventBridge did not take the event."""


@dataclass(frozen=True)
class EventBus:
    """The bus that events are sent to."""

    client: EventBridgeClient
    name: str

    def publish(
        self, event_type: EventType, detail: Mapping[str, Any], resources: Sequence[str] = ()
    ) -> None:
        """Send an event. Raises BusRefused."""
        answer = self.client.put_events(
            Entries=[
                {
                    "EventBusName": self.name,
                    "Source": SOURCE,
                    "DetailType": event_type,
                    "Detail": json.dumps(detail),
                    "Resources": resources,
                }
            ]
        )
        if answer["FailedEntryCount"]:
            code = answer["Entries"][0].get("ErrorCode")
            raise BusRefused(f"The bus refused {event_type.rpartition('.')[2]}: {code}")
