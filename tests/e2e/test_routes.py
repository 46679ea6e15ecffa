"""What the API lets in: the routes that the template lists, whatever an order's id is made of."""

from urllib.parse import quote
from uuid import uuid4

import pytest
import requests

from harness.orders import Order
from harness.shop import DeployedShop

from .capabilities import cannot


@pytest.mark.parametrize(("method", "path"), [("GET", "/any/thing"), ("DELETE", "/store")])
def test_a_route_that_is_not_listed_reaches_no_function(
    shop: DeployedShop, method: str, path: str
) -> None:
    """403 is what API Gateway says of a route that it does not know: MISSING_AUTHENTICATION_TOKEN.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """
    answer = requests.request(method, shop.outputs["ApiUrl"] + path, timeout=20)
    assert answer.status_code == 403, answer.text
    assert answer.json() == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize("path", ["/order", "/workflow", "/pages/order.js", "/menu"])
def test_head_asks_for_what_get_does_without_the_body(shop: DeployedShop, path: str) -> None:
    url = shop.outputs["ApiUrl"] + path
    asked, got = requests.head(url, timeout=20), requests.get(url, timeout=20)
    assert (asked.status_code, asked.text) == (200, "")
    assert asked.headers["Content-Type"] == got.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/my-order/", "/my-order//"])
def test_a_slash_more_leads_to_the_same_route_or_none(shop: DeployedShop, path: str) -> None:
    """API Gateway ignores it, and no other route takes it: the throttle is that of /my-order.

    https://github.com/aws-powertools/powertools-lambda-python/issues/1552
    """
    answer = requests.put(shop.outputs["ApiUrl"] + path, timeout=20)
    assert answer.status_code in (403, 422), answer.text  # 422: there is no key.


def test_an_order_is_found_by_its_id_whatever_that_holds(shop: DeployedShop) -> None:
    if shop.get("/orders/a%2Fb").status_code == 403:
        cannot("look for the route of a path before it decodes it")
    names = ("a/b", "two words", "☕ قهوة", "%2F", "a?b#c&d=e+f", "../..")
    orders = [Order(order_id=f"{name}-{uuid4()}") for name in names]
    shop.prepare(*orders)
    for order in orders:
        in_a_path = Order(order_id=quote(order.order_id, safe=""))
        for action in ("heartbeat", "complete"):
            answer = shop.click(in_a_path, action, {"baristaId": "Julia"})
            assert answer.json()["orderId"] == order.order_id, answer.text
        shop.wait_for_status(order, "ready for pickup")
        shown = shop.get(f"/orders/{in_a_path.order_id}")
        assert shown.json()["orderId"] == order.order_id, shown.text
