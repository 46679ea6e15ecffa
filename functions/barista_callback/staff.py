"""Who may use the staff's routes: those whom the shop's OpenID provider calls baristas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final

from orders.environment import BaristaCallback
from orders.model import Barista
from orders.web import headers

if TYPE_CHECKING:
    from barista_callback.openid import Provider

TOKEN_COOKIE: Final = "staff"  # noqa: S105 - its name


class NotAdmitted(Exception):
    """Who asks may not; the text says why, and ``status`` is that of the answer."""

    status: ClassVar[HTTPStatus]


class NotSignedIn(NotAdmitted):
    """Nobody has signed in, or no longer is; the text says why."""

    status = HTTPStatus.UNAUTHORIZED


class NotStaff(NotAdmitted):
    """Who has signed in is no barista."""

    status = HTTPStatus.FORBIDDEN


class NotOurPage(NotAdmitted):
    """A session begins, goes on or ends on the counter's own page only."""

    status = HTTPStatus.FORBIDDEN


class NoSignIn(NotAdmitted):
    """The stack was deployed without a provider; the text says what to do."""

    status = HTTPStatus.NOT_FOUND


class ProviderFailed(NotAdmitted):
    """The OpenID provider can't be reached, or does not answer as one."""

    status = HTTPStatus.SERVICE_UNAVAILABLE


@cache
def provider() -> Provider | None:
    """None if there is none, for then API Gateway lets only signed AWS requests in."""
    environment = BaristaCallback.read()
    if not environment.oidc_issuer:
        return None
    # Only here: without a provider nothing of it is used.
    from barista_callback.openid import Provider  # noqa: PLC0415

    return Provider(
        environment.oidc_issuer,
        environment.oidc_client_id,
        environment.oidc_role_claim,
        environment.oidc_role,
    )


def authenticate(event: Mapping[str, Any]) -> Barista | None:
    """The barista who asks; None where API Gateway has asked for an AWS signature instead.

    Raises NotSignedIn, NotStaff or ProviderFailed.
    """
    trusted = provider()
    if trusted is None:
        # API Gateway has asked for a signature, unless its stage is older than the function.
        if not (_signed(event) or BaristaCallback.read().unsigned_staff == "allowed"):
            raise NotSignedIn("Sign the request with the credentials of an AWS account.")
        return None
    return signed_in(trusted, event)


def signed_in(trusted: Provider, event: Mapping[str, Any]) -> Barista:
    """The barista whose ID token comes as a bearer token or in the page's cookie.

    Raises NotSignedIn, NotStaff or ProviderFailed.
    """
    scheme, _, token = headers(event).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = own_cookie(event, TOKEN_COOKIE)
    if not token:
        raise NotSignedIn("Sign in first.")
    return trusted.barista(token.strip())


def is_our_pages(event: Mapping[str, Any]) -> bool:
    """Whether a page of ours asks. A browser says so, and no page of another origin can.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    return headers(event).get("sec-fetch-site") == "same-origin"


def own_cookie(event: Mapping[str, Any], name: str) -> str:
    """A cookie's value, if one of our own pages asks; else empty.

    A browser sends it along with the requests of any page of the same site, on this machine with
    those of every port.
    """
    if not is_our_pages(event):
        return ""
    sent = headers(event)
    # Not with SimpleCookie, which reads none if a neighbour's is odd.
    pairs = (pair.strip().partition("=") for pair in sent.get("cookie", "").split(";"))
    return next((value for found, _, value in pairs if found == name), "")


def _signed(event: Mapping[str, Any]) -> bool:
    identity = event.get("requestContext", {}).get("identity") or {}
    return bool(identity.get("userArn"))
