"""EventBridge as the functions and the commands see it."""

import json
from typing import Any

from orders.events import EventType
from tests.unit.events import make_event
from tests.unit.tables import BUS


class FakeEventBus:
    """Keeps the entries that it is given, or refuses them with the code ``error``.

    ``preparing`` has what is said of each order that comes to the counter, and nothing else has it.
    """

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.preparing: list[dict[str, Any]] = []
        self.error: str | None = None

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (AWS's)
        if self.error:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": self.error}]}
        for entry in Entries:
            told = entry["DetailType"] == EventType.IN_PREPARATION
            (self.preparing if told else self.entries).append(entry)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    def received(self) -> list[dict[str, Any]]:
        """The events that the bus would deliver of the entries since the last call."""
        entries, self.entries = self.entries, []
        assert {entry["EventBusName"] for entry in entries} <= {BUS}
        return [
            make_event(entry["DetailType"])
            | {"source": entry["Source"], "resources": entry.get("Resources", [])}
            | {"detail": json.loads(entry["Detail"])}
            for entry in entries
        ]

    def types(self) -> list[str]:
        return [entry["DetailType"] for entry in self.entries]

    def details(self) -> list[dict[str, Any]]:
        return [json.loads(entry["Detail"]) for entry in self.entries]
