"""The template lets in what docs/openapi.json describes, and the pages, and nothing else."""

import json
from typing import Any

import pytest

from barista_callback.api import app as staff
from tests.contracts.definitions import ROOT, resources, template

API = resources("AWS::Serverless::Api")["Api"]
DESCRIBED = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
PAGES = {
    (method, path)
    for path in ("/order", "/counter", "/board", "/workflow", "/pages/{name}")
    for method in ("get", "head")
} | {("head", "/menu")}
CLOSED = {"If": ["HasSignIn", "NONE", "AWS_IAM"]}


def operations(paths: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


ROUTES = operations(API["DefinitionBody"]["paths"])
STAFF = staff.get_openapi_schema().paths or {}


def test_the_routes_are_those_of_the_document_and_the_pages() -> None:
    assert set(ROUTES) == set(operations(DESCRIBED)) | PAGES


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_goes_to_the_function_that_knows_it(method: str, path: str) -> None:
    uri = ROUTES[method, path]["x-amazon-apigateway-integration"]["uri"]["Sub"]
    function = "BaristaCallback" if path in STAFF else "Storefront"
    alias = template()["Globals"]["Function"]["AutoPublishAlias"]
    assert uri.endswith(f"functions/${{{function}.Arn}}:{alias}/invocations")


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_route_is_closed_if_the_document_says_that_one_must_sign_in(
    method: str, path: str
) -> None:
    described = operations(DESCRIBED).get((method, path), {"responses": {}})
    closed = CLOSED if "401" in described["responses"] else "NONE"
    assert ROUTES[method, path]["x-amazon-apigateway-auth"]["type"] == closed


def test_staff_sign_in_for_every_route_but_the_session() -> None:
    """Else the document and the template could both leave the same door open."""
    closed = {
        path for (_, path), route in operations(DESCRIBED).items() if "401" in route["responses"]
    }
    assert closed == set(STAFF) - {"/session"}


def test_no_way_leads_past_a_throttle() -> None:
    """A greedy route would take what differs from a throttled one, such as /my-order//."""
    throttled = {
        (setting["HttpMethod"].lower(), setting["ResourcePath"].lstrip("/").replace("~1", "/"))
        for setting in API["MethodSettings"]
        if setting["ResourcePath"] != "/*"
    }
    assert throttled == {
        ("put", "/my-order"),
        ("delete", "/my-order"),
        ("post", "/session"),
        ("put", "/session"),
    }
    assert throttled <= set(ROUTES)
    assert not any("+}" in path for _, path in ROUTES)


def test_reading_is_not_traced_and_the_rest_is() -> None:
    """A counter's page reads 21,000 times a day, and X-Ray takes 5 dollars for a million traces.

    The names are API Gateway's:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-configuring-xray-sampling-rules.html
    """
    [rule] = resources("AWS::XRay::SamplingRule").values()
    sampling = rule["SamplingRule"]
    assert sampling["HTTPMethod"] == "GET"
    assert (sampling["ReservoirSize"], sampling["FixedRate"]) == (0, 0)
    assert sampling["ServiceType"] == "AWS::ApiGateway::Stage"
    assert sampling["ServiceName"] == {"Sub": f"{API['Name']['Sub']}/{API['StageName']}"}
    assert API["TracingEnabled"] is True
