"""The shop's OpenID provider: whose ID tokens count, and what its endpoints give.

https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final, cast
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jwt

from barista_callback.staff import NotSignedIn, NotStaff, ProviderFailed
from orders.observability import logger

SECONDS: Final = 5
"""As long as the provider may take to answer."""

SKEW_SECONDS: Final = 10


@dataclass(frozen=True)
class Provider:
    """The OpenID provider that the shop trusts, and whom of its users it calls a barista."""

    issuer: str
    client_id: str
    role_claim: str
    role: str

    def barista(self, id_token: str, *, nonce: str | None = None) -> str:
        """The name of the barista whose ID token this is.

        Checks the signature with the provider's keys, the issuer, the audience, the times, the
        nonce if one is given, and the role. Raises NotSignedIn, NotStaff or ProviderFailed.
        """
        try:
            key = self._key(id_token)
            claims = jwt.decode(
                id_token,
                key,
                algorithms=["RS256", "ES256"],
                issuer=self.issuer,
                audience=self.client_id,
                leeway=SKEW_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise NotSignedIn("Your session has ended. Sign in again.") from None
        except jwt.PyJWKClientConnectionError as error:
            raise ProviderFailed("The provider's keys can't be fetched.") from error
        except (jwt.PyJWTError, ValueError) as error:
            logger.info("ID token refused", error=repr(error))
            raise NotSignedIn("This is no token for this counter. Sign in again.") from None
        if nonce is not None and claims.get("nonce") != nonce:
            raise NotSignedIn("This sign-in was begun elsewhere. Sign in again.")
        roles = claims.get(self.role_claim)
        if self.role not in (roles if isinstance(roles, list) else [roles]):
            raise NotStaff(f"Only who has the role {self.role} may work at the counter.")
        names = (claims.get(name) for name in ("preferred_username", "name", "cognito:username"))
        return str(next((name for name in names if name), claims["sub"]))

    def endpoint(self, name: str) -> str:
        """An endpoint of the provider, as it tells itself. Raises ProviderFailed.

        https://openid.net/specs/openid-connect-discovery-1_0.html
        """
        try:
            return str(_discovered(self.issuer)[name])
        except (HTTPError, KeyError) as error:
            raise ProviderFailed(f"{self.issuer} is no OpenID provider: {error!r}") from error

    def end_session_url(self) -> str | None:
        """Where a browser ends its session at the provider; None if the provider tells no place.

        Without the ID token as a hint, for that would get to the page's scripts and into logs.
        https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout
        """
        try:
            endpoint = self.endpoint("end_session_endpoint")
        except ProviderFailed as error:  # Who signs out here is out here, whatever it does.
            logger.info("No session ended at the provider", reason=str(error))
            return None
        separator = "&" if "?" in endpoint else "?"
        return endpoint + separator + urlencode({"client_id": self.client_id})

    def tokens(self, grant: Mapping[str, str]) -> dict[str, Any]:
        """What the token endpoint gives for a code or a refresh token, with an ID token in it.

        Raises NotSignedIn or ProviderFailed.
        """
        body = urlencode({**grant, "client_id": self.client_id}).encode()
        try:
            given = _fetch(Request(self.endpoint("token_endpoint"), body))  # noqa: S310
        except HTTPError as error:
            told = error.read().decode(errors="replace")
            # https://www.rfc-editor.org/rfc/rfc6749#section-5.2
            if "invalid_grant" not in told:
                raise ProviderFailed(f"It gave no token: {error.code} {told[:500]}") from error
            raise NotSignedIn(
                "The sign-in took too long or was used before. Sign in again."
            ) from None
        if "id_token" not in given:
            raise NotSignedIn("The provider gave no ID token. Sign in again.")
        return given

    def _key(self, id_token: str) -> jwt.PyJWK:
        keys = _keys_at(self.endpoint("jwks_uri"))
        if "kid" in jwt.get_unverified_header(id_token):
            return keys.get_signing_key_from_jwt(id_token)
        # Where there is one key alone, a token need not name it.
        # https://openid.net/specs/openid-connect-core-1_0.html#Signing
        (key,) = keys.get_signing_keys()
        return key


@cache
def _discovered(issuer: str) -> dict[str, Any]:
    return _fetch(Request(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))  # noqa: S310


@cache
def _keys_at(url: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(url, timeout=SECONDS)


def _fetch(request: Request) -> dict[str, Any]:
    # Only to the issuer that the template names, whose pattern allows http and https.
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return cast("dict[str, Any]", json.load(answer))
    except HTTPError as error:
        if error.code < 500 and error.code != HTTPStatus.TOO_MANY_REQUESTS:  # noqa: PLR2004
            raise
        raise ProviderFailed(f"The provider answered {error.code}.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise ProviderFailed(f"The provider does not answer: {error!r}") from error
