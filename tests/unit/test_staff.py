"""Whom the staff's routes let in."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import Request

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from barista_callback import openid, staff
from barista_callback.handler import handler
from orders.store import OrderStore
from tests.unit.api import click, prepare, request
from tests.unit.shop import ORDER_ID, TOKEN, Context, Shop
from tests.unit.step_functions import StepFunctions, completed

ISSUER, CLIENT_ID = "https://people.example", "counter-of-a-test"
KEY = generate_private_key(public_exponent=65537, key_size=2048)
SOMEBODYS_KEY = generate_private_key(public_exponent=65537, key_size=2048)
SIGN_IN = {
    "code": "c",
    "verifier": "v",
    "nonce": "n",
    "redirectUri": "https://shop.example/counter",
}

pytestmark = pytest.mark.usefixtures("shop")


class Provider:
    """An OpenID provider, as far as the function sees it."""

    def __init__(self) -> None:
        self.grants: list[dict[str, str]] = []
        self.given: Mapping[str, str] | Exception = {}
        self.more: dict[str, str] = {}

    def fetch(self, request: Request) -> Any:
        if request.full_url == f"{ISSUER}/.well-known/openid-configuration":
            return {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
            } | self.more
        assert request.full_url == f"{ISSUER}/token"
        assert isinstance(request.data, bytes)
        self.grants.append({name: one for name, (one,) in parse_qs(request.data.decode()).items()})
        if isinstance(self.given, Exception):
            raise self.given
        return self.given


@pytest.fixture(autouse=True)
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    for name, value in {
        "OIDC_ISSUER": ISSUER,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_ROLE_CLAIM": "groups",
        "OIDC_ROLE": "barista",
    }.items():
        monkeypatch.setenv(name, value)
    staff.provider.cache_clear()
    provider = Provider()
    monkeypatch.setattr(openid, "_fetch", provider.fetch)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    keys = {"keys": [jwk | {"kid": "1", "use": "sig", "alg": "RS256"}]}
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda _: keys)
    yield provider
    for made_once in (staff.provider, openid._discovered, openid._keys_at):
        made_once.cache_clear()


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


def refused(status: int, error: str) -> HTTPError:
    told = BytesIO(json.dumps({"error": error}).encode())
    return HTTPError(f"{ISSUER}/token", status, "Refused", Message(), told)


def ask(
    method: str, path: str, headers: Mapping[str, str] | None = None, body: object = None
) -> dict[str, Any]:
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": {"Content-Type": "application/json"} | dict(headers or {}),
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"httpMethod": method, "path": path, "stage": "v1", "requestId": "1"},
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
    store: OrderStore,
    step_functions: StepFunctions,
    claims: dict[str, Any],
    name: str,
) -> None:
    prepare(shop, store)
    path = f"/orders/{ORDER_ID}/complete"
    answer = ask("POST", path, bearer(token(**claims)), {"baristaId": "Mallory"})
    assert answer["statusCode"] == 200
    assert step_functions.calls == [completed(name, TOKEN)]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_a_cookie_counts_for_our_own_pages_alone(site: str | None) -> None:
    cookie = {"Cookie": f'odd={{"x":1}}; other@=1 2; staff={token()}'}
    sent_from = {"Sec-Fetch-Site": site} if site else {}
    assert ask("GET", "/store", cookie | sent_from)["statusCode"] == 401
    assert ask("GET", "/store", cookie | {"Sec-Fetch-Site": "same-origin"})["statusCode"] == 200


def test_a_sign_in_keeps_its_tokens_out_of_reach(provider: Provider) -> None:
    provider.given = {"id_token": token(nonce="n"), "refresh_token": "again"}
    answer = ask("POST", "/session", body=SIGN_IN)
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {"baristaId": "Julia"}
    assert provider.grants == [
        {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "code": "c",
            "code_verifier": "v",
            "redirect_uri": "https://shop.example/counter",
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
        (token(nonce="n", groups=["customer"]), 403),
        (token(nonce="n", key=SOMEBODYS_KEY), 401),
    ],
)
def test_a_sign_in_with_a_wrong_token_ends_at_the_door(
    provider: Provider, id_token: str, status: int
) -> None:
    provider.given = {"id_token": id_token}
    answer = ask("POST", "/session", body=SIGN_IN)
    assert answer["statusCode"] == status
    assert "Set-Cookie" not in answer["multiValueHeaders"]


def test_a_code_that_was_used_before_is_refused(provider: Provider) -> None:
    provider.given = refused(400, "invalid_grant")
    assert ask("POST", "/session", body=SIGN_IN)["statusCode"] == 401


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (refused(401, "invalid_client"), 503),
        (staff.ProviderFailed("The provider answered 429."), 503),
        ({"access_token": "no ID token"}, 401),
    ],
)
def test_a_provider_that_gives_no_token_signs_nobody_in(
    provider: Provider, given: Mapping[str, str] | Exception, status: int
) -> None:
    provider.given = given
    cookie = {"Cookie": "staff-refresh=again", "Sec-Fetch-Site": "same-origin"}
    assert ask("PUT", "/session", cookie)["statusCode"] == status


def test_a_session_is_renewed_for_our_own_page_alone(provider: Provider) -> None:
    provider.given = {"id_token": token()}
    cookie = {"Cookie": "staff-refresh=again"}
    assert ask("PUT", "/session", cookie)["statusCode"] == 401
    answer = ask("PUT", "/session", cookie | {"Sec-Fetch-Site": "same-origin"})
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
    answer = ask("DELETE", "/session")
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
    provider.more = {"end_session_endpoint": ISSUER + endpoint}
    status, body = sign_out()
    assert (status, json.loads(body)) == (200, {"endSessionUrl": ISSUER + url})


def test_a_provider_that_fails_is_nobodys_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise staff.ProviderFailed("no answer")

    monkeypatch.setattr(openid, "_fetch", fail)
    assert ask("GET", "/store", bearer(token()))["statusCode"] == 503
    assert sign_out() == (204, "")


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
    assert staff.admitted(signed) is None


def test_who_is_no_longer_staff_is_told_where_to_sign_in() -> None:
    answer = ask("GET", "/session", bearer(token(groups=[])))
    assert answer["statusCode"] == 403
    assert json.loads(answer["body"])["authorizationEndpoint"] == f"{ISSUER}/authorize"
