"""EventBridge as the functions and the commands see it."""

import json
from typing import Any


class FakeEventBus:
    """Keeps the entries that it is given, or refuses them with the code ``error``."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.error: str | None = None

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 (AWS's)
        if self.error:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": self.error}]}
        self.entries += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    def types(self) -> list[str]:
        return [entry["DetailType"] for entry in self.entries]

    def details(self) -> list[dict[str, Any]]:
        return [json.loads(entry["Detail"]) for entry in self.entries]
