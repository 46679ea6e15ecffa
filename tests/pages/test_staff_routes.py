"""Each of the staff's routes is closed to everybody else; which tokens count is in tests/unit."""

import json

import pytest
import requests

from barista_callback.api import app as staff
from tests.e2e.shop import DeployedShop
from tests.pages.provider import CUSTOMER, FakeOpenIdProvider

STAFF_ROUTES = [
    (method.upper(), path.format(orderId="1"))
    for path, methods in json.loads(staff.get_openapi_json_schema())["paths"].items()
    if path != "/session"
    for method in methods
]


@pytest.mark.parametrize(("method", "path"), STAFF_ROUTES)
def test_a_staff_route_is_open_to_a_barista_alone(
    shop: DeployedShop, provider: FakeOpenIdProvider, method: str, path: str
) -> None:
    def ask(**headers: str) -> requests.Response:
        url = shop.outputs["ApiUrl"] + path
        return requests.request(method, url, json={}, headers=headers, timeout=20)

    nobody, customer = ask(), ask(Authorization=f"Bearer {provider.token(CUSTOMER)}")
    assert (nobody.status_code, customer.status_code) == (401, 403), customer.text
    assert nobody.json()["message"]
    assert customer.json()["message"]
    let_in = ask(Authorization=f"Bearer {provider.token('Julia')}")
    assert let_in.status_code in (200, 404, 422), let_in.text
