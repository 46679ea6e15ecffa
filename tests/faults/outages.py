"""AWS calls that fail, by the switch of local/embedded_localstack/faults.py."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import requests

type Fault = dict[str, object]

URL = f"{os.environ.get('AWS_ENDPOINT_URL')}/_embedded/faults"


def error(service: str, code: str, status: int, operation: str = "*", **more: float | str) -> Fault:
    called = {"service": service, "operation": operation}
    return called | {"kind": "error", "code": code, "status": status} | more


@contextmanager
def failing(*faults: Fault) -> Iterator[None]:
    """Have the system's calls fail for as long as the block lasts."""
    answer = requests.put(URL, json=faults, timeout=10)
    assert answer.ok, answer.text
    try:
        yield
    finally:
        requests.delete(URL, timeout=10)


def failed() -> int:
    """How many calls have failed since the faults were set."""
    return sum(fault["failed"] for fault in requests.get(URL, timeout=10).json())
