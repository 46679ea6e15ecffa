"""The storefront, called as API Gateway calls it, and a customer's key."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from storefront.handler import handler
from tests.unit.events import SECRET, Context

KEY = "AAECAwQFBgcICQoLDA0ODw"
ID = f"web-{sha256(KEY.encode()).hexdigest()[:24]}"
ADA = {"name": "Ada", "drink": "Flat white"}


def ask(
    method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    sent = {"Order-Key": KEY, "Content-Type": "application/json"} if headers is None else headers
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(sent),
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "httpMethod": method,
            "path": f"/v1{path}",
            "stage": "v1",
            "requestId": "1",
        },
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
    answer: dict[str, Any] = handler(event, Context())
    assert SECRET not in json.dumps(answer)
    return answer
