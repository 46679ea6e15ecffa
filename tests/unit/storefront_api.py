"""The storefront, called as API Gateway calls it, and a customer's key."""

import json
from hashlib import sha256
from typing import Any

from storefront.handler import handler
from tests.unit.api_gateway import Texts, request_event
from tests.unit.events import SECRET, Context

KEY = "AAECAwQFBgcICQoLDA0ODw"
ID = f"web-{sha256(KEY.encode()).hexdigest()[:24]}"
ADA = {"name": "Ada", "drink": "Flat white"}


def ask(
    method: str, path: str, body: object = None, headers: Texts | None = None
) -> dict[str, Any]:
    sent = {"Order-Key": KEY, "Content-Type": "application/json"} if headers is None else headers
    event = request_event(method, path, body, sent)
    answer: dict[str, Any] = handler(event, Context())
    assert SECRET not in json.dumps(answer)
    return answer
