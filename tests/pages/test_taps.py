"""A finger at the counter: nothing moves under it, and a tap can be undone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.orders import Order
from harness.people import NEWS_MS, UNDO_MS, Barista, Come
from harness.shop import DeployedShop
from tests.pages.hearing import tones
from tests.pages.test_looks import PHONE, waiting_for

HELD_MS = 5000  # So long a card is shown that a colleague has finished.
RESTING = re.compile("resting")


def taps(page: Page, button: Locator, times: int = 1) -> None:
    """With a finger, which does not wait until the button is ready."""
    box = button.bounding_box()
    assert box
    for _ in range(times):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, delay=30)


def can_be_tapped(button: Locator) -> None:
    """It has come to its place a while ago."""
    expect(button).to_be_visible()
    expect(button).not_to_have_class(RESTING)


def sees_at_once(page: Page, cards: int) -> None:
    """So many are left, noticed without the pauses of `expect`, in which a rest would be over."""
    page.evaluate(
        """count => new Promise(done => {
            const look = () => document.querySelectorAll("li.order").length === count
                ? done() : requestAnimationFrame(look);
            look();
        })""",
        cards,
    )


def done(card: Locator) -> Locator:
    return card.get_by_role("button", name="Done")


def prepared(shop: DeployedShop, julia: Barista, *drinks: str) -> list[Order]:
    """Orders at the counter, one after the other, whose buttons can be tapped."""
    orders = [Order(drink) for drink in drinks]
    for order in orders:
        shop.prepare(order)
    for drink in drinks:
        can_be_tapped(done(julia.sees(drink)))
    return orders


def test_tapping_twice_on_one_spot_finishes_one_drink(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista(viewport=PHONE)
    prepared(shop, julia, "Galao", "Breve", "Cortado")
    taps(julia.page, done(julia.sees("Galao")), times=3)
    expect(julia.sees("Galao")).to_have_attribute("data-state", "tapped")
    julia.page.clock.fast_forward(UNDO_MS)
    sees_at_once(julia.page, cards=2)
    taps(julia.page, done(julia.sees("Breve")), times=2)  # It has just come here.
    taps(julia.page, done(julia.sees("Cortado")))
    expect(julia.page.locator("li.order[data-state=open]")).to_have_count(2)
    assert len(shop.counter()) == 2


def test_a_tap_while_a_colleagues_click_lands_changes_nothing(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista(viewport=PHONE | {"height": 2500})
    page = julia.page
    first, *_ = prepared(shop, julia, "Galao", "Breve", "Cortado")
    spot, codes = done(julia.sees("Breve")), page.get_by_label("Order codes")
    before = spot.bounding_box(), codes.bounding_box()
    shop.complete(first)  # A colleague's click.
    expect(julia.sees("Galao")).to_contain_text("Julia finished it", timeout=NEWS_MS)
    assert (spot.bounding_box(), codes.bounding_box()) == before  # It holds its place, ...
    page.clock.fast_forward(HELD_MS)
    sees_at_once(page, cards=2)
    for button in (spot, codes):
        taps(page, button)  # ... and what moves then takes no tap.
    expect(julia.sees("Breve")).to_have_attribute("data-state", "open")
    expect(codes).not_to_be_checked()
    can_be_tapped(spot)
    taps(page, spot)
    expect(julia.sees("Breve")).to_have_attribute("data-state", "tapped")


def test_a_tap_is_undone_with_a_key(shop: DeployedShop, barista: Come[Barista]) -> None:
    julia = barista()
    prepared(shop, julia, "Galao")
    done(julia.sees("Galao")).press("Enter")
    undo = julia.sees("Galao").get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.press("Enter")  # A key need not wait.
    expect(done(julia.sees("Galao"))).to_be_focused()


def test_a_key_held_down_finishes_one_drink(shop: DeployedShop, barista: Come[Barista]) -> None:
    julia = barista()
    page = julia.page
    prepared(shop, julia, "Galao", "Breve")
    done(julia.sees("Galao")).focus()
    for _ in range(4):
        page.keyboard.down("Enter")
    expect(julia.sees("Galao")).to_have_attribute("data-state", "tapped")
    page.clock.fast_forward(UNDO_MS)
    sees_at_once(page, cards=1)
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    expect(julia.sees("Breve")).to_have_attribute("data-state", "open")
    assert len(shop.counter()) == 1


def test_a_late_and_a_canceled_order_are_seen_and_heard(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    page = julia.page
    page.get_by_role("button", name="Sound").click()
    page.reload()  # It stays on, and is heard after any tap.
    page.locator("h1").click()
    (order,) = prepared(shop, julia, "Galao")
    heard = tones(page)
    assert heard > 0
    page.route("**/orders?*", waiting_for(9))
    card = julia.sees("Galao")
    expect(card).to_have_attribute("data-age", "red", timeout=NEWS_MS)
    late = tones(page)
    assert late > heard
    shop.cancel(order)
    expect(card).to_contain_text("Canceled by the customer", timeout=NEWS_MS)
    expect(page.locator("#announcement")).to_contain_text("Canceled by the customer")
    expect(card.locator(".drink")).to_have_css("text-decoration-line", "line-through")
    assert tones(page) > late
    can_be_tapped(card.get_by_role("button", name="OK"))
    card.locator(".drink").click()
    expect(page.locator("#empty")).to_be_visible()


def test_a_tap_too_many_in_a_dialog_does_nothing_behind_it(
    shop: DeployedShop, barista: Come[Barista], request: pytest.FixtureRequest
) -> None:
    """Nor on what moves when the dialog's order leaves."""
    drinks = [{"name": f"Drink {number}"} for number in range(60)]  # Something is behind each spot.
    shop.put("/store/menu", {"items": drinks, "groups": [], "version": 0})
    request.addfinalizer(shop.take_menu_away)
    julia = barista(viewport=PHONE)
    page = julia.page
    prepared(shop, julia, "Galao")
    expect(julia.sold_out("Drink 59")).to_be_visible()
    page.mouse.wheel(0, 500)
    dialog = page.get_by_role("dialog")
    for name in ("Back", "Decline"):
        julia.clicks("Decline", "Galao")
        page.get_by_label("Reason").fill("We are out of milk.")
        julia.sold_out("Drink 30").evaluate("button => button.scrollIntoView({block: 'center'})")
        button = dialog.get_by_role("button", name=name, exact=True)
        can_be_tapped(button)
        taps(page, button, times=2)
        expect(dialog).to_be_hidden()
    expect(julia.sees("Galao")).to_have_attribute("data-state", "tapped")
    expect(page.locator("#menu-parts [aria-pressed=true]")).to_have_count(0)


def test_taps_on_a_notice_neither_take_it_away_unread_nor_go_through_it(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista(viewport={"width": 820, "height": 1180})
    prepared(shop, julia, "Galao")
    page = julia.page
    page.route("**/complete", lambda route: route.fulfill(status=404, json={"message": "No."}))
    julia.finishes("Galao")
    close = page.locator("#refusal").get_by_role("button", name="Close")
    expect(close).to_be_visible(timeout=NEWS_MS)
    taps(page, close)  # Meant for what was here before.
    expect(close).to_be_visible()
    can_be_tapped(close)
    taps(page, close, times=2)
    expect(close).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("lang", "en")  # The switch for it is below.
