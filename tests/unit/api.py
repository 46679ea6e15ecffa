"""The HTTP API as API Gateway calls it."""

import json
from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from barista_callback.handler import handler
from orders.model import TaskToken
from orders.order_table import OrderTable
from tests.unit.events import NOW, ORDER_ID, RECEIVED_AT, RUN, SECRET, TOKEN, Context
from tests.unit.tables import Tables

JULIA = {"baristaId": "Julia"}
CLICKS = [
    ("complete", JULIA),
    ("decline", JULIA | {"reason": "no milk"}),
    ("heartbeat", JULIA),
]
type Answer = tuple[int, dict[str, Any]]


def request(
    method: str,
    path: str,
    body: Any = None,
    query: Mapping[str, str] = MappingProxyType({}),
    content_type: str = "application/json",
) -> Answer:
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": content_type},
        "multiValueHeaders": {"Content-Type": [content_type]},
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": {name: [query[name]] for name in query} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"httpMethod": method, "path": path, "stage": "v1", "requestId": "1"},
        "body": _text(body),
        "isBase64Encoded": isinstance(body, bytes),
    }
    answer: dict[str, Any] = handler(event, Context())
    assert SECRET not in json.dumps(answer)
    return answer["statusCode"], json.loads(answer["body"])


def _text(body: Any) -> str | None:
    """The body as API Gateway hands it on: what is not UTF-8 comes as base64."""
    if isinstance(body, bytes):
        return b64encode(body).decode()
    return body if body is None or isinstance(body, str) else json.dumps(body)


def look(order_id: str = ORDER_ID) -> Answer:
    return request("GET", f"/orders/{quote(order_id, safe='')}")


def click(action: str, body: Any, order_id: str = ORDER_ID) -> Answer:
    return request("POST", f"/orders/{quote(order_id, safe='')}/{action}", body)


def refused(status_code: int, message: str) -> Answer:
    return status_code, {"message": message}


def prepare(
    tables: Tables, order_table: OrderTable, order_id: str = ORDER_ID, at: str = RECEIVED_AT
) -> None:
    tables.claim(order_id, at=at)
    assert order_table.start_preparation(order_id, RUN, TaskToken(TOKEN), 0, NOW)
