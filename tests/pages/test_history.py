"""Staff see who did what with an order when: on the counter, ended, or by its id."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop
from tests.pages.test_looks import PHONE, SCHEMES, fits, has_no_barriers


def history(page: Page) -> Locator:
    return page.get_by_role("dialog", name="History").get_by_role("listitem")


def test_an_order_in_preparation_has_a_history(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, marco, ada = barista("Julia"), barista("Marco"), customer()
    ada.order("Breve")
    ada.waits()
    marco.clicks("I'll make it", "Breve")
    expect(marco.page.locator("#announcement")).to_contain_text("Breve for Ada")
    julia.clicks("History", "Breve")
    lines = history(julia.page)
    expect(lines).to_have_count(4)
    # In which order the last two stand is a matter of seconds.
    for step in (
        "Received",
        re.compile(r"At the counter\."),
        "The customer was told",
        "Marco began to make it",
    ):
        expect(lines.filter(has_text=step)).to_have_count(1)
    julia.page.get_by_role("button", name="Back").click()
    expect(julia.page.get_by_role("dialog")).to_be_hidden()
    marco.clicks("Done", "Breve")
    julia.no_longer_sees("Breve")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_ended_order_is_found_with_a_keyboard_alone(
    customer: Come[Customer], barista: Come[Barista], scheme: str
) -> None:
    julia, ada = barista(color_scheme=scheme, viewport=PHONE), customer()
    drink = f"{scheme} Cortadito" + "o" * 40
    ada.order(drink)
    ada.waits()
    julia.declines(drink, "We are out of milk.")
    julia.no_longer_sees(drink)
    ada.reads("We are out of milk.")
    page = julia.page
    page.locator("#past-details summary").focus()
    page.keyboard.press("Enter")
    row = page.locator("#past-orders li").filter(has_text=drink)
    expect(row).to_contain_text("Declined.", timeout=NEWS_MS)
    has_no_barriers(page)
    fits(page)
    button = row.get_by_role("button", name=f"History: {drink}")
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    lines = history(page)
    expect(lines.filter(has_text="Julia declined it: We are out of milk.")).to_be_visible()
    expect(lines.filter(has_text="The customer was told how the order ended.")).to_be_visible()
    has_no_barriers(page)
    fits(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()


def test_the_focus_stays_in_the_list_of_ended_orders(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Mokka")
    julia.clicks("Done", "Mokka")
    ada.reads("Your drink is ready.")
    julia.no_longer_sees("Mokka")
    julia.page.locator("#past-details summary").click()
    button = julia.page.get_by_role("button", name="History: Mokka")
    button.focus()
    with julia.page.expect_response(lambda answer: answer.url.endswith("/store")):
        pass
    with julia.page.expect_response(lambda answer: answer.url.endswith("/store")):
        pass
    expect(button).to_be_focused()


def test_an_order_is_looked_up_by_its_id(shop: DeployedShop, barista: Come[Barista]) -> None:
    page, order = barista().page, Order("Einspänner")
    page.get_by_role("button", name="Deutsch").click()
    page.locator("#past-details summary").click()
    page.get_by_label("Bestellnummer").fill("no such/order")
    page.get_by_role("button", name="Suchen").click()
    expect(page.locator("#refusal")).to_have_text(
        "Keine Bestellung hat den Namen oder die Nummer „no such/order“."
    )
    has_no_barriers(page)
    shop.prepare(order)
    page.get_by_label("Bestellnummer").fill(order.order_id)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Verlauf")
    expect(dialog).to_contain_text("Eingegangen.")
    expect(dialog).to_contain_text(order.order_id)
    expect(dialog.get_by_role("listitem")).to_contain_text(["Eingegangen.", "An der Theke."])
    page.keyboard.press("Escape")
    shop.complete(order)
