"""What both APIs do with every request, whatever its route."""

import json
from typing import Any

import pytest

import barista_callback.handler
import storefront.handler
from tests.unit.api_gateway import request_event
from tests.unit.events import ORDER_ID, Context
from tests.unit.openid_provider import OWN_PAGE, bearer, token
from tests.unit.storefront_api import ADA, KEY

BARISTA, CUSTOMER = barista_callback.handler.handler, storefront.handler.handler
BODY_LIMIT = 64 * 1024

pytestmark = pytest.mark.usefixtures("tables")


def headers_of(answer: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, (value,) in answer["multiValueHeaders"].items()}


@pytest.mark.parametrize(
    ("handler", "method", "path", "body", "content_type", "status"),
    [
        (BARISTA, "GET", "/store", None, "", 200),
        (BARISTA, "GET", "/orders/17", None, "", 404),
        (BARISTA, "GET", "/no/route", None, "", 404),
        (BARISTA, "POST", "/orders/17/complete", {}, "", 422),
        (BARISTA, "POST", "/orders/17/complete", "{", "", 422),
        (BARISTA, "POST", "/orders/17/complete", "{}", "text/plain", 415),
        (CUSTOMER, "GET", "/menu", None, "", 200),
        (CUSTOMER, "GET", "/my-order", None, "", 404),
        (CUSTOMER, "PUT", "/my-order", {}, "", 422),
        (CUSTOMER, "PUT", "/my-order", "x" * (BODY_LIMIT + 1), "", 413),
    ],
)
def test_an_answer_is_for_one_person_and_no_web_page(
    handler: Any, method: str, path: str, body: object, content_type: str, status: int
) -> None:
    event = request_event(method, path, body, {"Order-Key": KEY, "Content-Type": content_type})
    answer = handler(event, Context())
    assert answer["statusCode"] == status
    assert headers_of(answer) == {
        "Content-Type": "application/json",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


@pytest.mark.parametrize("path", ["/order", "/counter", "/pages/order.js", "/pages/none", "/menu"])
def test_head_is_answered_as_get_without_the_body(path: str) -> None:
    answers = [CUSTOMER(request_event(method, path), Context()) for method in ("GET", "HEAD")]
    assert answers[0]["body"]
    assert answers[1] == answers[0] | {"body": ""}


def test_a_page_is_for_everybody() -> None:
    answer = CUSTOMER(request_event("GET", "/order"), Context())
    assert headers_of(answer)["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "body",
    [
        "x" * (BODY_LIMIT + 1),
        b"x" * BODY_LIMIT,  # Longer as base64.
        json.dumps(ADA | {"more": "x" * 5_900_000}),
        "[" * 5_900_000,
    ],
    ids=["a character too many", "bytes", "JSON", "brackets"],
)
def test_a_body_that_is_too_long_is_not_read(body: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr("http_api.web.json.loads", read)
    for handler, method, path in (
        (CUSTOMER, "PUT", "/my-order"),
        (BARISTA, "POST", f"/orders/{ORDER_ID}/complete"),
    ):
        event = request_event(method, path, body, {"Order-Key": KEY})
        assert handler(event, Context())["statusCode"] == 413


def test_a_body_of_the_longest_is_read() -> None:
    body = json.dumps(ADA | {"more": ""})
    longest = body.replace('""', f'"{"x" * (BODY_LIMIT - len(body))}"')
    assert len(longest) == BODY_LIMIT
    event = request_event("PUT", "/my-order", longest, {"Order-Key": "short"})
    assert CUSTOMER(event, Context())["statusCode"] == 422


# --- A custom domain, whose base path the function gets in front of the path ---------------------


def mapped(base_path: str, event: dict[str, Any], resource: str) -> dict[str, Any]:
    path = base_path + event["path"]
    context = event["requestContext"] | {"path": path}
    return event | {"path": path, "resource": resource, "requestContext": context}


@pytest.mark.parametrize("base_path", ["", "/coffee", "/shops/coffee", "/session", "/orders"])
def test_a_base_path_leads_to_the_same_routes(base_path: str, waiting: str) -> None:
    order = request_event("GET", f"/orders/{waiting}")
    answer = BARISTA(mapped(base_path, order, "/orders/{orderId}"), Context())
    assert (answer["statusCode"], json.loads(answer["body"])["orderId"]) == (200, waiting)
    odd = request_event("GET", "/orders/a%2Fb")
    answer = BARISTA(mapped(base_path, odd, "/orders/{orderId}"), Context())
    assert json.loads(answer["body"])["message"].startswith("There is no order a/b.")
    page = CUSTOMER(mapped(base_path, request_event("GET", "/order/"), "/order"), Context())
    assert page["statusCode"] == 200


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize("base_path", ["", "/coffee", "/session"])
def test_a_base_path_opens_the_sign_in_and_nothing_else(base_path: str) -> None:
    session = mapped(base_path, request_event("GET", "/session"), "/session")
    told = json.loads(BARISTA(session, Context())["body"])
    assert "authorizationEndpoint" in told
    out = mapped(base_path, request_event("DELETE", "/session", None, OWN_PAGE), "/session")
    assert BARISTA(out, Context())["statusCode"] == 204
    store = mapped(base_path, request_event("GET", "/store"), "/store")
    assert BARISTA(store, Context())["statusCode"] == 401
    store = mapped(base_path, request_event("GET", "/store", None, bearer(token())), "/store")
    assert BARISTA(store, Context())["statusCode"] == 200
