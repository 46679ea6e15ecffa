"""The pages in all their states: for everybody, small, dark, in German, with a keyboard alone."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come, Customer
from harness.polling import until
from harness.shop import DeployedShop

PHONE = {"width": 360, "height": 740}
TABLET = {"width": 1024, "height": 768}
SCHEMES = ["light", "dark"]


def has_no_barriers(page: Page) -> None:
    expect(page.locator(".resting")).to_have_count(0)  # They are dim for a second.
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def fits(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], width


def is_for_everybody(page: Page) -> None:
    """In the light and in the dark."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        has_no_barriers(page)
    fits(page)


CUT_OFF = """cards => cards.flatMap(card => {
    const isIn = (one, other) => one.left >= other.left && one.right <= other.right
        && one.top >= other.top && one.bottom <= other.bottom;
    const isCut = part => getComputedStyle(part).overflow !== "visible"
        && (part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight);
    const isCovered = button => {
        const { left, top, width, height } = button.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        return !button.contains(hit);
    };
    const view = new DOMRect(0, 0, document.documentElement.clientWidth, innerHeight);
    const box = card.getBoundingClientRect();
    return [card, ...card.querySelectorAll("*")]
        .filter(part => part.checkVisibility())
        .filter(part => !isIn(part.getBoundingClientRect(), part === card ? view : box)
            || isCut(part) || (part.matches("button") && isCovered(part)))
        .map(part => `${card.innerText}: ${part.className}`);
})"""


def are_whole(cards: Locator) -> None:
    """Nothing of them is cut off or covered, or has to be scrolled to."""
    until("whole cards", lambda: cards.evaluate_all(CUT_OFF), lambda cut: cut == [], within=10)


def waiting_for(minutes: int) -> Callable[[Route], None]:
    """Answer as if the orders at the counter had been waiting for so long."""

    def answer_later(route: Route) -> None:
        # Sent from here, without what the browser says of the page that asks.
        asked_by = {"sec-fetch-site": "same-origin"}
        answer = route.fetch(headers=route.request.all_headers() | asked_by)
        counter = answer.json()
        since = datetime.fromisoformat(counter["now"]) - timedelta(minutes=minutes)
        for order in counter["orders"]:
            order["receivedAt"] = order["waitingSince"] = since.isoformat()
            order["timesOutAt"] = (since + timedelta(minutes=15)).isoformat()
        route.fulfill(response=answer, json=counter)

    return answer_later


def test_the_customers_page(shop: DeployedShop, customer: Come[Customer]) -> None:
    ada = customer(viewport=PHONE)
    page = ada.page
    page.goto(ada.url)
    expect(page.get_by_label("Drink")).to_be_visible()
    is_for_everybody(page)
    ada.order("A very long name of a drink without any space: Doppelmacchiato" + "o" * 30)
    ada.waits()
    is_for_everybody(page)
    shop.complete_all()
    ada.reads("Your drink is ready.")
    expect(page.locator("#picture .check")).to_be_visible()
    is_for_everybody(page)
    # The name is read from two metres. Letters must be at least 1/200 as high as they are far away.
    # Capitals are 0.7 of the font's size, and a phone has about 5.5 pixels a millimetre.
    size = page.locator("#whom").evaluate("name => parseFloat(getComputedStyle(name).fontSize)")
    assert size * 0.7 / 5.5 >= 2000 / 200
    assert page.evaluate("document.getAnimations().length") == 1
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
    shop.configure(open=False)
    page.get_by_role("button", name="Order another").click()
    expect(page.get_by_text("The store is closed at the moment.")).to_be_visible()
    expect(page.locator("#picture .check")).to_be_hidden()
    expect(page.locator("#picture .moon")).to_be_visible()
    ada.order("Espresso")
    expect(page.get_by_role("alert")).to_contain_text("The store is closed.")
    is_for_everybody(page)


def test_the_baristas_page(shop: DeployedShop, barista: Come[Barista]) -> None:
    shop.prepare(Order("Doppelmacchiato" + "o" * 50))
    page = barista(viewport=PHONE).page
    card = page.locator("li.order")
    more_time = card.get_by_role("button", name="More time")
    for minutes, age in ((11, "red"), (6, "amber"), (4, "")):
        page.route("**/orders?*", waiting_for(minutes))
        expect(card.locator(".waited")).to_have_text(re.compile(f"^{minutes}:"), timeout=NEWS_MS)
        expect(card).to_have_attribute("data-age", age)
        is_for_everybody(page)
        if age == "red":
            expect(card).to_contain_text("3 min left")
            more_time.click()
            expect(page.locator("#announcement")).to_contain_text("More time")
        else:
            expect(more_time).to_be_hidden()
    amber = page.get_by_label("Amber after minutes")
    for set_to in ("2", "9"):  # The latter is after red.
        amber.fill(set_to)
        amber.press("Tab")
    expect(card).to_have_attribute("data-age", "amber")
    page.reload()
    expect(card).to_have_attribute("data-age", "amber")
    expect(amber).to_have_value("2")
    for button in ("Decline", "History"):
        card.get_by_role("button", name=button).click()
        dialog = page.get_by_role("dialog", name=button)
        left, right, top, bottom = dialog.evaluate(
            "dialog => { const box = dialog.getBoundingClientRect();"
            " return [box.left, innerWidth - box.right, box.top, innerHeight - box.bottom]; }"
        )
        assert (left, top) == pytest.approx((right, bottom), abs=20)  # The scroll bar takes 15 px.
        is_for_everybody(page)
        dialog.get_by_role("button", name="Back").click()


def test_a_german_browser_gets_german(customer: Come[Customer]) -> None:
    ada = customer(locale="de-DE")
    ada.page.goto(ada.url)
    ada.page.get_by_label("Dein Name").fill("Ada")
    ada.page.get_by_label("Getränk").fill("Melange")
    ada.page.get_by_role("button", name="Bestellen", exact=True).click()
    ada.reads("Keine Bestellung ist vor deiner.")
    has_no_barriers(ada.page)
    ada.page.get_by_role("button", name="English").click()
    ada.waits()
    expect(ada.page.locator("html")).to_have_attribute("lang", "en")


def test_the_keyboard_is_enough(customer: Come[Customer], barista: Come[Barista]) -> None:
    julia, ada = barista(), customer()
    ada.page.goto(ada.url)
    expect(ada.page.get_by_label("Drink")).to_be_visible()
    ada.page.get_by_label("Drink").focus()
    ada.page.keyboard.type("Affogato")
    ada.page.keyboard.press("Tab")
    ada.page.keyboard.type("Ada")
    ada.page.keyboard.press("Enter")
    ada.waits()
    done = julia.sees("Affogato").get_by_role("button", name="Done")
    tabs_to(done)
    julia.page.keyboard.press("Enter")
    expect(julia.sees("Affogato")).to_have_attribute("data-state", "tapped")


def tabs_to(button: Locator) -> None:
    for _ in range(60):
        button.page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break


def test_texts_of_any_length_leave_room_for_others(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    """An order service may send as many characters as the workflow takes."""
    order = Order(drink="Flat white, oat milk " * 476, user_id="Ada 👩‍🍳" * 1000)
    shop.prepare(order)
    julia = barista(viewport=PHONE)
    page = julia.page
    card = julia.sees("Flat white")
    assert page.evaluate("document.documentElement.scrollHeight") < 3 * PHONE["height"]
    fits(page)
    expect(card).to_contain_text("… (in full under History)")
    card.get_by_role("button", name="History").click()
    expect(page.get_by_role("dialog")).to_contain_text(order.drink.strip())
    expect(page.get_by_role("dialog")).to_contain_text(order.user_id)
    page.get_by_role("button", name="Back").click()
    shop.complete(order)
    page.locator("#past-details summary").click()
    past = page.locator("#past-orders li").filter(has_text="Flat white, oat milk")
    expect(past).to_be_visible()
    box = past.bounding_box()
    assert box
    assert box["height"] < PHONE["height"]
