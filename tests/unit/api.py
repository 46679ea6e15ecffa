"""The HTTP API as API Gateway calls it."""

import json
from typing import Any
from urllib.parse import quote

from aws.order_table import OrderTable
from barista_callback.handler import handler
from orders.model import TaskToken
from tests.unit.api_gateway import NONE, Texts, request_event
from tests.unit.events import NOW, ORDER_ID, RECEIVED_AT, RUN, SECRET, TOKEN, Context
from tests.unit.tables import Tables

JULIA = {"baristaId": "Julia"}
CLICKS = [
    ("complete", JULIA),
    ("decline", JULIA | {"reason": "no milk"}),
    ("heartbeat", JULIA),
]
type Answer = tuple[int, dict[str, Any]]


def ask(
    method: str,
    path: str,
    headers: Texts = NONE,
    body: object = None,
    context: Texts = NONE,
    query: Texts = NONE,
) -> dict[str, Any]:
    """The whole answer, with its headers."""
    sent = {"Content-Type": "application/json", **headers}
    event = request_event(method, path, body, sent, query, context)
    answer: dict[str, Any] = handler(event, Context())
    assert SECRET not in json.dumps(answer)
    return answer


def request(
    method: str,
    path: str,
    body: Any = None,
    query: Texts = NONE,
    content_type: str = "application/json",
) -> Answer:
    answer = ask(method, path, {"Content-Type": content_type}, body, query=query)
    return answer["statusCode"], json.loads(answer["body"])


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
