"""Who may use the staff's API."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from aws.environment import Environment
from aws.order_table import OrderTable
from barista_callback import authentication, openid
from barista_callback.api import app
from tests.unit.api import ask, click, prepare, request
from tests.unit.events import ORDER_ID, TOKEN
from tests.unit.openid_provider import (
    CLIENT_ID,
    OWN_PAGE,
    SOMEBODYS_KEY,
    FakeProvider,
    bearer,
    claims,
    session_cookie,
    sign_out,
    token,
)
from tests.unit.printed import Printed
from tests.unit.step_functions import StepFunctions, completed
from tests.unit.tables import Tables

pytestmark = pytest.mark.usefixtures("tables", "provider")

LONG_AGO = datetime.now(UTC) - timedelta(minutes=5)
SOON = datetime.now(UTC) + timedelta(hours=1)


def challenge(answer: Mapping[str, Any]) -> str:
    """The scheme that a 401 asks for."""
    (asked,) = answer["multiValueHeaders"]["WWW-Authenticate"]
    return str(asked).split()[0]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic SnVsaWE6"},
        bearer("nonsense"),
        bearer(token(key=SOMEBODYS_KEY)),
        bearer(token(key=SOMEBODYS_KEY, kid="")),
        bearer(token(kid="2")),
        bearer(token(exp=LONG_AGO)),
        bearer(token(iat=SOON)),
        bearer(token(nbf=SOON)),
        bearer(token(iss="https://other.example")),
        bearer(token(aud="another-client")),
        bearer(token(aud=[CLIENT_ID, "another-client"])),
        bearer(token(azp="another-client")),
        bearer(token(aud=[CLIENT_ID, "another-client"], azp="another-client")),
        bearer(token(token_use="access")),
        *(bearer(token(without=claim)) for claim in ("exp", "iat", "iss", "aud", "sub")),
        bearer(jwt.encode(claims(), "", "none", {"kid": "1"})),
        bearer(jwt.encode(claims(), "x" * 32, "HS256", {"kid": "1"})),
    ],
)
def test_a_request_without_a_valid_token_is_refused(headers: Mapping[str, str]) -> None:
    for method, path in (("GET", "/store"), ("POST", f"/orders/{ORDER_ID}/complete")):
        answer = ask(method, path, headers, {"wrong": "body"})
        assert answer["statusCode"] == 401
        assert challenge(answer) == "Bearer"
        assert json.loads(answer["body"])["message"]


@pytest.mark.parametrize("said", ["iat", "nbf"])
def test_a_token_from_the_future_tells_how_far_the_clocks_are_apart(
    printed: Printed, said: str
) -> None:
    later: dict[str, Any] = {said: datetime.now(UTC) + timedelta(seconds=555)}
    answer = ask("GET", "/store", bearer(token(**later)))
    problem = r"A clock is wrong: the provider's is 55\d s ahead of this counter's\."
    assert re.match(problem, json.loads(answer["body"])["message"])
    assert any(re.match(problem, line["message"]) for line in printed.logs)
    strangers = ask("GET", "/store", bearer(token(key=SOMEBODYS_KEY, **later)))
    assert "clock" not in strangers["body"]


STAFF_ROUTES = [
    (method.upper(), path.format(orderId="1"))
    for path, methods in json.loads(app.get_openapi_json_schema())["paths"].items()
    if path != "/session"
    for method in methods
]


@pytest.mark.parametrize(("method", "path"), STAFF_ROUTES)
def test_a_staff_route_is_open_to_a_barista_alone(method: str, path: str) -> None:
    customer, barista = (bearer(token(groups=groups)) for groups in (["customer"], ["barista"]))
    answers = [ask(method, path, headers, {}) for headers in ({}, customer, barista)]
    nobody, refused, let_in = [answer["statusCode"] for answer in answers]
    assert (nobody, refused) == (401, 403)
    assert let_in in (200, 404, 422)
    assert all(json.loads(answer["body"])["message"] for answer in answers[:2])


@pytest.mark.parametrize("groups", [None, [], ["customer"], "customer", "baristas", {"barista": 1}])
def test_a_person_without_the_barista_role_is_refused(groups: object) -> None:
    assert ask("GET", "/store", bearer(token(groups=groups)))["statusCode"] == 403


def test_a_token_need_not_name_the_only_key() -> None:
    assert ask("GET", "/store", bearer(token(kid="")))["statusCode"] == 200


@pytest.mark.parametrize(
    "said",
    [
        {"aud": [CLIENT_ID]},
        {"azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another-client"], "azp": CLIENT_ID},
        {"token_use": "id"},
    ],
)
def test_a_token_may_say_that_it_was_issued_to_the_counter(said: dict[str, Any]) -> None:
    assert ask("GET", "/store", bearer(token(**said)))["statusCode"] == 200


@pytest.mark.parametrize("groups", ["barista", ["barista"], ["customer", "barista"]])
def test_a_barista_is_let_in(groups: object) -> None:
    assert ask("GET", "/store", bearer(token(groups=groups)))["statusCode"] == 200


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({}, "Julia"),
        ({"preferred_username": None, "cognito:username": "julia.k"}, "julia.k"),
        ({"preferred_username": None}, "4711"),
        ({"preferred_username": "\u3164", "name": "Julia K."}, "Julia K."),
        ({"preferred_username": "Julia\uffff", "name": ["Julia"]}, "4711"),
    ],
)
def test_the_barista_is_taken_from_the_token_and_not_from_the_body(
    tables: Tables,
    order_table: OrderTable,
    step_functions: StepFunctions,
    claims: dict[str, Any],
    name: str,
) -> None:
    prepare(tables, order_table)
    path = f"/orders/{ORDER_ID}/complete"
    answer = ask("POST", path, bearer(token(**claims)), {"baristaId": "Mallory"})
    assert answer["statusCode"] == 200
    assert step_functions.calls == [completed(name, TOKEN)]


def test_two_baristas_of_one_name_are_two_and_a_renamed_one_is_the_same(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    prepare(tables, order_table)
    path = f"/orders/{ORDER_ID}/complete"
    first, namesake = token(), token(sub="4712")
    renamed = token(preferred_username="Julia K.")
    step_functions.error = "ThrottlingException"
    assert ask("POST", path, bearer(first), {})["statusCode"] == 503
    step_functions.error = None
    answer = ask("POST", path, bearer(namesake), {})
    assert answer["statusCode"] == 409
    assert "Julia has completed it" in json.loads(answer["body"])["message"]
    assert ask("POST", path, bearer(renamed), {})["statusCode"] == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_a_cookie_is_accepted_from_our_own_pages_only(
    provider: FakeProvider, site: str | None
) -> None:
    cookie = {"Cookie": f'odd={{"x":1}}; other@=1 2; {session_cookie(provider)}'}
    sent_from = {"Sec-Fetch-Site": site} if site else {}
    assert ask("GET", "/store", cookie | sent_from)["statusCode"] == 401
    assert ask("GET", "/store", cookie | {"Sec-Fetch-Site": "same-origin"})["statusCode"] == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed, _: sealed[:-1] + ("0" if sealed[-1] != "0" else "1"),
        lambda sealed, other: f"{sealed.partition('.')[0]}.{other.partition('.')[2]}",
        lambda sealed, _: sealed.partition(".")[0],
        lambda sealed, _: f"{sealed.partition('.')[0]}.",
        lambda *_: token(),
        lambda *_: "☕.☕",
        lambda *_: ".",
    ],
)
def test_a_session_that_this_counter_did_not_seal_is_refused(
    provider: FakeProvider, change: Callable[[str, str], str]
) -> None:
    sealed, other = (session_cookie(provider, sub=sub)[len("staff=") :] for sub in ("1", "2"))
    for cookie, status in ((sealed, 200), (change(sealed, other), 401)):
        answer = ask("GET", "/store", OWN_PAGE | {"Cookie": f"staff={cookie}"})
        assert answer["statusCode"] == status


def test_a_session_ends_with_its_id_token(provider: FakeProvider) -> None:
    almost_over = datetime.now(UTC) - timedelta(seconds=openid.SKEW_SECONDS - 5)
    cookie = session_cookie(provider, exp=almost_over)
    answer = ask("GET", "/store", OWN_PAGE | {"Cookie": cookie})
    assert answer["statusCode"] == 401
    assert "has ended" in json.loads(answer["body"])["message"]


def test_a_session_ends_when_another_role_is_needed(
    provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = OWN_PAGE | {"Cookie": session_cookie(provider)}
    assert ask("GET", "/store", cookie)["statusCode"] == 200
    monkeypatch.setenv("OIDC_ROLE", "head barista")
    authentication.provider.cache_clear()
    Environment.read.cache_clear()
    assert ask("GET", "/store", cookie)["statusCode"] == 401


def test_a_session_that_cannot_be_checked_now_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONFIG_TABLE", "a-table-that-is-not-there")
    answer = ask("GET", "/store", OWN_PAGE | {"Cookie": "staff=a.b"})
    assert answer["statusCode"] == 503


def test_without_an_issuer_there_is_no_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER", "")
    assert request("GET", "/store")[0] == 200
    assert click("heartbeat", {})[0] == 422
    assert ask("GET", "/session")["statusCode"] == 404
    assert sign_out() == (204, "")


@pytest.mark.usefixtures("tables")
def test_without_an_issuer_a_request_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the API's stage is older than the function, and lets everybody in."""
    monkeypatch.setenv("OIDC_ISSUER", "")
    monkeypatch.setenv("UNSIGNED_STAFF", "refused")
    answer = ask("GET", "/store")
    assert (answer["statusCode"], challenge(answer)) == (401, "AWS4-HMAC-SHA256")
    signed = {"requestContext": {"identity": {"userArn": "arn:aws:iam::123456789012:user/julia"}}}
    assert authentication.authenticate(signed) is None
