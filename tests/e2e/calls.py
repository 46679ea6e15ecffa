"""What the embedded LocalStack has recorded: which role called which action on which resource."""

import os
from dataclasses import dataclass
from typing import Any

import requests


@dataclass(frozen=True)
class Call:
    role: str
    action: str
    resource: str | None


def record_calls() -> None:
    """Start recording; a LocalStack without the recorder has nothing to record with."""
    requests.put(_url(), json={"recording": True}, timeout=10)


def recorded_calls() -> set[Call] | None:
    """All calls made with a role's credentials so far; None without a recorder."""
    answer = requests.get(_url(), timeout=10)
    if answer.status_code == requests.codes.not_found:
        return None
    calls: list[dict[str, Any]] = answer.json()["calls"]
    return {Call(call["role"], call["action"], call["resource"]) for call in calls}


def _url() -> str:
    return f"{os.environ['AWS_ENDPOINT_URL']}/_embedded/calls"
