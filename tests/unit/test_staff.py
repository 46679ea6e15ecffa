"""Whom the staff's routes let in."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message
from io import BytesIO
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs
from urllib.request import Request

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from barista_callback import openid, staff
from barista_callback.handler import handler
from orders.order_table import OrderTable
from tests.unit.api import click, prepare, request
from tests.unit.printed import Printed
from tests.unit.shop import ORDER_ID, TOKEN, Context, Shop
from tests.unit.step_functions import StepFunctions, completed

ISSUER, CLIENT_ID = "https://people.example", "counter-of-a-test"
KEY = generate_private_key(public_exponent=65537, key_size=2048)
SOMEBODYS_KEY = generate_private_key(public_exponent=65537, key_size=2048)
VERIFIER, NONCE = "v" * 43, "n" * 43
SIGN_IN = {
    "code": "c",
    "verifier": VERIFIER,
    "nonce": NONCE,
    "redirectUri": "https://shop.example/v1/counter",
}
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}

pytestmark = pytest.mark.usefixtures("shop")


def jwk(key: RSAPrivateKey, kid: str) -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return public | {"kid": kid, "use": "sig", "alg": "RS256"}


class Provider:
    """An OpenID provider, as far as the function sees it: an answer, or an error, for each path."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.grants: list[dict[str, str]] = []
        self.answers: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            },
            "/keys": {"keys": [jwk(KEY, "1")]},
            "/token": {},
        }

    def urlopen(self, request: Request, timeout: float) -> BytesIO:
        assert timeout
        path = request.full_url.removeprefix(ISSUER)
        self.calls.append(path)
        if isinstance(request.data, bytes):
            sent = parse_qs(request.data.decode())
            self.grants.append({name: one for name, (one,) in sent.items()})
        answer = self.answers[path]
        if isinstance(answer, Exception):
            raise answer
        return BytesIO(answer if isinstance(answer, bytes) else json.dumps(answer).encode())


@pytest.fixture(autouse=True)
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    for name, value in {
        "OIDC_ISSUER": ISSUER,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_ROLE_CLAIM": "groups",
        "OIDC_ROLE": "barista",
    }.items():
        monkeypatch.setenv(name, value)
    staff.provider.cache_clear()
    provider = Provider()
    monkeypatch.setattr(openid, "urlopen", provider.urlopen)
    return provider


class Clock:
    """The function's clock, which passes only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(openid, "time", clock)
    return clock


def claims(**others: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    said: dict[str, object] = {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": "4711",
        "preferred_username": "Julia",
        "groups": ["barista"],
        "iat": now - timedelta(minutes=30),
        "exp": now + timedelta(minutes=30),
    }
    return {name: claim for name, claim in (said | others).items() if claim is not None}


def token(*, key: RSAPrivateKey = KEY, kid: str = "1", **others: Any) -> str:
    return jwt.encode(claims(**others), key, "RS256", {"kid": kid} if kid else {})


def refused(status: int, error: object) -> HTTPError:
    told = BytesIO(json.dumps({"error": error}).encode())
    return HTTPError(f"{ISSUER}/token", status, "Refused", Message(), told)


def ask(
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: object = None,
    context: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"} | dict(headers or {}),
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {
            "httpMethod": method,
            "path": f"/v1{path}",
            "stage": "v1",
            "apiId": "abc123",
            "domainName": "shop.example",
            "requestId": "1",
        }
        | dict(context),
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }
    answer: dict[str, Any] = handler(event, Context())
    return answer


def bearer(id_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {id_token}"}


LONG_AGO = datetime.now(UTC) - timedelta(minutes=5)
SOON = datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic SnVsaWE6"},
        bearer("nonsense"),
        bearer(token(key=SOMEBODYS_KEY)),
        bearer(token(key=SOMEBODYS_KEY, kid="")),
        bearer(token(kid="2")),
        bearer(token(exp=LONG_AGO)),
        bearer(token(iat=SOON)),
        bearer(token(nbf=SOON)),
        bearer(token(iss="https://other.example")),
        bearer(token(aud="another-client")),
        bearer(token(exp=None)),
        bearer(token(iat=None)),
        bearer(token(iss=None)),
        bearer(token(aud=None)),
        bearer(token(sub=None)),
        bearer(jwt.encode(claims(), "", "none", {"kid": "1"})),
        bearer(jwt.encode(claims(), "x" * 32, "HS256", {"kid": "1"})),
    ],
)
def test_who_has_not_signed_in_gets_nothing(headers: Mapping[str, str]) -> None:
    for method, path in (("GET", "/store"), ("POST", f"/orders/{ORDER_ID}/complete")):
        answer = ask(method, path, headers, {"wrong": "body"})
        assert answer["statusCode"] == 401
        assert json.loads(answer["body"])["message"]


@pytest.mark.parametrize("groups", [None, [], ["customer"], "customer", "baristas", {"barista": 1}])
def test_who_is_no_barista_gets_nothing(groups: object) -> None:
    assert ask("GET", "/store", bearer(token(groups=groups)))["statusCode"] == 403


def test_a_token_need_not_name_the_only_key() -> None:
    assert ask("GET", "/store", bearer(token(kid="")))["statusCode"] == 200


@pytest.mark.parametrize("groups", ["barista", ["barista"], ["customer", "barista"]])
def test_a_barista_is_let_in(groups: object) -> None:
    assert ask("GET", "/store", bearer(token(groups=groups)))["statusCode"] == 200


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({}, "Julia"),
        ({"preferred_username": None, "cognito:username": "julia.k"}, "julia.k"),
        ({"preferred_username": None}, "4711"),
    ],
)
def test_who_clicks_is_in_the_token_and_not_in_the_body(
    shop: Shop,
    order_table: OrderTable,
    step_functions: StepFunctions,
    claims: dict[str, Any],
    name: str,
) -> None:
    prepare(shop, order_table)
    path = f"/orders/{ORDER_ID}/complete"
    answer = ask("POST", path, bearer(token(**claims)), {"baristaId": "Mallory"})
    assert answer["statusCode"] == 200
    assert step_functions.calls == [completed(name, TOKEN)]


def test_two_baristas_of_one_name_are_two_and_a_renamed_one_is_the_same(
    shop: Shop, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    prepare(shop, order_table)
    path = f"/orders/{ORDER_ID}/complete"
    first, namesake = token(), token(sub="4712")
    renamed = token(preferred_username="Julia K.")
    step_functions.error = "ThrottlingException"
    assert ask("POST", path, bearer(first), {})["statusCode"] == 503
    step_functions.error = None
    answer = ask("POST", path, bearer(namesake), {})
    assert answer["statusCode"] == 409
    assert "Julia has completed it" in json.loads(answer["body"])["message"]
    assert ask("POST", path, bearer(renamed), {})["statusCode"] == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_a_cookie_counts_for_our_own_pages_alone(site: str | None) -> None:
    cookie = {"Cookie": f'odd={{"x":1}}; other@=1 2; staff={token()}'}
    sent_from = {"Sec-Fetch-Site": site} if site else {}
    assert ask("GET", "/store", cookie | sent_from)["statusCode"] == 401
    assert ask("GET", "/store", cookie | {"Sec-Fetch-Site": "same-origin"})["statusCode"] == 200


def test_a_sign_in_keeps_its_tokens_out_of_reach(provider: Provider) -> None:
    provider.answers["/token"] = {"id_token": token(nonce=NONCE), "refresh_token": "again"}
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"baristaId": "Julia"}
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
    assert [cookie.split("=")[0] for cookie in cookies] == ["staff", "staff-refresh"]
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))


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
    provider: Provider, id_token: str, status: int
) -> None:
    provider.answers["/token"] = {"id_token": id_token}
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN)
    assert answer["statusCode"] == status
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
def test_a_provider_that_gives_no_token_signs_nobody_in(
    provider: Provider, printed: Printed, given: Callable[[], Any], status: int, level: str | None
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
def test_a_session_begins_and_ends_on_our_own_page_alone(
    provider: Provider, method: str, site: str | None
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
    "wrong",
    [
        {"code": ""},
        {"code": "c" * 2049},
        {"code": "c\n"},
        {"code": "☕"},
        {"verifier": "v" * 42},
        {"verifier": "v" * 129},
        {"verifier": "v" * 42 + "+"},
        {"verifier": "v" * 43 + "\n"},
        {"nonce": "n"},
        {"nonce": "n" * 44},
        {"nonce": "n" * 42 + "."},
        {"redirectUri": "https://elsewhere.example/v1/counter"},
        {"redirectUri": "https://shop.example:8443/v1/counter"},
        {"redirectUri": "https://shop.example@elsewhere.example/v1/counter"},
        {"redirectUri": "https://shop.example/v1/order"},
        {"redirectUri": "https://shop.example/counter"},
        {"redirectUri": "https://shop.example/v1/counter?a=b"},
        {"redirectUri": "https://shop.example/v1/counter#a"},
        {"redirectUri": "https://shop.example/_aws/execute-api/another/v1/counter"},
        {"redirectUri": "ftp://shop.example/v1/counter"},
        {"redirectUri": "/v1/counter"},
        {"redirectUri": ""},
    ],
    ids=repr,
)
def test_what_cannot_be_a_sign_in_makes_no_call(provider: Provider, wrong: dict[str, str]) -> None:
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN | wrong)
    assert answer["statusCode"] == 422
    told = json.loads(answer["body"])
    assert [error["field"] for error in told["errors"]] == [f"body.{name}" for name in wrong]
    assert provider.calls == []


@pytest.mark.parametrize(
    ("context", "page"),
    [
        ({"path": "/v1/session"}, "https://shop.example/v1/counter"),
        # A custom domain whose mapping shows this stage.
        ({"path": "/session"}, "https://shop.example/counter"),
        (
            {"path": "/v1/session", "domainName": "127.0.0.1:4566"},
            "http://127.0.0.1:4566/_aws/execute-api/abc123/v1/counter",
        ),
    ],
)
def test_the_counters_page_is_where_the_request_came_to(
    provider: Provider, context: dict[str, str], page: str
) -> None:
    provider.answers["/token"] = {"id_token": token(nonce=NONCE)}
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN | {"redirectUri": page}, context)
    assert answer["statusCode"] == 200, answer
    assert provider.grants[0]["redirect_uri"] == page


def test_a_session_is_renewed(provider: Provider) -> None:
    provider.answers["/token"] = {"id_token": token()}
    assert ask("PUT", "/session", OWN_PAGE)["statusCode"] == 401
    assert provider.grants == []
    answer = ask("PUT", "/session", OWN_PAGE | {"Cookie": "staff-refresh=again"})
    assert answer["statusCode"] == 200
    assert provider.grants[0]["refresh_token"] == "again"  # noqa: S105
    (kept,) = answer["multiValueHeaders"]["Set-Cookie"]
    assert kept.startswith("staff=")


def test_who_has_not_signed_in_is_told_where_to() -> None:
    answer = ask("GET", "/session")
    assert answer["statusCode"] == 401
    told = json.loads(answer["body"])
    assert told["authorizationEndpoint"] == f"{ISSUER}/authorize"
    assert told["clientId"] == CLIENT_ID


def sign_out() -> tuple[int, str]:
    """The answer to who signs out, whose tokens are forgotten in any case."""
    answer = ask("DELETE", "/session", OWN_PAGE)
    cookies = answer["multiValueHeaders"]["Set-Cookie"]
    assert all("Max-Age=0" in cookie for cookie in cookies)
    assert len(cookies) == 2
    return answer["statusCode"], answer["body"]


def test_signing_out_forgets_both_tokens() -> None:
    assert sign_out() == (204, "")


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("/logout", f"/logout?client_id={CLIENT_ID}"),
        ("/out?realm=shop", f"/out?realm=shop&client_id={CLIENT_ID}"),
    ],
)
def test_signing_out_goes_on_at_a_provider_that_has_a_place_for_it(
    provider: Provider, endpoint: str, url: str
) -> None:
    discovery = provider.answers["/.well-known/openid-configuration"]
    discovery["end_session_endpoint"] = ISSUER + endpoint
    status, body = sign_out()
    assert (status, json.loads(body)) == (200, {"endSessionUrl": ISSUER + url})


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
def test_a_provider_that_fails_is_nobodys_fault(
    provider: Provider, clock: Clock, printed: Printed, path: str, failure: Any
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
    provider: Provider, clock: Clock, printed: Printed, failure: Any
) -> None:
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 200
    provider.answers["/keys"] = failure
    for _ in range(3):
        clock.seconds += openid.LIFESPAN_SECONDS
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


def test_a_key_that_is_withdrawn_is_worth_nothing_soon(provider: Provider, clock: Clock) -> None:
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 200
    provider.answers["/keys"] = {"keys": [jwk(SOMEBODYS_KEY, "2")]}
    clock.seconds += openid.LIFESPAN_SECONDS
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 401


def test_made_up_keys_do_not_make_a_call_each(provider: Provider, clock: Clock) -> None:
    for number in range(20):
        assert ask("GET", "/store", bearer(token(kid=f"made up {number}")))["statusCode"] == 401
    assert provider.calls.count("/keys") == 1
    clock.seconds += openid.PAUSE_SECONDS
    provider.answers["/keys"] = {"keys": [jwk(KEY, "1"), jwk(SOMEBODYS_KEY, "2")]}
    assert ask("GET", "/store", bearer(token(key=SOMEBODYS_KEY, kid="2")))["statusCode"] == 200
    assert provider.calls.count("/keys") == 2


def test_without_an_issuer_there_is_no_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER", "")
    assert request("GET", "/store")[0] == 200
    assert click("heartbeat", {})[0] == 422
    assert ask("GET", "/session")["statusCode"] == 404
    assert sign_out() == (204, "")


@pytest.mark.usefixtures("shop")
def test_without_an_issuer_a_request_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the API's stage is older than the function, and lets everybody in."""
    monkeypatch.setenv("OIDC_ISSUER", "")
    monkeypatch.setenv("UNSIGNED_STAFF", "refused")
    assert request("GET", "/store")[0] == 401
    signed = {"requestContext": {"identity": {"userArn": "arn:aws:iam::123456789012:user/julia"}}}
    assert staff.authenticate(signed) is None


def test_who_is_no_longer_staff_is_told_where_to_sign_in() -> None:
    answer = ask("GET", "/session", bearer(token(groups=[])))
    assert answer["statusCode"] == 403
    assert json.loads(answer["body"])["authorizationEndpoint"] == f"{ISSUER}/authorize"
