"""Signing in at the counter: the routes that end the authorization code flow with PKCE.

The page begins the flow and keeps the verifier. These routes exchange the code for tokens. Who has
signed in, and the refresh token, they keep in cookies that no script can read and no other site's
request carries.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from pydantic import BaseModel, StringConstraints

from aws.environment import BaristaCallback
from aws.observability import logger
from barista_callback import authentication
from barista_callback.errors import NoSignIn, NotOurPage, NotSignedIn, NotStaff
from http_api import web
from http_api.web import InvalidField
from orders.model import iso

if TYPE_CHECKING:
    from barista_callback.openid import Provider
    from barista_callback.session import Session

REFRESH_COOKIE = "staff-refresh"
MAX_REFRESH_TOKEN = 3800  # With its name, path and flags, what a browser keeps of a cookie.
# Each cookie goes to these of the API's paths, which are the staff's, and not to the public routes.
PATHS = {
    authentication.SESSION_COOKIE: ("orders", "store", "order-code", "session"),
    REFRESH_COOKIE: ("session",),
}

router = APIGatewayRouter()


class SignIn(BaseModel):
    """The code that the provider sent the browser back with, and what the page kept for it.

    The syntax of a code: https://www.rfc-editor.org/rfc/rfc6749#appendix-A.11, of a verifier:
    https://www.rfc-editor.org/rfc/rfc7636#section-4.1
    """

    code: Annotated[str, StringConstraints(pattern=r"^[ -~]{1,2048}$")]
    verifier: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]{43,128}$")]
    nonce: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]  # As the page has it.
    redirectUri: Annotated[str, StringConstraints(max_length=2048)]


class SessionView(BaseModel):
    """The name of the barista who has signed in, and when the session ends unless it is renewed.

    ``now`` is the time on the server.
    """

    baristaId: str
    endsAt: str
    now: str


class SignInHere(BaseModel):
    """Where to sign in, because nobody has, or not a barista."""

    message: str
    authorizationEndpoint: str
    clientId: str


class SignedOut(BaseModel):
    """Where the browser signs out at the provider; it adds where to return to."""

    endSessionUrl: str


@router.get("/session", operation_id="getSession", summary="Who has signed in")
def get_session() -> Response[Any]:
    provider = _require_provider()
    try:
        session = authentication.read_session(provider, router.current_event.raw_event)
    except (NotSignedIn, NotStaff) as error:
        return _ask_to_sign_in(provider, error)
    return web.answer(HTTPStatus.OK, _show(session))


@router.post("/session", operation_id="signIn", summary="Sign in")
def sign_in(body: SignIn) -> Response[Any]:
    _require_our_page()
    if body.redirectUri not in _counter_pages():
        return web.refuse_invalid(
            [InvalidField(field="body.redirectUri", problem="Not the counter's page")]
        )
    grant = {
        "grant_type": "authorization_code",
        "code": body.code,
        "code_verifier": body.verifier,
        "redirect_uri": body.redirectUri,
    }
    return _start_session(grant, body.nonce)


@router.put("/session", operation_id="renewSession", summary="Stay signed in")
def renew_session() -> Response[Any]:
    _require_our_page()
    refresh_token = authentication.own_cookie(router.current_event.raw_event, REFRESH_COOKIE)
    if not refresh_token:
        raise NotSignedIn("Sign in first.")
    return _start_session({"grant_type": "refresh_token", "refresh_token": refresh_token})


@router.delete(
    "/session",
    operation_id="signOut",
    summary="Sign out",
    responses={
        200: web.document_response("Signed out here, and not yet at the provider", SignedOut),
        204: {"description": "Signed out here; the provider has no sign-out, or does not answer"},
    },
)
def sign_out() -> Response[Any]:
    _require_our_page()
    cookies = _cookies(dict.fromkeys(PATHS, ""), max_age=0)
    provider = authentication.provider()
    refresh_token = authentication.own_cookie(router.current_event.raw_event, REFRESH_COOKIE)
    if provider and refresh_token:
        provider.revoke(refresh_token)
    url = provider.end_session_url() if provider else None
    if url is None:
        return Response(HTTPStatus.NO_CONTENT, cookies=cookies, body="")
    return web.answer(HTTPStatus.OK, SignedOut(endSessionUrl=url), cookies=cookies)


def _start_session(grant: dict[str, str], nonce: str | None = None) -> Response[Any]:
    provider = _require_provider()
    try:
        tokens = provider.tokens(grant)
        session = provider.verify(tokens["id_token"], nonce=nonce)
    except (NotSignedIn, NotStaff) as error:
        logger.info("Sign-in refused", reason=str(error))
        return _ask_to_sign_in(provider, error)
    logger.info("A barista signed in", grant=grant["grant_type"])
    sealed = session.seal(authentication.session_key(provider))
    cookies = _cookies({authentication.SESSION_COOKIE: sealed})
    refresh_token = str(tokens.get("refresh_token") or "")
    if len(refresh_token) > MAX_REFRESH_TOKEN:
        logger.warning("The refresh token is too long for a cookie", characters=len(refresh_token))
        refresh_token = ""
    if refresh_token:
        cookies += _cookies({REFRESH_COOKIE: refresh_token})
    elif nonce is not None:  # An earlier one may be another person's. A renewal's stays.
        cookies += _cookies({REFRESH_COOKIE: ""}, max_age=0)
    return web.answer(HTTPStatus.OK, _show(session), cookies=cookies)


def _ask_to_sign_in(provider: Provider, error: NotSignedIn | NotStaff) -> Response[Any]:
    return web.answer(
        error.status,
        SignInHere(
            message=str(error),
            authorizationEndpoint=provider.endpoint("authorization_endpoint"),
            clientId=provider.client_id,
        ),
        headers=error.headers,
    )


def _show(session: Session) -> SessionView:
    return SessionView(
        baristaId=session.barista.name, endsAt=iso(session.ends_at), now=iso(datetime.now(UTC))
    )


def _require_our_page() -> None:
    """Otherwise any page could sign its visitor in as somebody else, or out."""
    if not authentication.is_from_our_page(router.current_event.raw_event):
        raise NotOurPage("Sign in and out on the counter's page, in a current browser.")


def _counter_pages() -> set[str]:
    """The URLs that the counter's page may have at this API."""
    domain = router.current_event.raw_event["requestContext"].get("domainName")
    return {f"{scheme}://{domain}{_base_path()}counter" for scheme in ("https", "http")}


def _base_path() -> str:
    """Where a browser finds the API: below its stage, or below what a custom domain maps to it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    On LocalStack, whose name alone has a port, the stage is below a path that is not in the event.
    """
    context = router.current_event.raw_event["requestContext"]
    path: str = context["path"].removesuffix("session")
    on_localstack = ":" in str(context.get("domainName"))
    return f"/_aws/execute-api/{context.get('apiId')}{path}" if on_localstack else path


def _require_provider() -> Provider:
    provider = authentication.provider()
    if provider is None:
        raise NoSignIn("This shop has no sign-in: deploy it with the parameter OidcIssuer.")
    return provider


def _cookies(values: dict[str, str], max_age: int | None = None) -> list[Cookie]:
    """The cookies with these values, at each of their paths."""
    base = _base_path()
    # An earlier version set them without a path, and browsers may have them still.
    old = [_cookie(name, "", "", 0) for name in values]
    return old + [
        _cookie(name, value, base + path, max_age)
        for name, value in values.items()
        for path in PATHS[name]
    ]


def _cookie(name: str, value: str, path: str, max_age: int | None) -> Cookie:
    # From plain HTTP, WebKit keeps no Secure cookie, not on loopback either.
    http = BaristaCallback.read().localstack_endpoint.startswith("http:")
    return Cookie(
        name,
        value,
        path,
        secure=not http,
        max_age=max_age,
        http_only=True,
        same_site=SameSite.STRICT_MODE,
    )
