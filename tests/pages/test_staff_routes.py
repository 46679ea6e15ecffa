"""Nobody but staff gets anything from the staff's routes."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
import requests

from barista_callback.api import app as staff
from harness.orders import Order
from harness.polling import until
from tests.e2e.shop import DeployedShop
from tests.pages.provider import CUSTOMER, FakeOpenIdProvider

SIGN_IN = "/session"
STAFF_ROUTES = [
    (method.upper(), path.format(orderId="1"))
    for path, methods in json.loads(staff.get_openapi_json_schema())["paths"].items()
    if path != SIGN_IN
    for method in methods
]

TOKENS: dict[str, tuple[Callable[[FakeOpenIdProvider], str | None], int]] = {
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
    shop: DeployedShop, provider: FakeOpenIdProvider, method: str, path: str, whose: str
) -> None:
    make, status = TOKENS[whose]
    answer = ask(shop, method, path, make(provider))
    assert answer.status_code == status, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize(("method", "path"), STAFF_ROUTES)
def test_a_staff_route_is_open_to_a_barista(
    shop: DeployedShop, provider: FakeOpenIdProvider, method: str, path: str
) -> None:
    answer = ask(shop, method, path, provider.token("Julia"))
    assert answer.status_code in (200, 404, 422), answer.text


def test_a_cookie_of_another_pages_request_does_not_count(
    shop: DeployedShop, provider: FakeOpenIdProvider
) -> None:
    # What another site sends, the embedded LocalStack itself refuses; the function's own refusal is
    # in its unit tests.
    cookie = {"Cookie": f"staff={provider.token('Julia')}"}
    url = f"{shop.outputs['ApiUrl']}/store"
    for headers in ({}, {"Sec-Fetch-Site": "none"}):
        answer = requests.get(url, headers=cookie | headers, timeout=20)
        assert answer.status_code == 401, headers
    answer = requests.get(url, headers=cookie | {"Sec-Fetch-Site": "same-origin"}, timeout=20)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_session_is_for_our_own_page(
    shop: DeployedShop, provider: FakeOpenIdProvider, method: str
) -> None:
    before = len(provider.calls)
    for headers in ({}, {"Sec-Fetch-Site": "none"}):
        answer = session(shop, method, headers | {"Cookie": "staff-refresh=a"})
        assert answer.status_code == 403, headers
        assert "counter's page" in answer.json()["message"]
    assert provider.calls[before:] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "c" * 2049},
        {"verifier": "short"},
        {"nonce": "short"},
        {"redirectUri": "http://127.0.0.1:1/counter"},
    ],
    ids=list,
)
def test_what_cannot_be_a_sign_in_reaches_no_provider(
    shop: DeployedShop, provider: FakeOpenIdProvider, wrong: dict[str, str]
) -> None:
    before = len(provider.calls)
    answer = session(shop, "POST", {"Sec-Fetch-Site": "same-origin"}, wrong)
    assert answer.status_code == 422, answer.text
    assert provider.calls[before:] == []


def test_a_code_of_ones_own_reaches_the_provider_and_is_refused(
    shop: DeployedShop, provider: FakeOpenIdProvider
) -> None:
    before = len(provider.calls)
    answer = session(shop, "POST", {"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401, answer.text
    assert "/oauth2/token" in provider.calls[before:]


def test_the_last_good_keys_count_while_the_provider_has_none(
    shop: DeployedShop, provider: FakeOpenIdProvider
) -> None:
    def whose(token: str) -> int:
        return ask(shop, "GET", "/store", token).status_code

    julia, unknown = provider.token("Julia"), provider.with_an_unknown_key("Julia")
    assert whose(julia) == 200
    with provider.answering("/jwks", "<p>Down for maintenance</p>"):
        until("call for keys", lambda: whose(unknown), lambda status: status == 503)
        assert whose(julia) == 200
        calls = provider.calls.count("/jwks")
        assert {whose(unknown) for _ in range(10)} == {503}
        assert provider.calls.count("/jwks") <= calls + 1
    until("call for keys", lambda: whose(unknown), lambda status: status == 401)


def test_who_clicks_is_who_signed_in(shop: DeployedShop, provider: FakeOpenIdProvider) -> None:
    order = Order()
    shop.prepare(order)
    answer = requests.post(
        f"{shop.outputs['ApiUrl']}/orders/{order.order_id}/complete",
        json={"baristaId": "Mallory"},
        headers={"Authorization": f"Bearer {provider.token('Marco')}"},
        timeout=20,
    )
    assert answer.status_code == 200, answer.text
    assert shop.wait_for_status(order, "ready for pickup")["baristaId"] == "Marco"


def test_two_baristas_of_one_name_are_two_and_a_renamed_one_is_the_same(
    shop: DeployedShop, provider: FakeOpenIdProvider
) -> None:
    order = Order()
    shop.prepare(order)
    shop.claim(order, "Marco", name="Julia")
    path = f"/orders/{order.order_id}/complete"
    answer = ask(shop, "POST", path, provider.token("Julia"))
    assert answer.status_code == 409, answer.text
    assert "Julia has completed it" in answer.json()["message"]
    marco = provider.token("Marco", preferred_username="Marc")
    assert ask(shop, "POST", path, marco).status_code == 200
    assert shop.wait_for_status(order, "ready for pickup")["baristaId"] == "Marc"


def session(
    shop: DeployedShop,
    method: str,
    headers: dict[str, str],
    body: Mapping[str, str] = MappingProxyType({}),
) -> requests.Response:
    sign_in = {
        "code": "c",
        "verifier": "v" * 43,
        "nonce": "n" * 43,
        "redirectUri": shop.outputs["CounterPageUrl"],
    }
    url = f"{shop.outputs['ApiUrl']}/session"
    body = sign_in | dict(body) if method == "POST" else {}
    return requests.request(method, url, json=body, headers=headers, timeout=20)


def ask(shop: DeployedShop, method: str, path: str, token: str | None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = shop.outputs["ApiUrl"] + path
    return requests.request(method, url, json={}, headers=headers, timeout=20)
