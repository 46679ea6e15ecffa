"""Calls that fail and functions that are killed: see local/embedded_localstack/faults.py."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import requests

type Fault = dict[str, object]

URL = f"{os.environ.get('AWS_ENDPOINT_URL')}/_embedded/faults"


def error(service: str, code: str, status: int, operation: str = "*", **more: float | str) -> Fault:
    called = {"service": service, "operation": operation}
    return called | {"kind": "error", "code": code, "status": status} | more


def possible() -> bool:
    """Whether this emulator can do that."""
    return requests.get(URL, timeout=60).ok


def turn_on(*faults: Fault) -> None:
    answer = requests.put(URL, json=faults, timeout=10)
    assert answer.ok, answer.text


def turn_off() -> None:
    requests.delete(URL, timeout=10).raise_for_status()


@contextmanager
def failing(*faults: Fault) -> Iterator[None]:
    """Have the system's calls fail for as long as the block lasts."""
    turn_on(*faults)
    try:
        yield
    finally:
        turn_off()


def failed() -> int:
    """How many calls have failed, or killed their function, since the faults were set."""
    return sum(fault["failed"] for fault in requests.get(URL, timeout=10).json())
