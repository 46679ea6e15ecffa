"""The taps that are kept until they are sent: each once, in order, and in nobody else's name."""

import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from harness.orders import COMPLETED
from harness.people import NEWS_MS, Barista, Come
from harness.polling import until
from harness.shop import DeployedShop
from tests.pages.test_taps import UNDO_SECONDS, prepared


@pytest.mark.parametrize("leaving", ["reload", "close", "hide"])
def test_a_tap_is_sent_when_the_page_is_left_in_the_five_seconds(
    shop: DeployedShop, barista: Come[Barista], leaving: str
) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    page = julia.page
    julia.clicks("Done", "Galao")
    if leaving == "reload":
        page.reload()
    elif leaving == "close":
        page.context.new_page()  # The browser stays open.
        with page.expect_event("close"):
            page.close(run_before_unload=True)
    else:
        page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    started = time.monotonic()
    shop.wait_for_event(order, COMPLETED)
    assert time.monotonic() - started < UNDO_SECONDS
    if leaving == "reload":
        julia.no_longer_sees("Galao")
        expect(page.locator("#refusal")).to_be_empty()  # Sent again for its answer, it is no news.
    assert len(shop.events_about(order, COMPLETED)) == 1


def test_a_tap_is_sent_although_the_browser_has_no_room_to_keep_it(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    julia.page.evaluate(
        "() => { Storage.prototype.setItem = () => {"
        " throw new DOMException('', 'QuotaExceededError'); }; }"
    )
    julia.clicks("Done", "Galao")
    expect(julia.sees("Galao")).to_have_attribute("data-state", "tapped")
    shop.wait_for_event(order, COMPLETED)


def test_two_tabs_send_a_tap_once_and_show_the_same(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    other = Barista(julia.page.context.new_page(), julia.url)
    third = julia.page.context.new_page()
    for page in (other.page, third):
        page.goto(julia.url)
    expect(third.locator("#queue")).to_be_visible()
    sent: list[str] = []
    julia.page.context.on(
        "request", lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    first, second = prepared(shop, julia, "Galao", "Breve")
    julia.clicks("Done", "Galao")
    julia.clicks("Done", "Breve")
    with third.expect_event("close"):
        third.close(run_before_unload=True)  # Nothing was tapped on it.
    expect(other.sees("Galao")).to_have_attribute("data-state", "tapped")
    other.clicks("Undo", "Breve")
    expect(julia.sees("Breve")).to_have_attribute("data-state", "open")
    shop.wait_for_event(first, COMPLETED)
    for tab in (julia, other):
        tab.no_longer_sees("Galao")
    assert len(sent) == 1
    assert shop.counter() == [second.order_id]


def test_a_tap_is_not_sent_in_the_name_of_somebody_else(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista("Julia")
    (order,) = prepared(shop, julia, "Galao")
    page = julia.page
    page.context.set_offline(True)
    julia.clicks("Done", "Galao")
    expect(julia.sees("Galao")).to_contain_text("not sent yet", timeout=NEWS_MS)
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=NEWS_MS)
    julia.sign_in("Marco")
    told = "Taps by Julia are not sent yet. That happens when Julia signs in here again."
    expect(page.get_by_text(told)).to_be_visible()
    expect(julia.sees("Galao")).to_have_attribute("data-state", "open")
    julia.clicks("Done", "Galao")
    julia.clicks("Undo", "Galao")  # Of Marco's own tap.
    page.context.clear_cookies()
    julia.sign_in("Julia")
    made = shop.wait_for_event(order, COMPLETED)
    assert made["detail"]["baristaId"] == "Julia"


def test_a_tap_is_not_sent_while_somebody_else_signs_in(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista("Julia")
    other = julia.page.context.new_page()
    other.goto(julia.url)
    julia.page.context.clear_cookies()
    other.get_by_role("button", name="Sign in").click()
    julia.sign_in("Julia")
    (order,) = prepared(shop, julia, "Galao")
    other.route(
        "**/session", lambda each: each.continue_() if each.request.method != "GET" else None
    )
    with other.expect_response("**/session"):
        other.get_by_role("button", name="Authorize as Marco").click()
    julia.clicks("Done", "Galao")  # Her page has not heard of Marco yet.
    julia.page.wait_for_timeout((UNDO_SECONDS + 1) * 1000)
    assert shop.counter() == [order.order_id]
    other.unroute("**/session")
    expect(julia.page.get_by_text("Signed in as Marco")).to_be_visible(timeout=NEWS_MS)


def test_taps_without_an_answer_are_kept_also_if_the_browser_sees_a_network(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    first, second = prepared(shop, julia, "Galao", "Breve")
    julia.page.route("**/orders*/**", lambda route: route.abort())
    julia.page.route("**/orders?*", lambda route: route.abort())
    julia.clicks("Done", "Galao")
    julia.clicks("Done", "Breve")
    expect(julia.page.get_by_text("Taps kept until there is a connection: 2")).to_be_visible(
        timeout=NEWS_MS
    )
    for drink in ("Galao", "Breve"):
        expect(julia.sees(drink)).to_contain_text("Done: not sent yet")
    julia.clicks("Undo", "Breve")
    julia.page.unroute_all()
    shop.wait_for_event(first, COMPLETED)
    assert shop.counter() == [second.order_id]


def test_the_last_of_the_taps_on_an_order_counts_also_if_an_answer_is_lost(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    sent: list[str] = []

    def lose_the_first(route: Route) -> None:
        sent.append(route.request.method)
        if sent == ["POST", "DELETE"]:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    julia.page.route("**/take", lose_the_first)
    julia.page.context.set_offline(True)
    for tapped in ("I'll make it", "Give back", "I'll make it"):
        julia.clicks(tapped, "Galao")
    with julia.page.expect_response(lambda _: len(sent) > 3, timeout=NEWS_MS):
        julia.page.context.set_offline(False)
    assert sent == ["POST", "DELETE", "DELETE", "POST"]
    until("Julia takes it", lambda: shop.item(order), lambda item: item.get("takenBy") == "Julia")
    expect(julia.page.locator("#refusal")).to_be_empty()
    shop.complete(order)


def test_a_tap_waits_for_an_earlier_one_on_its_order(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    sent: list[str] = []

    def be_busy_once(route: Route) -> None:
        sent.append(urlsplit(route.request.url).path.split("/")[-1])
        if len(sent) == 1:
            route.fulfill(status=503, json={"message": "Busy."})
        else:
            route.continue_()

    julia.page.route(f"**/{order.order_id}/*", be_busy_once)
    julia.page.context.set_offline(True)
    julia.clicks("I'll make it", "Galao")
    julia.clicks("Done", "Galao")
    time.sleep(UNDO_SECONDS)
    with julia.page.expect_response(lambda _: len(sent) > 2, timeout=NEWS_MS):
        julia.page.context.set_offline(False)
    assert sent == ["take", "take", "complete"]
    shop.wait_for_event(order, COMPLETED)


def test_a_decision_sent_twice_is_no_news_while_its_order_ends(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    sent: list[str] = []

    def refuse_the_second(route: Route) -> None:
        sent.append(route.request.method)
        if len(sent) == 1:
            route.abort()
        elif len(sent) == 2:
            route.fulfill(status=409, json={"message": "Julia completed it. It is about to end."})
        else:
            route.continue_()

    julia.page.route("**/complete", refuse_the_second)
    with julia.page.expect_response(lambda _: len(sent) > 2, timeout=NEWS_MS):
        julia.clicks("Done", "Galao")
    shop.wait_for_event(order, COMPLETED)
    julia.no_longer_sees("Galao")
    expect(julia.page.locator("#refusal")).to_be_empty()


def test_a_clock_that_is_set_neither_holds_a_tap_up_nor_makes_an_old_one_new(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    first, second = prepared(shop, julia, "Galao", "Guillermo")
    shop.complete(second)
    page = julia.page
    page.get_by_role("button", name="Is it ready?").click()
    again = page.get_by_role("button", name="Make it again: Guillermo")
    expect(again).to_be_enabled(timeout=NEWS_MS)
    page.context.set_offline(True)
    again.click()
    julia.clicks("Done", "Galao")
    page.evaluate("() => { const { now } = Date; Date.now = () => now() - 3600_000; }")
    page.context.set_offline(False)
    shop.wait_for_event(first, COMPLETED)
    told = "“Make it again” did not work. It was kept for too long."
    expect(page.locator("#refusal")).to_contain_text(told, timeout=NEWS_MS)
    assert shop.counter() == []


def only_sign_in(route: Route) -> None:
    """Leave the page's question who has signed in without an answer."""
    if route.request.method == "POST":
        route.continue_()
