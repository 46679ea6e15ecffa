"""The menu: what staff put up at the counter, and what customers tap."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse, Locator, Route, expect

from harness.people import Barista, Come, Customer
from harness.shop import DeployedShop
from tests.pages.test_looks import PHONE, has_no_barriers, is_for_everybody

SIZES = ["small", "large"]
DRINKS = {"Espresso": [], "Americano": SIZES, "Flat white": [], "Mocha": SIZES, "Latte": SIZES}
MENU = {
    "items": [{"name": name, "sizes": DRINKS[name], "soldOut": False} for name in DRINKS]
    + [{"name": "Hot chocolate", "sizes": [], "soldOut": True}],
    "groups": [
        {
            "name": "Milk",
            "choose": "one",
            "extras": [{"name": name, "soldOut": False} for name in ("oat milk", "soy milk")],
        },
        {
            "name": "Extras",
            "choose": "any",
            "extras": [{"name": name, "soldOut": False} for name in ("extra shot", "decaf")],
        },
    ],
    "version": 0,
}


@pytest.fixture(autouse=True)
def without_menu(shop: DeployedShop) -> Iterator[None]:
    yield
    shop.take_menu_away()


def edits(barista: Barista) -> Locator:
    """The names in the editor."""
    barista.page.get_by_role("button", name="Edit the menu").click()
    return barista.page.locator("#menu-form").get_by_label("Drink")


def saves(barista: Barista) -> None:
    barista.page.get_by_role("button", name="Save the menu").click()


def test_a_menu_is_put_up_at_the_counter_and_ordered_from(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    names = edits(julia)
    names.fill("Espresso")
    form = julia.page.locator("#menu-form")
    form.get_by_role("button", name="Add a drink").click()
    names.nth(1).fill("Latte")
    form.get_by_label("Sizes").nth(1).fill("small, large")
    form.get_by_role("button", name="Move up: Latte").click()
    form.get_by_role("button", name="Add extras").click()
    form.get_by_label("Group of extras").fill("Milk")
    form.get_by_label("Extras, with commas").fill("oat milk, soy milk")
    has_no_barriers(julia.page)
    sizes = form.get_by_label("Sizes").first
    sizes.fill("small, small")
    saves(julia)
    expect(form.get_by_role("alert")).to_have_text("The size small is there twice.")
    expect(sizes).to_be_focused()
    sizes.fill("small, large")
    saves(julia)
    expect(form).to_be_hidden()
    expect(julia.page.get_by_text("Saved.")).to_be_in_viewport()

    ada.page.goto(ada.url)
    expect(ada.page.locator("#choice .drinks label")).to_have_text(["Latte", "Espresso"])
    ada.chooses("Latte", "soy milk", "oat milk")  # One of them.
    ada.page.get_by_label("Your name").fill("Ada")
    ada.presses_order()
    assert "#" not in ada.page.url  # Without a size nothing is sent.
    ada.chooses("large")
    ada.presses_order()
    ada.waits()
    parts = julia.sees("Latte").get_by_role("listitem")
    expect(parts).to_have_text(["large", "oat milk"])


def test_what_two_type_into_the_menu_at_one_time_is_not_lost(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    shop.put("/store/menu", MENU)
    julia = barista()
    edits(julia).first.fill("Ristretto")
    shop.put("/store/menu/sold-out", {"name": "decaf", "soldOut": True})
    saves(julia)
    expect(julia.sold_out("Ristretto")).to_be_visible()  # What is sold out is no other menu.
    edits(julia).first.fill("Doppio")
    menu = shop.get("/store/menu").json()
    menu["items"][0]["name"] = "Lungo"
    assert shop.put("/store/menu", menu).status_code == 200
    saves(julia)
    problem = julia.page.locator("#menu-problem")
    expect(problem).to_contain_text("Somebody else has changed the menu meanwhile to: Lungo,")
    expect(julia.page.locator("#menu-form").get_by_label("Drink").first).to_have_value("Doppio")
    saves(julia)
    expect(julia.sold_out("Doppio")).to_be_visible()
    menu = shop.get("/store/menu").json()
    assert menu["items"][0]["name"] == "Doppio"
    assert [extra["soldOut"] for extra in menu["groups"][1]["extras"]] == [False, True]


def test_a_usual_order_needs_no_scrolling_and_the_same_as_last_time_is_one_tap(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    shop.put("/store/menu", MENU)
    ada = customer(viewport=PHONE)
    ada.orders_from_the_menu("Latte", "small", "decaf")
    ada.waits()
    shop.complete_all()
    ada.page.goto("about:blank")
    ada.page.goto(ada.url)
    ada.chooses("Mocha", "large", "oat milk", "extra shot")
    assert ada.page.evaluate("document.documentElement.scrollHeight") <= PHONE["height"]
    is_for_everybody(ada.page)
    ada.page.get_by_role("button", name="The same as last time Latte, small, decaf").click()
    ada.waits()
    expect(ada.page.locator("#what")).to_have_text("Latte, small, decaf")
    # Two shops may be paths of one host; the second one here is the first under another path.
    ada.page.route("**/elsewhere/**", lambda route: route.fulfill(response=at_home(route)))
    ada.page.goto(ada.url.replace("/v1/", "/v1/elsewhere/"))
    expect(ada.offered("Latte")).to_be_visible()
    expect(ada.page.get_by_label("Your name")).to_have_value("")
    expect(ada.page.locator("#same")).to_be_hidden()
    julia = barista(viewport=PHONE)
    expect(julia.sold_out("Hot chocolate")).to_be_visible()
    is_for_everybody(julia.page)


def at_home(route: Route) -> APIResponse:
    return route.fetch(url=route.request.url.replace("/elsewhere/", "/"))
