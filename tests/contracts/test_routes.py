"""Each of the API's routes goes to the function that knows it, and staff's are closed."""

import re
from typing import Any

import pytest

from barista_callback.api import app as staff
from storefront.api import app as everybody
from tests.contracts.definitions import resources

PATHS = resources("AWS::Serverless::Api")["Api"]["DefinitionBody"]["paths"]
CLOSED = {"If": ["HasSignIn", "NONE", "AWS_IAM"]}
SIGN_IN = "/session"


def declared(path: str) -> list[dict[str, Any]]:
    """The methods of the route that API Gateway takes: the most specific one.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html
    """
    matching = (
        route
        for route in PATHS
        if re.fullmatch(re.escape(route).replace(r"\{path\+\}", ".+"), path)
    )
    return list(PATHS[max(matching, key=lambda route: ("{" not in route, len(route)))].values())


def function(method: dict[str, Any]) -> str:
    uri = method["x-amazon-apigateway-integration"]["uri"]["Sub"]
    (name,) = re.findall(r"\$\{(\w+)\.Arn\}", uri)
    return str(name)


STAFF = sorted(staff.get_openapi_schema().paths or {})
EVERYBODY = [*sorted(everybody.get_openapi_schema().paths or {}), "/order", "/counter"]


@pytest.mark.parametrize("path", STAFF)
def test_a_staff_route_is_closed(path: str) -> None:
    for method in declared(path):
        assert function(method) == "BaristaCallback"
        closed = "NONE" if path == SIGN_IN else CLOSED
        assert method["x-amazon-apigateway-auth"]["type"] == closed


@pytest.mark.parametrize("path", [*EVERYBODY, "/pages/order.js", "/orders.html", "/any/thing"])
def test_everything_else_is_open_to_all(path: str) -> None:
    for method in declared(path):
        assert function(method) == "Storefront"
        assert method["x-amazon-apigateway-auth"]["type"] == "NONE"
