"""What the embedded LocalStack has recorded: which role called what, on what, and how."""

import os
from dataclasses import dataclass
from typing import Any

import requests

from harness.aws import ON_AWS


@dataclass(frozen=True)
class Call:
    role: str
    action: str
    resource: str | None
    context: frozenset[tuple[str, frozenset[str]]]

    def values(self, key: str) -> frozenset[str]:
        """What a condition key has in this call; empty if the call doesn't have it."""
        return dict(self.context).get(key, frozenset())


def record_calls() -> None:
    """Start recording; a LocalStack without the recorder has nothing to record with."""
    if not ON_AWS:
        requests.put(_url(), json={"recording": True}, timeout=10)


def recorded_calls() -> set[Call] | None:
    """All calls made with a role's credentials so far; None without a recorder."""
    if ON_AWS:
        return None
    answer = requests.get(_url(), timeout=10)
    if answer.status_code == requests.codes.not_found:
        return None
    calls: list[dict[str, Any]] = answer.json()["calls"]
    return {
        Call(
            call["role"],
            call["action"],
            call["resource"],
            frozenset((key, frozenset(values)) for key, values in call["context"].items()),
        )
        for call in calls
    }


def _url() -> str:
    return f"{os.environ['AWS_ENDPOINT_URL']}/_embedded/calls"
