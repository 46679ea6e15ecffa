"""The address of an API, which is in bookmarks, is the same after each start."""

from collections.abc import Callable
from typing import Any

AT_EVERY_START = "1e3e02a378"


def test_an_api_gets_its_id_by_its_name_and_a_second_one_of_that_name_another(
    client: Callable[[str], Any],
) -> None:
    apis = client("apigateway")
    first, second, other = (
        apis.create_rest_api(name=name)["id"] for name in ("a-api", "a-api", "b-api")
    )
    assert first == AT_EVERY_START
    assert len({first, second, other}) == len([first, second, other])
    assert apis.get_rest_api(restApiId=first)["name"] == "a-api"
    for api in (first, second, other):
        apis.delete_rest_api(restApiId=api)

    assert apis.create_rest_api(name="a-api")["id"] == first
    apis.delete_rest_api(restApiId=first)
