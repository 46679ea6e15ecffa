"""Sends events to an event bus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


class EventsRefused(Exception):
    """EventBridge did not take every event; the text says why, for each that it refused."""


def put_events(events: EventBridgeClient, bus_name: str, *entries: Mapping[str, Any]) -> None:
    """Send one to ten events. Raises EventsRefused.

    An entry has the fields of the API, but its ``Detail`` is an object, and the bus is added:
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
    """
    sent: Any = [
        {**entry, "EventBusName": bus_name, "Detail": json.dumps(entry["Detail"])}
        for entry in entries
    ]
    answer = events.put_events(Entries=sent)
    if answer["FailedEntryCount"]:
        codes = [entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry]
        raise EventsRefused(f"the bus refused it ({', '.join(codes)})")
