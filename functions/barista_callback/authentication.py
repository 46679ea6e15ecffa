"""Finds out which barista sends a request to the staff's API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hmac import digest
from typing import TYPE_CHECKING, Any, Final

from aws.clients import session_secret
from aws.environment import BaristaCallback
from barista_callback.errors import NotSigned, NotSignedIn
from barista_callback.session import Session, unseal
from http_api.web import headers
from orders.model import Barista

if TYPE_CHECKING:
    from barista_callback.openid import Provider

SESSION_COOKIE: Final = "staff"


@cache
def provider() -> Provider | None:
    """The OpenID provider; None without one, because API Gateway then asks for AWS signatures."""
    environment = BaristaCallback.read()
    if not environment.oidc_issuer:
        return None
    # Here, because it loads cryptography: a stack without a provider starts faster without it.
    from barista_callback.openid import Provider  # noqa: PLC0415

    return Provider(
        environment.oidc_issuer,
        environment.oidc_client_id,
        environment.oidc_role_claim,
        environment.oidc_role,
    )


def authenticate(event: Mapping[str, Any]) -> Barista | None:
    """The barista who sends the request; None if an AWS signature takes the place of a sign-in.

    Raises NotSignedIn, NotStaff, ProviderFailed, ClientError or BotoCoreError.
    """
    openid = provider()
    if openid is None:
        # API Gateway has checked a signature, unless its stage is older than the function.
        if not (_is_signed(event) or BaristaCallback.read().unsigned_staff == "allowed"):
            raise NotSigned("Sign the request with the credentials of an AWS account.")
        return None
    return read_session(openid, event).barista


def read_session(provider: Provider, event: Mapping[str, Any]) -> Session:
    """The session of the barista whose ID token is the bearer token, or of the page's cookie.

    Raises NotSignedIn, NotStaff, ProviderFailed, ClientError or BotoCoreError.
    """
    scheme, _, token = headers(event).get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return provider.verify(token.strip())
    sealed = own_cookie(event, SESSION_COOKIE)
    if not sealed:
        raise NotSignedIn("Sign in first.")
    return unseal(sealed, session_key(provider))


def session_key(provider: Provider) -> bytes:
    """What sessions are sealed with: no session outlives a change of the provider or the role."""
    return digest(session_secret(), repr(provider).encode(), "sha256")


def is_from_our_page(event: Mapping[str, Any]) -> bool:
    """Whether a page of ours sent the request: a browser says so, for no other origin.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    return headers(event).get("sec-fetch-site") == "same-origin"


def own_cookie(event: Mapping[str, Any], name: str) -> str:
    """A cookie's value if one of our own pages sent the request, else empty.

    A browser also sends the cookie with the requests of other pages of the same site, which on this
    machine are those of every port.
    """
    if not is_from_our_page(event):
        return ""
    sent = headers(event)
    # SimpleCookie would read none of them if another page's is malformed.
    pairs = (pair.strip().partition("=") for pair in sent.get("cookie", "").split(";"))
    return next((value for found, _, value in pairs if found == name), "")


def _is_signed(event: Mapping[str, Any]) -> bool:
    identity = event.get("requestContext", {}).get("identity") or {}
    return bool(identity.get("userArn"))
