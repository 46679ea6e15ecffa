"""The client of Lambda's Runtime API that awslambdaric lacks where the system is not Linux.

Its own, an extension module of this name, is built on Linux only (awslambdaric's setup.py).
Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
"""

import os
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from typing import Any

_INVOCATION = "/2018-06-01/runtime/invocation"

_connection = HTTPConnection(os.environ.get("AWS_LAMBDA_RUNTIME_API", ""))


def initialize_client(_user_agent: str) -> None:
    """Do nothing: the Runtime API of local/ does not ask who the client is."""


def next() -> tuple[bytes, dict[str, Any]]:
    """Wait for an invocation: its event, and its headers. Raises RuntimeError or OSError."""
    response, body = _ask("GET", f"{_INVOCATION}/next")
    headers: dict[str, Any] = dict(response.getheaders())
    headers["Lambda-Runtime-Deadline-Ms"] = int(headers["Lambda-Runtime-Deadline-Ms"])
    return body, headers


def post_invocation_result(request_id: str, result: bytes, content_type: str) -> None:
    """Answer an invocation. Raises RuntimeError or OSError."""
    headers = {"Content-Type": content_type}
    _ask("POST", f"{_INVOCATION}/{request_id}/response", result, headers)


def post_error(request_id: str, error: str, _xray_cause: str) -> None:
    """Answer that an invocation failed. Raises RuntimeError or OSError."""
    headers = {"Content-Type": "application/json"}
    _ask("POST", f"{_INVOCATION}/{request_id}/error", error.encode(), headers)


def _ask(
    method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[HTTPResponse, bytes]:
    _connection.request(method, path, body, headers or {})
    response = _connection.getresponse()
    answer = response.read()
    if not HTTPStatus(response.status).is_success:
        raise RuntimeError(f"{method} {path}: {response.status} {answer.decode()}")
    return response, answer
