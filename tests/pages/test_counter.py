"""A barista's work at the counter: who makes what, and what is late, missing or wanted again."""

import re

import pytest
from playwright.sync_api import expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come
from harness.polling import until
from harness.shop import DeployedShop
from tests.pages.hearing import tones
from tests.pages.test_looks import TABLET, are_whole, has_no_barriers, waiting_for

UNDO_MS = 4000  # And a second in which the tap is made.


def test_what_is_made_together_comes_first(shop: DeployedShop, barista: Come[Barista]) -> None:
    drinks = ["Latte, large, oat milk, extra shot", "Espresso", "Latte"] * 3 + ["Flat white"]
    shop.prepare(*(Order(drink, user_id="Maximilian") for drink in drinks))
    page = barista(viewport=TABLET).page
    page.route("**/orders?*", waiting_for(11))  # So it also says when they time out.
    cards = page.locator("li.order")
    expect(cards).to_have_count(10, timeout=NEWS_MS)
    expect(cards.filter(has_text="min left")).to_have_count(10, timeout=NEWS_MS)
    expect(cards.filter(has_text="extra shot").first.get_by_role("listitem")).to_have_text(
        ["large", "oat milk", "extra shot"]
    )
    are_whole(cards)
    has_no_barriers(page)
    page.get_by_role("button", name="Latte 6").click()
    others = re.compile("Espresso|Flat white")
    expect(cards.locator(".drink")).to_have_text([*["Latte"] * 6, *[others] * 4])


def test_a_take_that_somebody_was_faster_with_is_told(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia, order = barista("Julia"), Order("Cortado")
    marco = barista("Marco")
    shop.prepare(order)
    marco.sees("Cortado")
    marco.page.route("**/orders?*", lambda _: None)
    julia.clicks("I'll make it", "Cortado")
    expect(julia.sees("Cortado")).to_contain_text("You are making it")
    until("Julia takes it", lambda: shop.item(order), lambda item: item.get("takenBy") == "Julia")
    marco.clicks("I'll make it", "Cortado")
    expect(marco.page.locator("#refusal")).to_contain_text("Julia is making it.", timeout=NEWS_MS)
    marco.page.unroute("**/orders?*")
    shop.complete(order)


def test_a_decline_marks_what_is_missing_as_sold_out(
    shop: DeployedShop, barista: Come[Barista], request: pytest.FixtureRequest
) -> None:
    extras = [{"name": "oat milk"}, {"name": "soy milk"}]
    group = {"name": "Milk", "choose": "one", "extras": extras}
    shop.put("/store/menu", {"items": [{"name": "Latte"}], "groups": [group], "version": 0})
    request.addfinalizer(shop.take_menu_away)
    order, other = Order("Latte, oat milk"), Order("Galao, oat milk")
    shop.prepare(order, other)
    julia = barista()
    julia.clicks("Decline", "Latte")
    dialog = julia.page.get_by_role("dialog")
    dialog.get_by_role("button", name="We are out of oat milk.").click()
    dialog.get_by_label("Mark oat milk as sold out").check()
    has_no_barriers(julia.page)
    with julia.page.expect_response("**/sold-out", timeout=NEWS_MS):
        dialog.get_by_role("button", name="Decline", exact=True).click()
        sold_out = julia.sold_out("oat milk")
        expect(sold_out).to_have_attribute("aria-pressed", "true", timeout=UNDO_MS)  # At once.
        expect(julia.sees("Galao")).to_contain_text("oat milk (sold out)")
    expect(sold_out).to_have_attribute("aria-pressed", "true")
    ended = shop.wait_for_status(order, "rejected")
    assert "We are out of oat milk." in ended["message"]
    (found,) = shop.get("/store/menu").json()["groups"]
    assert [extra["soldOut"] for extra in found["extras"]] == [True, False]
    shop.complete(other)


def test_is_mine_ready(shop: DeployedShop, barista: Come[Barista]) -> None:
    ready, declined = Order("Cortado", user_id="Zoe L."), Order("Breve", user_id="Bob")
    julia = barista()
    page = julia.page
    shop.prepare(ready, declined)
    number = julia.sees("Cortado").locator(".number").inner_text()
    julia.sees("Breve")
    page.get_by_role("button", name="Is it ready?").click()
    shop.complete(ready)
    rows = page.locator("#past-orders li")
    expect(rows.filter(has_text="Zoe L.")).to_contain_text("Made by Julia.", timeout=NEWS_MS)
    julia.declines("Breve", "We are out of beans.")
    expect(rows.filter(has_text="Bob")).to_be_visible(timeout=NEWS_MS)
    expect(rows.first).to_contain_text("Declined.")  # It is the latest.
    search = page.get_by_label("Name, number or order ID")
    for wanted in (number, "zoe l", ready.order_id):
        search.fill(wanted)
        expect(rows.filter(has_text="Zoe L.")).to_be_visible()
        expect(rows.filter(has_text="Bob")).to_have_count(0)
    waiting = Order("Mocha", user_id="Zoey")
    shop.prepare(waiting)
    julia.sees("Mocha")
    search.fill("ZOE")
    expect(rows).to_have_text([re.compile("Zoey *At the counter"), re.compile(r"Zoe L\. *Ready")])
    search.fill("nobody")
    page.get_by_role("button", name="Look up").click()
    refusal = page.locator("#refusal")
    expect(refusal).to_contain_text("No order has the name, number or ID “nobody”.")
    search.fill(number)
    expect(refusal).to_be_empty()
    shop.complete(waiting)
    page.get_by_role("button", name="Make it again: Cortado for Zoe L.").click()
    again = julia.sees("Cortado").filter(has_text="Once more")
    expect(again).to_be_visible(timeout=NEWS_MS)
    with page.expect_request("**/complete", timeout=NEWS_MS):
        again.get_by_role("button", name="Done").click()


def test_new_late_and_canceled_orders_are_heard_after_one_tap(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia, order = barista(), Order("Cortado")
    page = julia.page
    sound = page.get_by_role("button", name="Sound")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(sound).to_have_attribute("aria-pressed", "true")
    page.locator("h1").click()  # Any tap.
    before = tones(page)
    shop.prepare(order)
    julia.sees("Cortado")
    fresh = tones(page)
    assert fresh > before
    page.route("**/orders?*", waiting_for(9))
    expect(julia.sees("Cortado")).to_have_attribute("data-age", "red", timeout=NEWS_MS)
    late = tones(page)
    assert late > fresh
    shop.cancel(order)
    expect(julia.sees("Cortado")).to_contain_text("Canceled", timeout=NEWS_MS)
    assert tones(page) > late
    julia.clears("Cortado")
