"""The OpenID provider that the tests sign in with."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import flask
import jwt
import oidc_provider_mock
from werkzeug.serving import make_server

BARISTAS: Final = ("Julia", "Marco")
MANAGER: Final = "Olga"
"""A barista in so many groups that no cookie can hold her ID token."""

CUSTOMER: Final = "Ada"
CLIENT_ID: Final = "counter"  # As in the template.


class FakeOpenIdProvider:
    """An OpenID provider on this machine, with two baristas, a manager and a customer."""

    def __init__(self, issuer: str, application: flask.Flask) -> None:
        self.issuer = issuer
        self._application = application

    def token(self, user: str, *, minutes: float = 5) -> str:
        """A token of the user, with the provider's own key."""
        now = datetime.now(UTC)
        role = {"cognito:groups": ["barista"]} if user in BARISTAS else {}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": user,
            "iat": now - timedelta(hours=1),
            "exp": now + timedelta(minutes=minutes),
            **role,
        }
        with self._application.test_request_context():
            self._application.preprocess_request()
            key: Any = flask.g.oidc_provider_mock_storage.jwk
        header = {"kid": str(key.kid)} if key.kid else {}
        return jwt.encode(claims, bytes(key.as_pem(private=True)), "RS256", header)


@contextmanager
def running() -> Iterator[FakeOpenIdProvider]:
    groups = {name: ["barista"] for name in BARISTAS}
    groups[MANAGER] = ["barista", *(f"group {number} of the shop's people" for number in range(99))]
    application = oidc_provider_mock.app(
        user_claims=[
            oidc_provider_mock.User(sub=name, claims={"cognito:groups": groups[name]})
            for name in groups
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
