"""Who works at the counter's page, and for how long."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, Route, expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop
from tests.pages.provider import CUSTOMER, MANAGER, FakeOpenIdProvider


def test_a_customer_is_not_let_in(shop: DeployedShop, someone: Come[Page]) -> None:
    page = someone()
    page.goto(shop.outputs["CounterPageUrl"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Subject").fill(CUSTOMER)
    page.get_by_role("button", name="Authorize", exact=True).click()
    expect(page.get_by_text("You are signed in, but not as a barista.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.locator("#queue")).to_be_hidden()


def test_a_sign_in_that_was_begun_elsewhere_ends_at_the_door(
    shop: DeployedShop, someone: Come[Page]
) -> None:
    page = someone()
    page.goto(f"{shop.outputs['CounterPageUrl']}?code=stolen&state=forged")
    expect(page.get_by_text("It was started in another tab, or too long ago.")).to_be_visible()
    assert "stolen" not in page.url


def test_a_sign_in_that_the_provider_refuses_says_why(
    shop: DeployedShop, someone: Come[Page], provider: FakeOpenIdProvider
) -> None:
    page = someone()
    with provider.answering("/oauth2/token", '{"error": "invalid_grant"}', 400):
        page.goto(shop.outputs["CounterPageUrl"])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Authorize as Julia").click()
        expect(page.get_by_text("The sign-in took too long or was used before.")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Authorize as Julia").click()
    expect(page.get_by_text("Signed in as Julia")).to_be_visible()


def test_a_barista_in_many_groups_is_let_in(barista: Come[Barista]) -> None:
    olga = barista(MANAGER)
    expect(olga.page.locator("#queue")).to_be_visible()


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
    julia.sign_in("Julia")
    expect(other.page.get_by_text("Signed in as Julia")).to_be_visible(timeout=NEWS_MS)


@pytest.mark.parametrize("blocked", ["sessionStorage", "localStorage"])
def test_who_blocks_site_data_is_told_so(
    shop: DeployedShop, someone: Come[Page], blocked: str
) -> None:
    page = someone()
    page.add_init_script(
        f"Object.defineProperty(window, '{blocked}',"
        " {get() { throw new DOMException('', 'SecurityError') }})"
    )
    page.goto(shop.outputs["CounterPageUrl"])
    page.get_by_role("button", name="Sign in").click()
    if blocked == "localStorage":  # It holds no more than the language.
        expect(page.get_by_role("button", name="Authorize as Julia")).to_be_visible()
        return
    told = page.get_by_text("Allow cookies and site data for this page, and sign in again.")
    expect(told).to_be_visible()
    page.reload()
    expect(told).to_be_hidden()
    page.goto(f"{shop.outputs['CounterPageUrl']}?code=c&state=s")
    expect(told).to_be_visible()


def test_who_keeps_no_cookies_is_told_so(shop: DeployedShop, someone: Come[Page]) -> None:
    page = someone()

    def answer_without_cookies(route: Route) -> None:
        if route.request.method == "POST":
            now = datetime.now(UTC).isoformat()
            route.fulfill(json={"baristaId": "Julia", "now": now, "endsAt": now})
        else:
            route.continue_()

    page.route("**/session", answer_without_cookies)
    page.goto(shop.outputs["CounterPageUrl"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Authorize as Julia").click()
    expect(page.get_by_text("Your browser did not keep the sign-in.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_browser_that_does_not_say_which_page_asks_is_told_so(
    shop: DeployedShop, someone: Come[Page]
) -> None:
    """As Safari before 16.4. The server's answer is its own."""
    page = someone()

    def ask_as_an_older_one(route: Route) -> None:
        sent = route.request.headers
        headers = {name: sent[name] for name in sent if not name.startswith("sec-fetch-")}
        route.fulfill(response=route.fetch(headers=headers))

    page.route("**/session", ask_as_an_older_one)
    page.goto(shop.outputs["CounterPageUrl"])
    expect(page.get_by_text("does not tell the store which page")).to_be_visible()


def test_a_session_that_runs_out_is_renewed_unseen(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista("Julia"), customer()
    julia.page.context.clear_cookies(name="staff")
    ada.order("Flat white")
    julia.sees("Flat white")
    expect(julia.page.get_by_text("Signed in as Julia")).to_be_visible()


def test_a_session_is_renewed_early_and_outlives_refusals(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista("Julia"), customer()

    def end_soon_and_renew_nothing(route: Route) -> None:
        if route.request.method == "PUT":
            route.fulfill(status=429, json={"message": "Too Many Requests"})
            return
        now = datetime.now(UTC)
        ends_at = now + timedelta(seconds=2)
        told = {"baristaId": "Julia", "now": now.isoformat(), "endsAt": ends_at.isoformat()}
        route.fulfill(json=told)

    julia.page.route("**/session", end_soon_and_renew_nothing)
    with julia.page.expect_request(lambda request: request.method == "PUT", timeout=NEWS_MS):
        julia.page.reload()
    ada.order("Flat white")
    julia.clicks("Done", "Flat white")
    ada.reads("Your drink is ready.")
    expect(julia.page.get_by_text("Signed in as Julia")).to_be_visible()


def test_a_session_that_is_over_asks_to_sign_in_again(barista: Come[Barista]) -> None:
    julia = barista("Julia")
    expect(julia.page.locator("#queue")).to_be_visible()
    julia.page.context.clear_cookies()
    expect(julia.page.locator("#queue")).to_be_hidden(timeout=NEWS_MS)
    julia.page.get_by_role("button", name="Sign in").click()
    julia.page.get_by_role("button", name="Authorize as Julia").click()
    expect(julia.page.locator("#queue")).to_be_visible()


def test_who_signs_out_is_out(barista: Come[Barista]) -> None:
    julia = barista("Julia")
    julia.page.get_by_role("button", name="Sign out").click()
    julia.page.get_by_role("button", name="End session").click()  # The provider's.
    expect(julia.page.get_by_text("Sign in to work at the counter.")).to_be_visible()
    julia.page.reload()
    expect(julia.page.get_by_text("Sign in to work at the counter.")).to_be_visible()


def test_no_public_route_gets_a_token(shop: DeployedShop, someone: Come[Page]) -> None:
    julia = Barista(someone(), shop.outputs["CounterPageUrl"])
    sent: dict[str, str] = {}

    def note(request: Request) -> None:
        route = urlsplit(request.url).path.removeprefix(urlsplit(shop.outputs["ApiUrl"]).path)
        sent[route] = sent.get(route, "") + request.all_headers().get("cookie", "")

    julia.sign_in("Julia")
    julia.page.on("requestfinished", note)
    with julia.page.expect_event("requestfinished", lambda request: "/store/menu" in request.url):
        julia.page.reload()
    for part in ("#queue", "#store"):
        expect(julia.page.locator(part)).to_be_visible()
    with julia.page.expect_event("requestfinished", lambda request: "/menu" in request.url):
        julia.page.goto(shop.outputs["OrderPageUrl"])
    with_token = {route for route, cookies in sent.items() if "staff=" in cookies}
    assert with_token == {"/session", "/orders", "/store", "/store/menu"}
    assert {route for route, cookies in sent.items() if "staff-refresh=" in cookies} == {"/session"}
    assert {"/counter", "/order", "/menu"} <= set(sent)
