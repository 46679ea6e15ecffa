"""The taps that are kept until they are sent: each once, in order, and in nobody else's name."""

import re
import time

from playwright.sync_api import Page, Route, expect

from harness.orders import COMPLETED
from harness.people import NEWS_MS, SECONDS, UNDO_MS, Barista, Come
from harness.shop import DeployedShop
from tests.pages.network import busy_for, requests
from tests.pages.test_taps import prepared


def test_a_tap_is_sent_when_the_page_is_left_in_the_five_seconds(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    page = julia.page
    page.context.new_page()  # The browser stays open.
    orders = prepared(shop, julia, "Galao", "Breve", "Cortado")
    for order, leaving in zip(orders, ("reload", "hide", "close"), strict=True):
        julia.clicks("Done", order.drink)
        started = time.monotonic()
        if leaving == "reload":
            page.reload()
        elif leaving == "hide":
            page.evaluate(
                "Object.defineProperty(document, 'hidden', {value: true, configurable: true});"
                "document.dispatchEvent(new Event('visibilitychange')); delete document.hidden"
            )
        else:
            with page.expect_event("close"):
                page.close(run_before_unload=True)
        shop.wait_for_event(order, COMPLETED)
        assert time.monotonic() - started < UNDO_MS / SECONDS
        if leaving == "reload":
            julia.no_longer_sees(order.drink)
            expect(page.locator("#refusal")).to_be_empty()  # Sent again for its answer: no news.


def test_a_tap_is_sent_although_the_browser_has_no_room_to_keep_it(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    julia.page.evaluate(
        "() => { Storage.prototype.setItem = () => {"
        " throw new DOMException('', 'QuotaExceededError'); }; }"
    )
    julia.finishes("Galao")
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
    sent = requests(julia.page.context, "POST")
    _, second = prepared(shop, julia, "Galao", "Breve")
    julia.clicks("Done", "Galao")
    julia.clicks("Done", "Breve")
    with third.expect_event("close"):
        third.close(run_before_unload=True)  # Nothing was tapped on it.
    expect(other.sees("Galao")).to_have_attribute("data-state", "tapped")
    other.clicks("Undo", "Breve")
    expect(julia.sees("Breve")).to_have_attribute("data-state", "open")
    julia.page.clock.fast_forward(UNDO_MS)  # On each tab.
    for tab in (julia, other):
        tab.no_longer_sees("Galao")
    assert sent == ["POST complete"]
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
    shop: DeployedShop, someone: Come[Page]
) -> None:
    marco = Barista(someone(), shop.outputs["CounterPageUrl"])
    marco.page.clock.install()
    marco.page.goto(marco.url)
    marco.page.get_by_role("button", name="Sign in").click()
    julia = Barista(marco.page.context.new_page(), marco.url)
    julia.sign_in("Julia")
    prepared(shop, julia, "Galao")
    sent = requests(julia.page, "POST")
    marco.page.route("**/session", busy_for("GET"))
    with marco.page.expect_response(lambda answer: answer.status == 503):
        marco.page.get_by_role("button", name="Authorize as Marco").click()
    with julia.page.expect_response("**/orders?*"):
        julia.finishes("Galao")  # Her page has not heard of Marco yet.
    assert sent == []
    marco.page.unroute("**/session")
    julia.is_signed_in("Marco")


def test_taps_without_an_answer_are_kept_also_if_the_browser_sees_a_network(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    prepared(shop, julia, "Galao", "Breve")
    julia.page.route(re.compile("/orders"), lambda route: route.abort())
    julia.clicks("Done", "Galao")
    julia.finishes("Breve")
    kept = julia.page.get_by_text("Taps kept until there is a connection: 2")
    expect(kept).to_be_visible(timeout=NEWS_MS)
    for drink in ("Galao", "Breve"):
        expect(julia.sees(drink)).to_contain_text("Done: not sent yet")
    julia.clicks("Undo", "Breve")
    julia.page.unroute_all()
    julia.no_longer_sees("Galao")
    expect(julia.sees("Breve")).to_have_attribute("data-state", "open")


def test_the_last_of_the_taps_on_an_order_counts_also_if_an_answer_is_lost(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    sent = requests(julia.page, "POST", "DELETE")

    def lose_the_second(route: Route) -> None:
        if len(sent) == 2:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    julia.page.route("**/take", lose_the_second)
    julia.page.context.set_offline(True)
    for tapped in ("I'll make it", "Give back", "I'll make it"):
        julia.clicks(tapped, "Galao")
    with julia.page.expect_response(lambda _: len(sent) > 3, timeout=NEWS_MS):
        julia.page.context.set_offline(False)
    assert sent == ["POST take", "DELETE take", "DELETE take", "POST take"]
    expect(julia.page.locator("#refusal")).to_be_empty()
    shop.complete(order)


def test_a_tap_waits_for_an_earlier_one_on_its_order(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    prepared(shop, julia, "Galao")
    sent = requests(julia.page, "POST")
    julia.page.route("**/take", busy_for("POST"), times=1)
    julia.page.context.set_offline(True)
    julia.clicks("I'll make it", "Galao")
    julia.finishes("Galao")
    julia.page.context.set_offline(False)
    julia.no_longer_sees("Galao")
    assert sent == ["POST take", "POST take", "POST complete"]


def test_a_decision_sent_twice_is_no_news_while_its_order_ends(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    prepared(shop, julia, "Galao")
    sent = requests(julia.page, "POST")

    def refuse_the_second(route: Route) -> None:
        if len(sent) == 1:
            route.abort()
        elif len(sent) == 2:
            route.fulfill(status=409, json={"message": "Julia completed it. It is about to end."})
        else:
            route.continue_()

    julia.page.route("**/complete", refuse_the_second)
    julia.finishes("Galao")
    julia.no_longer_sees("Galao")
    assert len(sent) == 3
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
