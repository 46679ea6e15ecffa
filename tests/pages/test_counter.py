"""A barista's work at the counter: who makes what, and what is late, missing or wanted again."""

import re

import pytest
from playwright.sync_api import expect

from harness.orders import Order
from harness.people import NEWS_MS, SECONDS, UNDO_MS, Barista, Come, Customer
from harness.shop import DeployedShop
from tests.pages.network import busy_for
from tests.pages.test_looks import (
    PHONE,
    TABLET,
    are_whole,
    has_no_barriers,
    is_for_everybody,
    tabs_to,
    waiting_for,
)


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


def test_a_tap_that_came_too_late_says_why_and_is_undone(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    marco, first, second = barista("Marco"), Order("Macchiato"), Order("Cold drip")
    shop.prepare(first, second)
    for drink in (first.drink, second.drink):
        marco.sees(drink)
    marco.page.route("**/orders?*", lambda _: None)  # The page hears of nothing any more.
    shop.complete(first)
    shop.cancel(second)
    shop.wait_for_status(second, "canceled")
    marco.clicks("Done", first.drink)
    marco.finishes(second.drink)
    for drink, why in (
        (first.drink, "Julia was faster."),
        (second.drink, "The customer canceled the order."),
    ):
        told = re.compile(f": {drink} for .*: “Done” did not work. {why}")
        expect(marco.page.locator("#refusal p").filter(has_text=told)).to_be_visible(
            timeout=NEWS_MS
        )
        expect(marco.sees(drink)).to_have_attribute("data-state", "open")


def test_a_decline_outlives_a_server_that_is_busy_and_its_reason_is_offered_again(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Affogato")
    julia.page.route("**/decline", busy_for("POST"))
    julia.declines("Affogato", "The ice cream has melted.")
    julia.page.clock.fast_forward(UNDO_MS)
    expect(julia.sees("Affogato")).to_contain_text("can't be undone", timeout=NEWS_MS)
    julia.page.unroute("**/decline")
    expect(ada.page.locator("#detail")).to_have_text("The ice cream has melted.", timeout=NEWS_MS)
    shop.prepare(Order("Spaghettieis"))
    julia.clicks("Decline", "Spaghettieis")
    julia.page.get_by_role("button", name="The ice cream has melted.").click()
    expect(julia.page.get_by_label("Reason")).to_have_value("The ice cream has melted.")


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
        julia.page.clock.fast_forward(UNDO_MS)
        sold_out = julia.sold_out("oat milk")
        expect(sold_out).to_have_attribute("aria-pressed", "true")
        expect(julia.sees("Galao")).to_contain_text("oat milk (sold out)")
    expect(sold_out).to_have_attribute("aria-pressed", "true")
    ended = shop.wait_for_status(order, "rejected")
    assert "We are out of oat milk." in ended["message"]
    (found,) = shop.get("/store/menu").json()["groups"]
    assert [extra["soldOut"] for extra in found["extras"]] == [True, False]
    shop.complete(other)


def test_is_mine_ready(shop: DeployedShop, barista: Come[Barista]) -> None:
    ready, declined = Order("Cortado", user_id="Zoe L."), Order("Breve", user_id="Bob")
    waiting = Order("Mocha", user_id="Zoey")
    julia = barista()
    page = julia.page
    shop.prepare(ready, declined, waiting)
    number = julia.sees("Cortado").locator(".number").inner_text()
    page.get_by_role("button", name="Is it ready?").click()
    shop.complete(ready)
    rows = page.locator("#past-orders li")
    expect(rows.filter(has_text="Zoe L.")).to_contain_text("Made by Julia.", timeout=NEWS_MS)
    julia.declines("Breve", "We are out of beans.")
    page.clock.fast_forward(UNDO_MS)
    expect(rows.first).to_contain_text("Declined.", timeout=NEWS_MS)  # It is the latest.
    search = page.get_by_label("Name, number or order ID")
    for wanted in (number, "zoe l", ready.order_id):
        search.fill(wanted)
        expect(rows.filter(has_text="Zoe L.")).to_be_visible()
        expect(rows.filter(has_text="Bob")).to_have_count(0)
    search.fill("ZOE")
    expect(rows).to_have_text([re.compile("Zoey *At the counter"), re.compile(r"Zoe L\. *Ready")])
    search.fill("no such/order")
    search.press("Enter")
    refusal = page.locator("#refusal")
    expect(refusal).to_contain_text("No order has the name, number or ID “no such/order”.")
    search.fill(waiting.order_id)
    expect(refusal).to_be_empty()
    search.press("Enter")
    expect(page.get_by_role("dialog", name="History")).to_contain_text(waiting.order_id)
    page.keyboard.press("Escape")
    search.fill(number)
    page.get_by_role("button", name="Make it again: Cortado for Zoe L.").click()
    again = julia.sees("Cortado")
    expect(again).to_contain_text("Once more")
    with page.expect_request("**/complete", timeout=NEWS_MS):
        julia.finishes("Cortado")


def test_an_ended_order_is_found_with_a_keyboard_alone(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia, drink = barista(viewport=PHONE), "Cortadito" + "o" * 40
    shop.prepare(Order(drink))
    julia.declines(drink, "We are out of milk.")
    page = julia.page
    page.clock.fast_forward(UNDO_MS)
    julia.no_longer_sees(drink)
    page.locator("#past-details summary").focus()
    page.keyboard.press("Enter")
    row = page.locator("#past-orders li").filter(has_text=drink)
    expect(row).to_contain_text("Declined.", timeout=NEWS_MS)
    is_for_everybody(page)
    button = row.get_by_role("button", name=f"History: {drink}")
    tabs_to(button)
    page.keyboard.press("Enter")
    lines = page.get_by_role("dialog", name="History").get_by_role("listitem")
    expect(lines.filter(has_text="Julia declined it: We are out of milk.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    for _ in range(2):
        with page.expect_response("**/store"):
            page.clock.fast_forward(10 * SECONDS)  # It looks again.
    expect(button).to_be_focused()
    page.get_by_role("button", name="Deutsch").click()
    expect(row).to_contain_text("Abgelehnt.")
    has_no_barriers(page)
