"""An OpenID provider that answers in this process, and requests with its ID tokens."""

import json
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

from barista_callback import authentication, openid
from tests.unit.api import ask

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
# No public route is at or below these.
COOKIE_PATHS = {
    "staff": ("/v1/orders", "/v1/store", "/v1/order-code", "/v1/session"),
    "staff-refresh": ("/v1/session",),
}


def jwk(key: RSAPrivateKey, kid: str) -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return public | {"kid": kid, "use": "sig", "alg": "RS256"}


class FakeProvider:
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


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    for name, value in {
        "OIDC_ISSUER": ISSUER,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_ROLE_CLAIM": "groups",
        "OIDC_ROLE": "barista",
    }.items():
        monkeypatch.setenv(name, value)
    authentication.provider.cache_clear()
    provider = FakeProvider()
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


def token(*, key: RSAPrivateKey = KEY, kid: str = "1", without: str = "", **others: Any) -> str:
    said = {name: claim for name, claim in claims(**others).items() if name != without}
    return jwt.encode(said, key, "RS256", {"kid": kid} if kid else {})


def refused(status: int, error: object) -> HTTPError:
    told = BytesIO(json.dumps({"error": error}).encode())
    return HTTPError(f"{ISSUER}/token", status, "Refused", Message(), told)


def bearer(id_token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {id_token}"}


def sign_in(provider: FakeProvider, tokens: dict[str, Any], **claims: Any) -> list[str]:
    """The cookies of a sign-in."""
    provider.answers["/token"] = {"id_token": token(nonce=NONCE, **claims)} | tokens
    answer = ask("POST", "/session", OWN_PAGE, SIGN_IN)
    assert answer["statusCode"] == 200, answer
    cookies: list[str] = answer["multiValueHeaders"]["Set-Cookie"]
    return cookies


def session_cookie(provider: FakeProvider, **claims: Any) -> str:
    """The session of who signs in, as the browser sends it."""
    kept = [cookie for cookie in sign_in(provider, {}, **claims) if cookie.startswith("staff=")]
    return kept[-1].partition(";")[0]


def kept_at(cookie: str) -> str | None:
    """The path of a cookie that is set; None if the browser has to choose one."""
    return next((part[5:] for part in cookie.split("; ") if part.startswith("Path=")), None)


def sign_out(cookies: str = "") -> tuple[int, str]:
    """The answer to who signs out, whose tokens are forgotten in any case."""
    answer = ask("DELETE", "/session", OWN_PAGE | {"Cookie": cookies})
    kept = answer["multiValueHeaders"]["Set-Cookie"]
    assert all("Max-Age=0" in cookie for cookie in kept)
    paths = {(cookie.split("=")[0], kept_at(cookie)) for cookie in kept}
    assert paths == {(name, path) for name in COOKIE_PATHS for path in (None, *COOKIE_PATHS[name])}
    return answer["statusCode"], answer["body"]
