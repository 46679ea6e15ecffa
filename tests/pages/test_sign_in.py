"""Who works at the counter's page, and for how long."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, Route, expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come
from harness.shop import DeployedShop
from tests.pages.provider import CUSTOMER, MANAGER
from tests.pages.test_looks import PHONE, is_for_everybody


@pytest.fixture
def stranger(shop: DeployedShop, someone: Come[Page]) -> Barista:
    """Somebody at the door of the counter."""
    stranger = Barista(someone(viewport=PHONE), shop.outputs["CounterPageUrl"])
    stranger.page.goto(stranger.url)
    return stranger


def test_a_customer_is_not_let_in(stranger: Barista) -> None:
    page = stranger.page
    expect(page.get_by_text("Sign in to work at the counter.")).to_be_visible()
    is_for_everybody(page)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Subject").fill(CUSTOMER)
    page.get_by_role("button", name="Authorize", exact=True).click()
    expect(page.get_by_text("You are signed in, but not as a barista.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator("#queue")).to_be_hidden()


def test_a_sign_in_that_was_begun_elsewhere_ends_at_the_door(stranger: Barista) -> None:
    stranger.page.goto(f"{stranger.url}?code=stolen&state=forged")
    told = stranger.page.get_by_text("It was started in another tab, or too long ago.")
    expect(told).to_be_visible()
    assert "stolen" not in stranger.page.url


def test_a_session_ends_and_begins_in_each_tab(shop: DeployedShop, barista: Come[Barista]) -> None:
    julia, order = barista(), Order("Galao")
    other = Barista(julia.page.context.new_page(), julia.url)
    other.page.goto(julia.url)
    shop.prepare(order)
    other.clicks("Decline", "Galao")
    julia.page.context.clear_cookies()
    for tab in (julia, other):
        expect(tab.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=NEWS_MS)
        expect(tab.page.get_by_role("dialog")).to_have_count(0)
        expect(tab.page.locator("#queue")).to_be_hidden()
    julia.sign_in("Julia")
    other.is_signed_in("Julia")


def test_who_blocks_site_data_is_told_so(stranger: Barista) -> None:
    page = stranger.page
    page.add_init_script(
        "for (const storage of ['sessionStorage', 'localStorage'])"
        " Object.defineProperty(window, storage,"
        " {get() { throw new DOMException('', 'SecurityError') }})"
    )
    page.reload()
    page.get_by_role("button", name="Sign in").click()
    told = page.get_by_text("Allow cookies and site data for this page, and sign in again.")
    expect(told).to_be_visible()
    page.goto(f"{stranger.url}?code=c&state=s")
    expect(told).to_be_visible()


def test_who_keeps_no_cookies_is_told_so(stranger: Barista) -> None:
    page = stranger.page

    def answer_without_cookies(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(json=session(timedelta()))
        else:
            route.continue_()

    page.route("**/session", answer_without_cookies)
    stranger.goes_to_the_provider("Julia")
    expect(page.get_by_text("Your browser did not keep the sign-in.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_browser_that_does_not_say_which_page_asks_is_told_so(stranger: Barista) -> None:
    """As Safari before 16.4. The server's answer is its own."""

    def ask_as_an_older_one(route: Route) -> None:
        sent = route.request.headers
        headers = {name: sent[name] for name in sent if not name.startswith("sec-fetch-")}
        route.fulfill(response=route.fetch(headers=headers))

    stranger.page.route("**/session", ask_as_an_older_one)
    stranger.page.reload()
    expect(stranger.page.get_by_text("does not tell the store which page")).to_be_visible()


def test_a_session_that_runs_out_is_renewed_unseen(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista("Julia")
    julia.page.context.clear_cookies(name="staff")
    shop.prepare(Order("Flat white"))
    julia.sees("Flat white")
    julia.is_signed_in("Julia")


def test_a_session_is_renewed_early_and_outlives_refusals(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista("Julia")

    def end_soon_and_renew_nothing(route: Route) -> None:
        if route.request.method == "PUT":
            route.fulfill(status=429, json={"message": "Too Many Requests"})
        else:
            route.fulfill(json=session(timedelta(seconds=2)))

    julia.page.route("**/session", end_soon_and_renew_nothing)
    with julia.page.expect_request(lambda request: request.method == "PUT", timeout=NEWS_MS):
        julia.page.reload()
    shop.prepare(Order("Flat white"))
    julia.finishes("Flat white")
    julia.no_longer_sees("Flat white")
    julia.is_signed_in("Julia")


def session(lasts: timedelta) -> dict[str, str]:
    """What the server says of Julia's session."""
    now = datetime.now(UTC)
    return {"baristaId": "Julia", "now": now.isoformat(), "endsAt": (now + lasts).isoformat()}


def test_who_signs_out_is_out(stranger: Barista) -> None:
    page = stranger.page
    stranger.sign_in(MANAGER)
    expect(page.locator("#queue")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()  # The provider's.
    expect(page.get_by_text("Sign in to work at the counter.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Sign in to work at the counter.")).to_be_visible()


def test_no_public_route_gets_a_token(shop: DeployedShop, barista: Come[Barista]) -> None:
    page = barista().page
    sent: dict[str, str] = {}

    def note(request: Request) -> None:
        route = urlsplit(request.url).path.removeprefix(urlsplit(shop.outputs["ApiUrl"]).path)
        sent[route] = sent.get(route, "") + request.all_headers().get("cookie", "")

    page.on("requestfinished", note)
    with page.expect_event("requestfinished", lambda request: "/store/menu" in request.url):
        page.reload()
    for part in ("#queue", "#store"):
        expect(page.locator(part)).to_be_visible()
    with page.expect_event("requestfinished", lambda request: "/menu" in request.url):
        page.goto(shop.outputs["OrderPageUrl"])
    with_token = {route for route, cookies in sent.items() if "staff=" in cookies}
    assert with_token == {"/session", "/orders", "/store", "/store/menu"}
    assert {route for route, cookies in sent.items() if "staff-refresh=" in cookies} == {"/session"}
    assert {"/counter", "/order", "/menu"} <= set(sent)
