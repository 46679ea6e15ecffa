"""The API answers what it lists, and API Gateway refuses the rest before any function runs.

Not here: PUT /my-order/, with one slash more. A gateway may refuse it or take it for /my-order,
whose own throttle holds then, because no other route matches it.
"""

import pytest
import requests

from .shop import Shop


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/my-order"),
        ("GET", "/orders/1/complete"),
        ("GET", "/orders/1/anything"),
        ("DELETE", "/store"),
        ("GET", "/nowhere"),
    ],
)
def test_a_route_that_is_not_listed_is_refused(shop: Shop, method: str, path: str) -> None:
    # As AWS does: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    answer = requests.request(method, shop.outputs["ApiUrl"] + path, json={}, timeout=20)
    assert answer.status_code == 403, answer.text
    assert "Missing Authentication Token" in answer.text
