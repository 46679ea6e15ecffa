"""Signing in, staying signed in and signing out."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import Message
from io import BytesIO
from typing import Any
from urllib.error import HTTPError, URLError

import pytest

from tests.unit.api import ask
from tests.unit.openid_provider import (
    CLIENT_ID,
    COOKIE_PATHS,
    ISSUER,
    NONCE,
    OWN_PAGE,
    SIGN_IN,
    SOMEBODYS_KEY,
    VERIFIER,
    FakeProvider,
    bearer,
    kept_at,
    refused,
    sign_in,
    sign_out,
    token,
)
from tests.unit.printed import Printed

pytestmark = pytest.mark.usefixtures("tables", "provider")


def test_a_sign_in_keeps_its_tokens_out_of_reach(provider: FakeProvider) -> None:
    provider.answers["/token"] = {"id_token": token(nonce=NONCE), "refresh_token": "again"}
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN)
    assert answer["statusCode"] == 200
    told = json.loads(answer["body"])
    assert told["baristaId"] == "Julia"
    left = datetime.fromisoformat(told["endsAt"]) - datetime.fromisoformat(told["now"])
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    assert provider.grants == [
        {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "code": "c",
            "code_verifier": VERIFIER,
            "redirect_uri": "https://shop.example/v1/counter",
        }
    ]
    cookies = answer["multiValueHeaders"]["Set-Cookie"]
    kept = [
        (cookie.split("=")[0], kept_at(cookie)) for cookie in cookies if "Max-Age" not in cookie
    ]
    assert kept == [(name, path) for name, paths in COOKIE_PATHS.items() for path in paths]
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))


GROUPS = [f"group {number} of a person with many groups" for number in range(80)]
MAX_COOKIE = 4096
MAX_HEADERS = 10_240  # docs.aws.amazon.com: api-gateway-execution-service-limits-table


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"groups": [*GROUPS, "barista"]}, "Julia"),
        ({"preferred_username": "J" * 5000}, "4711"),
        ({"picture": "data:image/png;base64," + "A" * 9000}, "Julia"),
    ],
)
@pytest.mark.parametrize("length", [100, 3800, 3801, 10_000])
def test_a_browser_keeps_every_cookie_however_long_the_tokens_are(
    provider: FakeProvider, claims: dict[str, Any], name: str, length: int
) -> None:
    cookies = sign_in(provider, {"refresh_token": "r" * length}, **claims)
    assert max(map(len, cookies)) <= MAX_COOKIE
    assert sum(len(f"Set-Cookie: {cookie}\r\n") for cookie in cookies) <= MAX_HEADERS
    values = [value for value in cookies if kept_at(value) == "/v1/session"]
    sent = "; ".join(value.partition(";")[0] for value in values)
    answer = ask("GET", "/session", OWN_PAGE | {"Cookie": sent})
    assert json.loads(answer["body"])["baristaId"] == name
    assert ("r" * length in sent) is (length <= 3800)


def test_a_sign_in_without_a_refresh_token_forgets_the_one_before(provider: FakeProvider) -> None:
    """It may be another person's, who would be signed in when this one's session is renewed."""
    kept = [one for one in sign_in(provider, {}) if one.startswith("staff-refresh=")]
    assert {kept_at(one) for one in kept} == {None, "/v1/session"}
    assert all("Max-Age=0" in one for one in kept)


@pytest.mark.parametrize(
    ("endpoint", "secure"),
    [("", True), ("https://localhost:4566", True), ("http://127.0.0.1:4566", False)],
)
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"X-Forwarded-Proto": "http", "CloudFront-Forwarded-Proto": "http"},
        {"Host": "127.0.0.1:4566", "Origin": "http://127.0.0.1:4566", "Forwarded": "proto=http"},
    ],
)
def test_a_cookie_is_secure_wherever_the_page_is_and_whatever_a_client_says(
    provider: FakeProvider,
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str,
    secure: bool,
    sent: dict[str, str],
) -> None:
    """From plain HTTP, WebKit keeps no Secure cookie."""
    monkeypatch.setenv("LOCALSTACK_ENDPOINT", endpoint)
    provider.answers["/token"] = {"id_token": token(nonce=NONCE), "refresh_token": "again"}
    signed_in = ask("POST", "/session", OWN_PAGE | sent, SIGN_IN)
    renewed = ask("PUT", "/session", OWN_PAGE | sent | {"Cookie": "staff-refresh=again"})
    signed_out = ask("DELETE", "/session", OWN_PAGE | sent)
    for answer in (signed_in, renewed, signed_out):
        cookies = answer["multiValueHeaders"]["Set-Cookie"]
        assert {"Secure" in cookie.split("; ") for cookie in cookies} == {secure}


@pytest.mark.parametrize(
    ("id_token", "status"),
    [
        (token(nonce="another"), 401),
        (token(), 401),
        (token(nonce=NONCE, groups=["customer"]), 403),
        (token(nonce=NONCE, key=SOMEBODYS_KEY), 401),
    ],
)
def test_a_sign_in_with_a_wrong_token_ends_at_the_door(
    provider: FakeProvider, id_token: str, status: int
) -> None:
    provider.answers["/token"] = {"id_token": id_token}
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN)
    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["authorizationEndpoint"] == f"{ISSUER}/authorize"
    assert "Set-Cookie" not in answer["multiValueHeaders"]


@pytest.mark.parametrize(
    ("given", "status", "level"),
    [
        (lambda: refused(400, "invalid_grant"), 401, "WARNING"),
        (lambda: refused(400, "invalid_request"), 401, "WARNING"),
        (lambda: refused(401, "invalid_client"), 401, "ERROR"),
        (lambda: refused(400, "unauthorized_client"), 401, "ERROR"),
        (lambda: refused(404, 17), 401, "ERROR"),
        (
            lambda: HTTPError(f"{ISSUER}/token", 400, "Bad", Message(), BytesIO(b"<p>")),
            401,
            "ERROR",
        ),
        (lambda: refused(429, "slow_down"), 503, "ERROR"),
        (lambda: refused(500, "server_error"), 503, "ERROR"),
        (lambda: URLError("no route to host"), 503, "ERROR"),
        (lambda: b"<html>", 503, "ERROR"),
        (lambda: b"[" * 100_000, 503, "ERROR"),
        (lambda: ["a"], 503, "ERROR"),
        (lambda: 17, 503, "ERROR"),
        (lambda: {"access_token": "no ID token"}, 401, None),
        (lambda: {"id_token": 17}, 401, None),
    ],
)
def test_no_one_is_signed_in_without_a_token_of_the_provider(
    provider: FakeProvider,
    printed: Printed,
    given: Callable[[], Any],
    status: int,
    level: str | None,
) -> None:
    provider.answers["/token"] = given()
    cookie = OWN_PAGE | {"Cookie": "staff-refresh=again"}
    answer = ask("PUT", "/session", cookie)
    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["message"]
    logged = [line["level"] for line in printed.logs if line["level"] != "INFO"]
    assert logged == ([level] if level else [])
    # What a person's old or wrong code can bring about is no failure of the provider.
    assert printed.metrics == ({"OpenIdProviderFailures": 1} if level == "ERROR" else {})


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "", None])
def test_a_session_starts_and_ends_from_our_own_page_only(
    provider: FakeProvider, method: str, site: str | None
) -> None:
    """Else a page of somebody else's could sign a barista in as whom it likes, or out."""
    provider.answers["/token"] = {"id_token": token(nonce=NONCE)}
    sent_from = {} if site is None else {"Sec-Fetch-Site": site}
    body = SIGN_IN if method == "POST" else None
    answer = ask(method, "/session", sent_from | {"Cookie": "staff-refresh=again"}, body)
    assert answer["statusCode"] == 403
    assert "counter's page" in json.loads(answer["body"])["message"]
    assert "Set-Cookie" not in answer["multiValueHeaders"]
    assert provider.calls == []


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        *(("code", wrong) for wrong in ("", "c" * 2049, "c\n", "☕")),
        *(("verifier", wrong) for wrong in ("v" * 42, "v" * 129, "v" * 42 + "+", "v" * 43 + "\n")),
        *(("nonce", wrong) for wrong in ("n", "n" * 44, "n" * 42 + ".")),
        ("redirectUri", "https://elsewhere.example/v1/counter"),
        ("redirectUri", "https://shop.example:8443/v1/counter"),
        ("redirectUri", "https://shop.example@elsewhere.example/v1/counter"),
        ("redirectUri", "https://shop.example/v1/order"),
        ("redirectUri", "https://shop.example/counter"),
        ("redirectUri", "https://shop.example/v1/counter?a=b"),
        ("redirectUri", "https://shop.example/v1/counter#a"),
        ("redirectUri", "https://shop.example/_aws/execute-api/another/v1/counter"),
        ("redirectUri", "ftp://shop.example/v1/counter"),
        ("redirectUri", "/v1/counter"),
        ("redirectUri", ""),
    ],
)
def test_an_invalid_sign_in_makes_no_call_to_the_provider(
    provider: FakeProvider, field: str, wrong: str
) -> None:
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN | {field: wrong})
    assert answer["statusCode"] == 422
    told = json.loads(answer["body"])
    assert [error["field"] for error in told["errors"]] == [f"body.{field}"]
    assert provider.calls == []


@pytest.mark.parametrize(
    ("context", "site", "base"),
    [
        ({"path": "/v1/session"}, "https://shop.example", "/v1"),
        # A custom domain, whose mapping shows this stage without or with a base path.
        ({"path": "/session"}, "https://shop.example", ""),
        ({"path": "/coffee/session"}, "https://shop.example", "/coffee"),
        (
            {"path": "/v1/session", "domainName": "127.0.0.1:4566"},
            "http://127.0.0.1:4566",
            "/_aws/execute-api/abc123/v1",
        ),
    ],
)
def test_the_counters_page_is_where_the_request_came_to(
    provider: FakeProvider, context: dict[str, str], site: str, base: str
) -> None:
    page = f"{site}{base}/counter"
    provider.answers["/token"] = {"id_token": token(nonce=NONCE)}
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN | {"redirectUri": page}, context)
    assert answer["statusCode"] == 200, answer
    assert provider.grants[0]["redirect_uri"] == page
    kept = {kept_at(cookie) for cookie in answer["multiValueHeaders"]["Set-Cookie"]}
    assert kept == {None} | {
        f"{base}/{path}" for path in ("orders", "store", "order-code", "session")
    }


def test_a_session_is_renewed(provider: FakeProvider) -> None:
    provider.answers["/token"] = {"id_token": token()}
    assert ask("PUT", "/session", OWN_PAGE)["statusCode"] == 401
    assert provider.grants == []
    answer = ask("PUT", "/session", OWN_PAGE | {"Cookie": "staff-refresh=again"})
    assert answer["statusCode"] == 200
    assert provider.grants[0]["refresh_token"] == "again"  # noqa: S105
    kept = answer["multiValueHeaders"]["Set-Cookie"]
    assert all(cookie.startswith("staff=") for cookie in kept)


def test_a_request_without_a_sign_in_gets_the_address_of_the_sign_in() -> None:
    answer = ask("GET", "/session")
    assert answer["statusCode"] == 401
    assert answer["multiValueHeaders"]["WWW-Authenticate"] == ['Bearer realm="counter"']
    told = json.loads(answer["body"])
    assert told["authorizationEndpoint"] == f"{ISSUER}/authorize"
    assert told["clientId"] == CLIENT_ID


def test_signing_out_forgets_both_tokens(provider: FakeProvider) -> None:
    assert sign_out("staff-refresh=again") == (204, "")
    assert provider.grants == []


@pytest.mark.parametrize(
    "answer", [b"", refused(503, "busy"), refused(400, "unsupported_token_type"), TimeoutError()]
)
def test_signing_out_revokes_the_refresh_token_at_a_provider_that_can(
    provider: FakeProvider, answer: Any
) -> None:
    discovery = provider.answers["/.well-known/openid-configuration"]
    discovery["revocation_endpoint"] = f"{ISSUER}/revoke"
    provider.answers["/revoke"] = answer
    assert sign_out() == (204, "")
    assert provider.grants == []
    assert sign_out("other=1; staff-refresh=again") == (204, "")
    assert provider.grants == [
        {"token": "again", "token_type_hint": "refresh_token", "client_id": CLIENT_ID}
    ]


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("/logout", f"/logout?client_id={CLIENT_ID}"),
        ("/out?realm=shop", f"/out?realm=shop&client_id={CLIENT_ID}"),
    ],
)
def test_signing_out_goes_on_at_a_provider_that_has_a_place_for_it(
    provider: FakeProvider, endpoint: str, url: str
) -> None:
    discovery = provider.answers["/.well-known/openid-configuration"]
    discovery["end_session_endpoint"] = ISSUER + endpoint
    status, body = sign_out()
    assert (status, json.loads(body)) == (200, {"endSessionUrl": ISSUER + url})


def test_a_person_who_is_no_longer_staff_gets_the_address_of_the_sign_in() -> None:
    answer = ask("GET", "/session", bearer(token(groups=[])))
    assert answer["statusCode"] == 403
    assert json.loads(answer["body"])["authorizationEndpoint"] == f"{ISSUER}/authorize"
