"""A finger at the counter: nothing moves under it, and a tap can be undone."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.orders import COMPLETED, Order
from harness.people import NEWS_MS, Barista, Come
from harness.shop import DeployedShop

REST_SECONDS = 1
RESTING = re.compile("resting")
UNDO_SECONDS = 5


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
    julia = barista(viewport={"width": 360, "height": 740})
    first, second, third = prepared(shop, julia, "Galao", "Breve", "Cortado")
    spot = done(julia.sees("Galao"))
    taps(julia.page, spot, times=3)
    expect(julia.sees("Galao")).to_have_attribute("data-state", "tapped")
    expect(julia.sees("Breve")).to_have_attribute("data-state", "open")
    shop.wait_for_event(first, COMPLETED)
    sees_at_once(julia.page, cards=2)
    taps(julia.page, done(julia.sees("Breve")), times=2)  # It has just come here.
    taps(julia.page, done(julia.sees("Cortado")))
    time.sleep(REST_SECONDS + UNDO_SECONDS)  # What must not happen has had its time.
    assert {*shop.counter()} == {second.order_id, third.order_id}


def test_a_tap_while_a_colleagues_click_lands_finishes_one_drink(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista("Julia")
    first, second, third = prepared(shop, julia, "Galao", "Breve", "Cortado")
    spot = done(julia.sees("Breve"))
    box = spot.bounding_box()
    shop.complete(first)  # A colleague's click.
    card = julia.sees("Galao")
    expect(card).to_contain_text("Julia finished it", timeout=NEWS_MS)
    assert spot.bounding_box() == box  # It holds its place, ...
    sees_at_once(julia.page, cards=2)
    taps(julia.page, done(julia.sees("Cortado")))  # ... and what moves then takes no tap.
    expect(julia.sees("Cortado")).to_have_attribute("data-state", "open")
    julia.clicks("Done", "Cortado")
    shop.wait_for_event(third, COMPLETED)
    assert shop.counter() == [second.order_id]


def test_a_tap_is_undone_with_a_finger_or_a_key(shop: DeployedShop, barista: Come[Barista]) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    sent: list[str] = []
    julia.page.on("request", lambda request: sent.append(request.method))
    julia.clicks("Done", "Galao")
    julia.clicks("Undo", "Galao")
    can_be_tapped(done(julia.sees("Galao")))
    done(julia.sees("Galao")).press("Enter")
    undo = julia.sees("Galao").get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.press("Enter")  # A key need not wait.
    expect(done(julia.sees("Galao"))).to_be_focused()
    time.sleep(UNDO_SECONDS + 1)  # What must not happen has had its time.
    assert "POST" not in sent
    assert shop.counter() == [order.order_id]


def test_a_cancellation_is_seen_until_it_is_tapped(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    (order,) = prepared(shop, julia, "Galao")
    shop.cancel(order)
    card = julia.sees("Galao")
    expect(card).to_contain_text("Canceled by the customer", timeout=NEWS_MS)
    expect(julia.page.locator("#announcement")).to_contain_text("Canceled by the customer")
    expect(card.locator(".drink")).to_have_css("text-decoration-line", "line-through")
    can_be_tapped(card.get_by_role("button", name="OK"))
    card.locator(".drink").click()
    expect(julia.page.locator("#empty")).to_be_visible()


def test_a_tap_too_many_in_a_dialog_does_nothing_behind_it(
    shop: DeployedShop, barista: Come[Barista], request: pytest.FixtureRequest
) -> None:
    """Nor on what moves when the dialog's order leaves."""
    drinks = [{"name": f"Drink {number}"} for number in range(60)]  # Something is behind each spot.
    shop.put("/store/menu", {"items": drinks, "groups": [], "version": 0})
    request.addfinalizer(shop.take_menu_away)
    julia = barista(viewport={"width": 360, "height": 740})
    page = julia.page
    prepared(shop, julia, "Galao")
    changes: list[str] = []
    page.on(
        "request",
        lambda request: changes.append(request.url) if request.method == "PUT" else None,
    )
    expect(julia.sold_out("Drink 59")).to_be_visible()
    page.mouse.wheel(0, 500)
    dialog = page.get_by_role("dialog")
    for name in ("Back", "Decline"):
        julia.clicks("Decline", "Galao")
        page.get_by_label("Reason").fill("We are out of milk.")
        julia.sold_out("Drink 30").evaluate("button => button.scrollIntoView({block: 'center'})")
        button = dialog.get_by_role("button", name=name, exact=True)
        can_be_tapped(button)
        box = button.bounding_box()
        assert box
        for _ in range(2):
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(dialog).to_be_hidden()
    expect(julia.sees("Galao")).to_have_attribute("data-state", "tapped")
    time.sleep(REST_SECONDS)  # What must not happen has had its time.
    assert changes == []


def test_a_tap_while_a_row_of_orders_leaves_changes_no_setting(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista(viewport={"width": 1024, "height": 768})
    page = julia.page
    orders = prepared(shop, julia, *(f"Drink {number}" for number in range(6)))
    first, last = (julia.sees(f"Drink {number}").bounding_box() for number in (0, 5))
    codes = page.get_by_label("Order codes")
    box = codes.bounding_box()
    assert first
    assert last
    assert box
    spot = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 - last["y"] + first["y"]
    julia.clicks("Done", "Drink 0")
    sees_at_once(page, cards=5)
    page.mouse.click(*spot)
    expect(codes).not_to_be_checked()
    assert len(shop.counter()) == len(orders) - 1
    can_be_tapped(codes)
    page.mouse.click(*spot)
    expect(codes).to_be_checked()  # It was there.
    codes.uncheck()


def test_taps_on_a_notice_neither_take_it_away_unread_nor_go_through_it(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista(viewport={"width": 820, "height": 1180})
    prepared(shop, julia, "Galao")
    page = julia.page
    page.route("**/complete", lambda route: route.fulfill(status=404, json={"message": "No."}))
    julia.clicks("Done", "Galao")
    close = page.locator("#refusal").get_by_role("button", name="Close")
    expect(close).to_be_visible(timeout=NEWS_MS)
    taps(page, close)  # Meant for what was here before.
    page.wait_for_timeout(REST_SECONDS * 1000)
    expect(close).to_be_visible()
    taps(page, close, times=2)
    expect(close).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("lang", "en")  # The switch for it is below.
