"""Who reaches the Runtime API of a sandbox: its function, and no web page."""

import queue
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from embedded_localstack.functions.runtime_api import Answered, Event, RuntimeApi

ERROR = "POST /2018-06-01/runtime/invocation/1/error"


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    with closing(RuntimeApi(queue.SimpleQueue[Event]())) as api:
        yield api


def ask(api: RuntimeApi, *headers: str) -> int:
    """Post an error in the function's name; return the answer's status."""
    lines = [f"{ERROR} HTTP/1.1", *headers, "Content-Length: 2", "Connection: close", "", "{}"]
    host, port = api.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).replace("ADDRESS", api.address).encode())
        with connection.makefile() as answer:
            return int(answer.readline().split()[1])


def test_the_function_answers(api: RuntimeApi) -> None:
    assert ask(api, "Host: ADDRESS") == 202
    assert api.events.get_nowait() == Answered("1", b"{}", is_error=True)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("Host:",),
        ("Host: 127.0.0.1",),
        ("Host: rebound.example.com",),
        ("Host: ADDRESS", "Host: rebound.example.com"),
        *(
            ("Host: ADDRESS", f"Sec-Fetch-Site: {site}")
            for site in ("cross-site", "same-site", "same-origin", "none")
        ),
    ],
    ids=", ".join,
)
def test_a_web_page_does_not(api: RuntimeApi, headers: tuple[str, ...]) -> None:
    assert ask(api, *headers) == 403
    assert api.events.empty()
