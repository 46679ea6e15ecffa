"""The pages in all their states: for everybody, small, dark, in German, with a keyboard alone."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from harness.orders import COMPLETED, Order
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


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_customers_page(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista], scheme: str
) -> None:
    julia, ada = barista(), customer(color_scheme=scheme, viewport=PHONE)
    ada.page.goto(ada.url)
    expect(ada.page.get_by_label("Drink")).to_be_visible()
    has_no_barriers(ada.page)
    fits(ada.page)
    ada.order("A very long name of a drink without any space: Doppelmacchiato" + "o" * 30)
    ada.waits()
    has_no_barriers(ada.page)
    fits(ada.page)
    julia.clicks("Done", "Doppelmacchiato")
    ada.reads("Your drink is ready.")
    expect(ada.page.locator("#picture .check")).to_be_visible()
    has_no_barriers(ada.page)
    fits(ada.page)
    shop.configure(open=False)
    ada.page.get_by_role("button", name="Order another").click()
    expect(ada.page.get_by_text("The store is closed at the moment.")).to_be_visible()
    expect(ada.page.locator("#picture .check")).to_be_hidden()
    expect(ada.page.locator("#picture .moon")).to_be_visible()
    has_no_barriers(ada.page)
    ada.order("Espresso")
    expect(ada.page.get_by_role("alert")).to_contain_text("The store is closed.")
    has_no_barriers(ada.page)
    fits(ada.page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("minutes", "age", "left"), [(4, "", None), (6, "amber", None), (11, "red", "3 min left")]
)
def test_the_baristas_page(
    customer: Come[Customer],
    barista: Come[Barista],
    scheme: str,
    minutes: int,
    age: str,
    left: str | None,
) -> None:
    ada = customer()
    ada.order("Doppelmacchiato" + "o" * 50)
    ada.waits()
    julia = barista(color_scheme=scheme, viewport=PHONE)
    with julia.page.expect_response(re.compile(r"/orders\?")):
        julia.page.route(re.compile(r"/orders\?"), waiting_for(minutes))
    card = julia.page.locator("li.order")
    expect(card).to_have_attribute("data-age", age, timeout=NEWS_MS)
    expect(card.locator(".waited")).to_have_text(re.compile(f"^{minutes}:"))
    expect(card.get_by_role("button", name="More time")).to_be_visible(visible=bool(left))
    if left:
        expect(card).to_contain_text(left)
        card.get_by_role("button", name="More time").click()
        expect(julia.page.locator("#announcement")).to_contain_text("More time")
    has_no_barriers(julia.page)
    fits(julia.page)
    card.get_by_role("button", name="Decline").click()
    has_no_barriers(julia.page)


def test_staff_say_when_an_order_is_late(shop: DeployedShop, barista: Come[Barista]) -> None:
    shop.prepare(Order("Cortado"))
    page = barista().page
    page.route(re.compile(r"/orders\?"), waiting_for(3))
    card = page.locator("li.order")
    expect(card.locator(".waited")).to_have_text(re.compile("^3:"), timeout=NEWS_MS)
    expect(card).to_have_attribute("data-age", "")
    amber = page.get_by_label("Amber after minutes")
    for minutes in ("2", "9"):  # The latter is after red.
        amber.fill(minutes)
        amber.press("Tab")
    expect(card).to_have_attribute("data-age", "amber")
    page.reload()
    expect(card).to_have_attribute("data-age", "amber")
    expect(amber).to_have_value("2")


@pytest.mark.parametrize("button", ["Decline", "History"])
def test_a_dialog_opens_in_the_middle(
    customer: Come[Customer], barista: Come[Barista], button: str
) -> None:
    julia, ada = barista(), customer()
    ada.order("Cortado")
    julia.clicks(button, "Cortado")
    dialog = julia.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    left, right, top, bottom = dialog.evaluate(
        "dialog => { const box = dialog.getBoundingClientRect();"
        " return [box.left, innerWidth - box.right, box.top, innerHeight - box.bottom]; }"
    )
    assert (left, top) == pytest.approx((right, bottom), abs=20)  # The scroll bar takes 15 px.


def test_the_closed_door(shop: DeployedShop, someone: Come[Page]) -> None:
    page = someone(viewport=PHONE)
    page.goto(shop.outputs["CounterPageUrl"])
    expect(page.get_by_text("Sign in to work at the counter.")).to_be_visible()
    has_no_barriers(page)
    fits(page)


def test_a_name_can_be_read_from_two_metres(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer(viewport=PHONE)
    ada.order("Flat white")
    julia.clicks("Done", "Flat white")
    ada.reads("Your drink is ready.")
    # Letters must be at least 1/200 as high as they are far away. Capitals are 0.7 of the font's
    # size, and a phone has about 5.5 pixels a millimetre.
    size = ada.page.locator("#whom").evaluate("name => parseFloat(getComputedStyle(name).fontSize)")
    assert size * 0.7 / 5.5 >= 2000 / 200


def test_nothing_moves_for_whoever_wants_no_motion(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, eve = barista(), customer(), customer(reduced_motion="reduce")
    ada.order("Flat white")
    julia.clicks("Done", "Flat white")
    ada.reads("Your drink is ready.")
    eve.page.goto(ada.page.url)
    eve.reads("Your drink is ready.")
    moving = [page.evaluate("document.getAnimations().length") for page in (ada.page, eve.page)]
    assert moving == [1, 0]


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
    for _ in range(20):
        julia.page.keyboard.press("Tab")
        if done.evaluate("button => button === document.activeElement"):
            break
    julia.page.keyboard.press("Enter")
    ada.reads("Your drink is ready.")


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
    card.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Back").click()
    card.get_by_role("button", name="History").click()
    expect(page.get_by_role("dialog")).to_contain_text(order.drink.strip())
    expect(page.get_by_role("dialog")).to_contain_text(order.user_id)
    page.get_by_role("button", name="Back").click()
    with page.expect_request("**/complete"):
        card.get_by_role("button", name="Done").click()
    shop.wait_for_event(order, COMPLETED)
    page.locator("#past-details summary").click()
    past = page.locator("#past-orders li").filter(has_text="Flat white, oat milk")
    expect(past).to_be_visible()
    box = past.bounding_box()
    assert box
    assert box["height"] < PHONE["height"]
