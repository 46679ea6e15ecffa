"""Why a request to the staff's API is refused before it is read."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar


class AccessRefused(Exception):
    """The request has no access; the message says why, and ``status`` is that of the answer."""

    status: ClassVar[HTTPStatus]

    challenge: ClassVar[str | None] = None
    """How to sign in, where that helps. https://www.rfc-editor.org/rfc/rfc9110#name-401-unauthorized"""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer. API Gateway puts x-amzn-remapped- before this one's name.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
        """
        return {"WWW-Authenticate": self.challenge} if self.challenge else {}


class NotSignedIn(AccessRefused):
    """Nobody has signed in, or the session has ended."""

    status = HTTPStatus.UNAUTHORIZED
    challenge = 'Bearer realm="counter"'


class NotSigned(NotSignedIn):
    """No AWS account has signed the request."""

    challenge = "AWS4-HMAC-SHA256"


class NotStaff(AccessRefused):
    """The person who has signed in is not a barista."""

    status = HTTPStatus.FORBIDDEN


class NotOurPage(AccessRefused):
    """Only the counter's own page may begin, renew or end a session."""

    status = HTTPStatus.FORBIDDEN


class NoSignIn(AccessRefused):
    """The stack was deployed without an OpenID provider."""

    status = HTTPStatus.NOT_FOUND


class ProviderFailed(AccessRefused):
    """The OpenID provider can't be reached, or does not answer as one."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
