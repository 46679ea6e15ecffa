"""Signing in at the counter: the authorization code flow with PKCE, ended on this side.

The page begins it and keeps the verifier; here the code is exchanged. What comes back is kept in
cookies that no script can read and that no other site's request carries.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from pydantic import BaseModel, StringConstraints

from barista_callback import staff
from barista_callback.staff import NotSignedIn, NotStaff
from orders import web
from orders.observability import logger

if TYPE_CHECKING:
    from barista_callback.openid import Provider

REFRESH_COOKIE = "staff-refresh"

router = APIGatewayRouter()

Text = Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class SignIn(BaseModel):
    """What the provider sent the browser back with, and what the page kept meanwhile."""

    code: Text
    verifier: Text
    nonce: Text
    redirectUri: Text


class Session(BaseModel):
    """Who has signed in."""

    baristaId: str


class SignInHere(BaseModel):
    """Nobody has signed in, or nobody who may; where that is done."""

    message: str
    authorizationEndpoint: str
    clientId: str


class SignedOut(BaseModel):
    """Where the browser signs out at the provider too; it wants to know where to go from there."""

    endSessionUrl: str


@router.get("/session", operation_id="getSession", summary="Who has signed in")
def get_session() -> Response[Any]:
    trusted = _trusted()
    try:
        barista_id = staff.admitted(router.current_event.raw_event)
    except (NotSignedIn, NotStaff) as error:
        return web.answer(
            error.status,
            SignInHere(
                message=str(error),
                authorizationEndpoint=trusted.endpoint("authorization_endpoint"),
                clientId=trusted.client_id,
            ),
        )
    return web.answer(HTTPStatus.OK, Session(baristaId=str(barista_id)))


@router.post("/session", operation_id="signIn", summary="Sign in")
def sign_in(body: SignIn) -> Response[Any]:
    grant = {
        "grant_type": "authorization_code",
        "code": body.code,
        "code_verifier": body.verifier,
        "redirect_uri": body.redirectUri,
    }
    return _signed_in(grant, body.nonce)


@router.put("/session", operation_id="renewSession", summary="Stay signed in")
def renew() -> Response[Any]:
    refresh_token = staff.own_cookie(router.current_event.raw_event, REFRESH_COOKIE)
    if not refresh_token:
        raise NotSignedIn("Sign in first.")
    return _signed_in({"grant_type": "refresh_token", "refresh_token": refresh_token})


@router.delete(
    "/session",
    operation_id="signOut",
    summary="Sign out",
    responses={
        200: {
            "description": "Signed out here, and not yet at the provider",
            "content": {"application/json": {"model": SignedOut}},
        },
        204: {"description": "Signed out here; the provider has no sign-out, or does not answer"},
    },
)
def sign_out() -> Response[Any]:
    cookies = [_cookie(name, "", 0) for name in _COOKIES]
    trusted = staff.provider()
    url = trusted.end_session_url() if trusted else None
    if url is None:
        return Response(HTTPStatus.NO_CONTENT, cookies=cookies, body="")
    return web.answer(HTTPStatus.OK, SignedOut(endSessionUrl=url), cookies=cookies)


def _signed_in(grant: dict[str, str], nonce: str | None = None) -> Response[Any]:
    trusted = _trusted()
    tokens = trusted.tokens(grant)
    barista_id = trusted.barista(tokens["id_token"], nonce=nonce)
    logger.info("A barista signed in", grant=grant["grant_type"])
    kept = {staff.TOKEN_COOKIE: tokens["id_token"], REFRESH_COOKIE: tokens.get("refresh_token")}
    return web.answer(
        HTTPStatus.OK,
        Session(baristaId=barista_id),
        # A provider need not give another refresh token for one: then the old one stays.
        cookies=[_cookie(name, value) for name, value in kept.items() if value],
    )


def _trusted() -> Provider:
    trusted = staff.provider()
    if trusted is None:
        raise staff.NoSignIn("This shop has no sign-in: deploy it with the parameter OidcIssuer.")
    return trusted


_COOKIES = (staff.TOKEN_COOKIE, REFRESH_COOKIE)


def _cookie(name: str, value: str, max_age: int | None = None) -> Cookie:
    """Without a path, which only the browser knows: it takes that of the API."""
    return Cookie(
        name, value, max_age=max_age, secure=True, http_only=True, same_site=SameSite.STRICT_MODE
    )
