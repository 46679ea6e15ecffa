"""The Lambda Runtime API of one sandbox, on a loopback port of its own.

The function's runtime client fetches invocations from it and posts their results to it. What it
says arrives as events in a queue, so that one reader decides what follows, without locks.
Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
"""

import queue
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Event as Flag
from threading import Thread
from typing import Any, override

_NEXT = "/2018-06-01/runtime/invocation/next"
_INIT_ERROR = "/2018-06-01/runtime/init/error"
_RESULT = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


@dataclass(frozen=True)
class Invocation:
    """What the runtime is handed for one invocation; the deadline is in ms since the epoch."""

    request_id: str
    function_arn: str
    trace_id: str
    payload: bytes
    deadline_ms: int


@dataclass(frozen=True)
class Ready:
    """The runtime asked for an invocation: it is initialized, or done with the last one."""


@dataclass(frozen=True)
class Answered:
    """The runtime posted an invocation's result, or the error its handler raised."""

    request_id: str
    payload: bytes
    is_error: bool


@dataclass(frozen=True)
class InitFailed:
    """The runtime could not load the handler; the payload is the error as the caller sees it."""

    payload: bytes


@dataclass(frozen=True)
class Exited:
    """The runtime's process is gone; a negative status is the signal that ended it."""

    status: int


type Event = Ready | Answered | InitFailed | Exited


class RuntimeApi(ThreadingTCPServer):
    """Serves one sandbox until it is closed.

    Not an `HTTPServer`, because that one looks up its own host name when it binds, which can take
    seconds without a name server.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, events: queue.SimpleQueue[Event]) -> None:
        """Listen on a free port and report to `events`."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events = events
        self.invocations: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._closed = Flag()
        self._thread = Thread(target=self._serve, name="lambda-runtime-api", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """The value of `AWS_LAMBDA_RUNTIME_API`, HOST:PORT."""
        host, port = self.socket.getsockname()
        return f"{host}:{port}"

    def _serve(self) -> None:
        # Not serve_forever: it polls, and closing it takes as long as a poll.
        while not self._closed.is_set():
            self.handle_request()

    def close(self) -> None:
        """Stop listening and release a runtime that waits for its next invocation."""
        self._closed.set()
        self.invocations.put(None)
        with suppress(OSError), socket.create_connection(self.socket.getsockname(), timeout=1):
            pass  # wakes the accepting thread
        self._thread.join(timeout=1)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"
    # Headers and body leave as one packet, or the runtime waits 40 ms for a delayed ACK.
    wbufsize = -1
    disable_nagle_algorithm = True

    @override
    def parse_request(self) -> bool:
        """Refuse what a web page sends: it could read a function's input, and answer for it.

        A page reaches this port through a name of its own (DNS rebinding), or by its number; a
        browser says that it was a page in Sec-Fetch-Site. The runtime client has no such header.
        """
        if not super().parse_request():
            return False
        by_number = self.headers.get_all("Host") == [self.server.address]
        if by_number and "Sec-Fetch-Site" not in self.headers:
            return True
        self._answer(HTTPStatus.FORBIDDEN)
        self.close_connection = True
        return False

    def do_GET(self) -> None:
        if self.path != _NEXT:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        self.server.events.put(Ready())
        invocation = self.server.invocations.get()
        if invocation is None:
            self.close_connection = True
            return
        self.send_response(HTTPStatus.OK)
        for name, value in (
            ("Lambda-Runtime-Aws-Request-Id", invocation.request_id),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.function_arn),
            ("Lambda-Runtime-Trace-Id", invocation.trace_id),
            ("Lambda-Runtime-Deadline-Ms", str(invocation.deadline_ms)),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(invocation.payload))),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(invocation.payload)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == _INIT_ERROR:
            self.server.events.put(InitFailed(body))
        elif match := _RESULT.fullmatch(self.path):
            self.server.events.put(Answered(match[1], body, match[2] == "error"))
        else:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}')

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the base class would print every request to LocalStack's output."""
