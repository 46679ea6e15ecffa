"""The store's OpenID provider: checks its ID tokens, and calls its endpoints.

https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from http.client import HTTPException
from math import inf
from time import time
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jwt
from aws_lambda_powertools.metrics import MetricUnit

from aws.observability import logger, metrics
from barista_callback.errors import NotSignedIn, NotStaff, ProviderFailed
from barista_callback.session import Session
from orders.model import Barista
from orders.texts import read_typed

TIMEOUT_SECONDS: Final = 3
"""For one call of the provider.

A request makes at most three calls (configuration, token, keys), and the function has 10 seconds.
"""

SKEW_SECONDS: Final = 10
KEYS_MAX_AGE_SECONDS: Final = 300
"""After this time the keys are fetched again, because the provider may have changed them."""

PAUSE_SECONDS: Final = 10
"""Between two calls for keys if the first failed, or if a token names an unknown key.

Otherwise a caller could make the function call the provider each time, with invented key names.
"""

# Errors that the person who signs in can cause. https://www.rfc-editor.org/rfc/rfc6749#section-5.2
_SIGN_IN_ERRORS = ("invalid_grant", "invalid_request")


class RequestRefused(ProviderFailed):
    """The provider refuses the request; ``code`` is OAuth's, empty if there is none."""

    def __init__(self, answered: int, code: str) -> None:
        super().__init__(f"It answered {answered} {code}")
        self.answered, self.code = answered, code


class CachedDocument[Content]:
    """A document of the provider. The last one is used for as long as it can't be fetched again."""

    def __init__(self, url: str, read: Callable[[dict[str, Any]], Content]) -> None:
        self._url, self._read = url, read
        self._kept: Content | None = None
        self._asked = -inf
        self.failed: ProviderFailed | None = None

    def get(self, max_age: float = inf) -> Content:
        """The content, fetched again if the last call was more than ``max_age`` seconds ago.

        ``failed`` is set if the last call failed. Raises ProviderFailed if all calls have failed.
        """
        if time() - self._asked >= (PAUSE_SECONDS if self.failed else max_age):
            self._asked = time()
            try:
                self._kept, self.failed = self._read(_fetch(Request(self._url))), None  # noqa: S310
            except ProviderFailed as error:
                self.failed = error
                _count_failure()
                if self._kept is not None:
                    logger.error(
                        "The keys could not be fetched, the last ones are used", error=str(error)
                    )
        if self._kept is None:
            raise ProviderFailed(f"{self._url}: {self.failed}")
        return self._kept


@dataclass(frozen=True)
class Provider:
    """The OpenID provider that the store trusts, and the role that its baristas have there."""

    issuer: str
    client_id: str
    role_claim: str
    role: str

    def verify(self, id_token: str, *, nonce: str | None = None) -> Session:
        """The session of the barista whose ID token this is.

        Checks the signature with the provider's keys, the issuer, the audience, for whom and for
        what it was issued, the times, the nonce if one is given, and the role. Raises NotSignedIn,
        NotStaff or ProviderFailed.
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
            _require_ours(claims, self.client_id)
        except jwt.ExpiredSignatureError:
            raise NotSignedIn("Your session has ended. Sign in again.") from None
        except jwt.ImmatureSignatureError:  # Raised after the signature was checked.
            said = jwt.decode(id_token, options={"verify_signature": False})
            ahead = round(max(int(said["iat"]), int(said.get("nbf", 0))) - time())
            problem = f"A clock is wrong: the provider's is {ahead} s ahead of this counter's."
            logger.error(problem)
            raise NotSignedIn(f"{problem} Tell the operators of the shop.") from None
        except (jwt.PyJWTError, ValueError) as error:
            logger.info("ID token refused", error=repr(error))
            raise NotSignedIn("This token is not valid at this counter. Sign in again.") from None
        if nonce is not None and claims.get("nonce") != nonce:
            raise NotSignedIn("This sign-in was begun elsewhere. Sign in again.")
        roles = claims.get(self.role_claim)
        if self.role not in (roles if isinstance(roles, list) else [roles]):
            raise NotStaff(f"You need the role {self.role} to work at the counter.")
        names = (claims.get(name) for name in ("preferred_username", "name", "cognito:username"))
        # At some providers people name themselves, and an end with an odd name would not arrive.
        good = filter(None, map(read_typed, names))
        # A name can change or pass to another person; the subject always identifies one person.
        # https://openid.net/specs/openid-connect-core-1_0.html#ClaimStability
        barista = Barista(claims["sub"], next(good, claims["sub"]))
        return Session(barista, datetime.fromtimestamp(claims["exp"], UTC))

    def endpoint(self, name: str) -> str:
        """An endpoint from the provider's configuration. Raises ProviderFailed.

        https://openid.net/specs/openid-connect-discovery-1_0.html
        """
        configuration = _configuration_of(self.issuer).get()
        try:
            return configuration[name]
        except KeyError:
            raise ProviderFailed(f"{self.issuer} has no {name}.") from None

    def end_session_url(self) -> str | None:
        """Where a browser ends its session at the provider; None if the provider has no such URL.

        It has no ID token as a hint, because that would reach the page's scripts and logs.
        https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout
        """
        try:
            endpoint = self.endpoint("end_session_endpoint")
        except ProviderFailed as error:  # The sign-out here works without it.
            logger.info("No session ended at the provider", reason=str(error))
            return None
        separator = "&" if "?" in endpoint else "?"
        return endpoint + separator + urlencode({"client_id": self.client_id})

    def revoke(self, refresh_token: str) -> None:
        """Have the provider take a refresh token no more, if it can (RFC 7009)."""
        fields = {"token": refresh_token, "token_type_hint": "refresh_token"}
        body = urlencode({**fields, "client_id": self.client_id}).encode()
        try:
            _call(Request(self.endpoint("revocation_endpoint"), body))  # noqa: S310
        except ProviderFailed as error:  # The sign-out here works without it.
            logger.info("No refresh token revoked", reason=str(error))

    def tokens(self, grant: Mapping[str, str]) -> dict[str, Any]:
        """The token endpoint's answer to a code or a refresh token, with an ID token in it.

        Raises NotSignedIn or ProviderFailed.
        """
        body = urlencode({**grant, "client_id": self.client_id}).encode()
        request = Request(self.endpoint("token_endpoint"), body)  # noqa: S310
        try:
            given = _fetch(request)
        except RequestRefused as error:
            sign_in = error.code in _SIGN_IN_ERRORS
            if not sign_in:
                _count_failure()
            log = logger.warning if sign_in else logger.error  # The latter is for operators.
            log("The provider gave no token", answered=error.answered, error=error.code)
            raise NotSignedIn(
                "The sign-in took too long or was used before. Sign in again."
                if sign_in
                else "The provider refuses this counter. Tell the operators of the shop."
            ) from None
        except ProviderFailed:
            _count_failure()
            raise
        if "id_token" not in given:
            raise NotSignedIn("The provider gave no ID token. Sign in again.")
        return given

    def _key(self, id_token: str) -> jwt.PyJWK:
        kid = jwt.get_unverified_header(id_token).get("kid")
        published = _keys_at(self.endpoint("jwks_uri"))
        for max_age in (KEYS_MAX_AGE_SECONDS, PAUSE_SECONDS):  # The provider may have a new key.
            keys = published.get(max_age)
            # A token need not name the key if there is only one.
            # https://openid.net/specs/openid-connect-core-1_0.html#Signing
            found = [key for key in keys if key.key_id == kid] if kid else keys
            if len(found) == 1:
                return found[0]
        if published.failed:
            raise published.failed
        raise jwt.InvalidKeyError(f"no key has this name: {kid!r}")


def _require_ours(claims: Mapping[str, Any], client_id: str) -> None:
    """Raise InvalidTokenError for a token of another client, or one that is no ID token."""
    alone = claims["aud"] in (client_id, [client_id])
    if claims.get("azp", client_id if alone else None) != client_id:
        raise jwt.InvalidTokenError("it was issued to another client")
    if claims.get("token_use", "id") != "id":  # Cognito's access tokens have another.
        raise jwt.InvalidTokenError("it is no ID token")


@cache
def _configuration_of(issuer: str) -> CachedDocument[dict[str, str]]:
    return CachedDocument(f"{issuer.rstrip('/')}/.well-known/openid-configuration", _configuration)


@cache
def _keys_at(url: str) -> CachedDocument[list[jwt.PyJWK]]:
    return CachedDocument(url, _keys)


def _configuration(document: dict[str, Any]) -> dict[str, str]:
    """The provider's endpoints. Raises ProviderFailed if a required one is missing.

    https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
    """
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(document.get(name), str):
            raise ProviderFailed(f"It is not an OpenID provider: it has no {name}.")
    return {name: value for name, value in document.items() if isinstance(value, str)}


def _keys(document: dict[str, Any]) -> list[jwt.PyJWK]:
    """The keys for signatures. Raises ProviderFailed if there are none."""
    try:
        every = jwt.PyJWKSet.from_dict(document).keys
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise ProviderFailed(f"It gave no keys: {error!r}") from error
    keys = [key for key in every if key.public_key_use in ("sig", None)]
    if not keys:
        raise ProviderFailed("It gave no keys for signatures.")
    return keys


def _count_failure() -> None:
    """Count a failure for operators; the person who signs in can't have caused it."""
    metrics.add_metric("OpenIdProviderFailures", MetricUnit.Count, 1)


def _fetch(request: Request) -> dict[str, Any]:
    """The JSON object that the provider answers with. Raises RequestRefused or ProviderFailed."""
    try:
        document = json.loads(_call(request))
    except (ValueError, RecursionError) as error:
        raise ProviderFailed(f"It does not answer with JSON: {error!r}") from error
    if not isinstance(document, dict):
        raise ProviderFailed("It did not answer with a JSON object.")
    return document


def _call(request: Request) -> bytes:
    """What the provider answers. Raises RequestRefused or ProviderFailed."""
    # S310: the URLs come from the issuer that the template names.
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return bytes(answer.read())
    except HTTPError as error:
        busy = error.code >= 500 or error.code == HTTPStatus.TOO_MANY_REQUESTS  # noqa: PLR2004
        if busy:
            raise ProviderFailed(f"It answered {error.code}") from error
        raise RequestRefused(error.code, _code(error)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise ProviderFailed(f"It does not answer: {error!r}") from error


def _code(error: HTTPError) -> str:
    """The OAuth error code in an answer; empty if there is none."""
    try:
        told = json.load(error)
    except (OSError, HTTPException, ValueError, RecursionError):
        return ""
    code = told.get("error") if isinstance(told, dict) else None
    return code[:100] if isinstance(code, str) else ""
