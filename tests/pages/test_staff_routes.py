"""Nobody but staff gets anything from the staff's routes."""

import json
from collections.abc import Callable

import pytest
import requests

from barista_callback.api import app as staff
from tests.e2e.orders import Order
from tests.e2e.shop import Shop
from tests.pages.provider import CUSTOMER, Provider

SIGN_IN = "/session"
STAFF_ROUTES = [
    (method.upper(), path.format(orderId="1"))
    for path, methods in json.loads(staff.get_openapi_json_schema())["paths"].items()
    if path != SIGN_IN
    for method in methods
]

TOKENS: dict[str, tuple[Callable[[Provider], str | None], int]] = {
    "none": (lambda _: None, 401),
    "nonsense": (lambda _: "nonsense", 401),
    "expired": (lambda provider: provider.token("Julia", minutes=-5), 401),
    "another issuer": (lambda provider: provider.token("Julia", iss="http://127.0.0.1:1"), 401),
    "another client": (lambda provider: provider.token("Julia", aud="somebody"), 401),
    "another key": (lambda provider: provider.forged("Julia"), 401),
    "no signature": (lambda provider: provider.unsigned("Julia"), 401),
    "a customer": (lambda provider: provider.token(CUSTOMER), 403),
}


@pytest.mark.parametrize(("method", "path"), STAFF_ROUTES)
@pytest.mark.parametrize("whose", TOKENS)
def test_a_staff_route_is_closed(
    shop: Shop, provider: Provider, method: str, path: str, whose: str
) -> None:
    make, status = TOKENS[whose]
    answer = ask(shop, method, path, make(provider))
    assert answer.status_code == status, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize(("method", "path"), STAFF_ROUTES)
def test_a_staff_route_is_open_to_a_barista(
    shop: Shop, provider: Provider, method: str, path: str
) -> None:
    answer = ask(shop, method, path, provider.token("Julia"))
    assert answer.status_code in (200, 404, 422), answer.text


def test_a_cookie_of_another_pages_request_does_not_count(shop: Shop, provider: Provider) -> None:
    cookie = {"Cookie": f"staff={provider.token('Julia')}"}
    url = f"{shop.outputs['ApiUrl']}/store"
    for site in ("cross-site", "same-site", "none", ""):
        answer = requests.get(url, headers=cookie | {"Sec-Fetch-Site": site}, timeout=20)
        assert answer.status_code == 401, site
    answer = requests.get(url, headers=cookie | {"Sec-Fetch-Site": "same-origin"}, timeout=20)
    assert answer.status_code == 200, answer.text


def test_who_clicks_is_who_signed_in(shop: Shop, provider: Provider) -> None:
    order = Order()
    shop.prepare(order)
    answer = requests.post(
        f"{shop.outputs['ApiUrl']}/orders/{order.order_id}/complete",
        json={"baristaId": "Mallory"},
        headers={"Authorization": f"Bearer {provider.token('Marco')}"},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    assert shop.reaches(order, "ready for pickup")["baristaId"] == "Marco"


def ask(shop: Shop, method: str, path: str, token: str | None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = shop.outputs["ApiUrl"] + path
    return requests.request(method, url, json={}, headers=headers, timeout=20)
