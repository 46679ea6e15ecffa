"""HTTP requests as API Gateway hands them to a function."""

import json
from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

type Texts = Mapping[str, str]
NONE: Texts = MappingProxyType({})


def request_event(
    method: str,
    path: str,
    body: object = None,
    headers: Texts = NONE,
    query: Texts = NONE,
    context: Texts = NONE,
) -> dict[str, Any]:
    """The event of a request. A body that is bytes is handed on as base64."""
    if isinstance(body, bytes):
        text: str | None = b64encode(body).decode()
    else:
        text = body if body is None or isinstance(body, str) else json.dumps(body)
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": {name: [query[name]] for name in query} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "path": f"/v1{path}",
            "stage": "v1",
            "apiId": "abc123",
            "domainName": "shop.example",
            "requestId": "1",
        }
        | dict(context),
        "body": text,
        "isBase64Encoded": isinstance(body, bytes),
    }
