"""What a failing OpenID provider can and can't do."""

from typing import Any
from urllib.error import URLError

import pytest

from barista_callback import openid
from tests.unit.api import ask
from tests.unit.openid_provider import (
    KEY,
    SOMEBODYS_KEY,
    Clock,
    FakeProvider,
    bearer,
    jwk,
    refused,
    sign_out,
    token,
)
from tests.unit.printed import Printed

pytestmark = pytest.mark.usefixtures("tables", "provider")

FAILURES = [
    URLError("no route to host"),
    TimeoutError(),
    refused(404, "none"),
    refused(500, "none"),
    b"<html>",
    b"",
    {},
    {"keys": []},
    {"keys": "1"},
    {"keys": [{}]},
    {"keys": [{"kty": "RSA", "kid": "1", "n": "?", "e": "AQAB"}]},
    {"keys": [jwk(KEY, "1") | {"use": "enc"}]},
    [],
    None,
]


@pytest.mark.parametrize("path", ["/keys", "/.well-known/openid-configuration"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_request_is_answered_with_503_while_the_provider_fails(
    provider: FakeProvider, clock: Clock, printed: Printed, path: str, failure: Any
) -> None:
    good = provider.answers[path]
    provider.answers[path] = failure
    for _ in range(3):
        assert ask("GET", "/store", bearer(token()))["statusCode"] == 503
    assert sign_out() == (204, "")
    assert provider.calls.count(path) == 1
    assert printed.metrics == {"OpenIdProviderFailures": 1}
    provider.answers[path] = good
    clock.seconds += openid.PAUSE_SECONDS
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 200


@pytest.mark.parametrize("failure", FAILURES)
def test_the_last_good_keys_count_while_there_are_no_others(
    provider: FakeProvider, clock: Clock, printed: Printed, failure: Any
) -> None:
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 200
    provider.answers["/keys"] = failure
    for _ in range(3):
        clock.seconds += openid.KEYS_MAX_AGE_SECONDS
        for _ in range(5):
            assert ask("GET", "/store", bearer(token()))["statusCode"] == 200
    assert provider.calls.count("/keys") == 4
    assert [line["level"] for line in printed.logs if line["level"] != "INFO"] == ["ERROR"] * 3
    assert printed.metrics == {"OpenIdProviderFailures": 3}
    # Whether a key that is not among them is one of the provider's, nobody can tell now.
    assert ask("GET", "/store", bearer(token(kid="2")))["statusCode"] == 503
    provider.answers["/keys"] = {"keys": [jwk(SOMEBODYS_KEY, "2")]}
    clock.seconds += openid.PAUSE_SECONDS
    assert ask("GET", "/store", bearer(token(key=SOMEBODYS_KEY, kid="2")))["statusCode"] == 200
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 401


def test_a_key_that_is_withdrawn_is_worth_nothing_soon(
    provider: FakeProvider, clock: Clock
) -> None:
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 200
    provider.answers["/keys"] = {"keys": [jwk(SOMEBODYS_KEY, "2")]}
    clock.seconds += openid.KEYS_MAX_AGE_SECONDS
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 401


def test_made_up_keys_do_not_make_a_call_each(provider: FakeProvider, clock: Clock) -> None:
    for number in range(20):
        assert ask("GET", "/store", bearer(token(kid=f"made up {number}")))["statusCode"] == 401
    assert provider.calls.count("/keys") == 1
    clock.seconds += openid.PAUSE_SECONDS
    provider.answers["/keys"] = {"keys": [jwk(KEY, "1"), jwk(SOMEBODYS_KEY, "2")]}
    assert ask("GET", "/store", bearer(token(key=SOMEBODYS_KEY, kid="2")))["statusCode"] == 200
    assert provider.calls.count("/keys") == 2
