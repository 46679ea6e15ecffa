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
        self.put(SOURCE, event_type, detail, Resources=resources)

    def put(self, source: str, detail_type: str, detail: Mapping[str, Any], **more: Any) -> None:
        """Send any event, with more fields of the API's entry. Raises BusRefused.

        https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
        """
        # In ASCII, a text could become too long for an execution's input. Only unpaired surrogates,
        # which UTF-8 can't hold, become escapes, which JSON has as well.
        text = json.dumps(detail, ensure_ascii=False).encode(errors="backslashreplace").decode()
        entry: Any = {"EventBusName": self.name, "Source": source, "DetailType": detail_type}
        answer = self.client.put_events(Entries=[entry | {"Detail": text} | more])
        if answer["FailedEntryCount"]:
            code = answer["Entries"][0].get("ErrorCode", "without a reason")
            raise BusRefused(f"The bus refused {detail_type.rpartition('.')[2]}: {code}")
