"""The OpenID provider that the tests sign in with, and tokens that it would never give out."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import flask
import jwt
import oidc_provider_mock
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from werkzeug.serving import make_server

BARISTAS: Final = ("Julia", "Marco")
CUSTOMER: Final = "Ada"
CLIENT_ID: Final = "counter"  # As in the template.


class FakeOpenIdProvider:
    """An OpenID provider on this machine, with two baristas and a customer."""

    def __init__(self, issuer: str, application: flask.Flask) -> None:
        self.issuer = issuer
        self.calls: list[str] = []
        self._application = application
        self._answers: dict[str, tuple[str, int]] = {}
        application.before_request(self._answer)

    @contextmanager
    def answering(self, path: str, text: str, status: int = 200) -> Iterator[None]:
        """Answer at a path with this text instead."""
        self._answers[path] = text, status
        try:
            yield
        finally:
            del self._answers[path]

    def _answer(self) -> tuple[str, int] | None:
        self.calls.append(flask.request.path)
        return self._answers.get(flask.request.path)

    def token(self, user: str, *, minutes: float = 5, **claims: object) -> str:
        """A token with the provider's own key, and whatever else it says."""
        return jwt.encode(
            self._claims(user, minutes) | claims, self._key(), "RS256", self._header()
        )

    def forged(self, user: str) -> str:
        """A token that says all the right things, with the key of somebody else."""
        key = generate_private_key(public_exponent=65537, key_size=2048)
        return jwt.encode(self._claims(user, 5), key, "RS256", self._header())

    def with_an_unknown_key(self, user: str) -> str:
        key = generate_private_key(public_exponent=65537, key_size=2048)
        return jwt.encode(self._claims(user, 5), key, "RS256", {"kid": "unknown"})

    def unsigned(self, user: str) -> str:
        return jwt.encode(self._claims(user, 5), "", "none", self._header())

    def _claims(self, user: str, minutes: float) -> dict[str, object]:
        now = datetime.now(UTC)
        role = {"cognito:groups": ["barista"]} if user in BARISTAS else {}
        return {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": user,
            "iat": now - timedelta(hours=1),
            "exp": now + timedelta(minutes=minutes),
            **role,
        }

    def _key(self) -> bytes:
        return bytes(self._jwk().as_pem(private=True))

    def _header(self) -> dict[str, str]:
        return {"kid": str(self._jwk().kid)} if self._jwk().kid else {}

    def _jwk(self) -> Any:
        with self._application.test_request_context():
            self._application.preprocess_request()
            return flask.g.oidc_provider_mock_storage.jwk


@contextmanager
def running() -> Iterator[FakeOpenIdProvider]:
    application = oidc_provider_mock.app(
        user_claims=[
            oidc_provider_mock.User(sub=name, claims={"cognito:groups": ["barista"]})
            for name in BARISTAS
        ]
    )
    server = make_server("127.0.0.1", 0, application, threaded=True)
    provider = FakeOpenIdProvider(f"http://127.0.0.1:{server.server_port}", application)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
