"""The menu: what staff put up at the counter, and what customers tap."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse, Locator, Route, expect

from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop
from tests.pages.test_looks import PHONE, SCHEMES, fits, has_no_barriers

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
    names.first.fill("Latte, iced")  # An order would say that of a drink and its size.
    saves(julia)
    expect(form.get_by_role("alert")).to_contain_text("can't have a comma")
    names.first.fill("Latte")
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
    expect(ada.page.get_by_role("radio")).to_have_count(2)
    assert ada.page.get_by_role("radio").evaluate_all("all => all.map(one => one.value)") == [
        "Latte",
        "Espresso",
    ]
    ada.chooses("Latte", "soy milk", "oat milk")  # One of them.
    ada.page.get_by_label("Your name").fill("Ada")
    ada.presses_order()
    assert "#" not in ada.page.url  # Without a size nothing is sent.
    ada.chooses("large")
    ada.presses_order()
    ada.waits()
    parts = julia.sees("Latte").get_by_role("listitem")
    expect(parts).to_have_text(["large", "oat milk"])
    ada.cancel()
    ada.reads("Your order is canceled.")


def test_what_is_sold_out_is_one_tap_and_is_not_ordered(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    shop.put("/store/menu", MENU)
    julia, ada, bob = barista(), customer(), customer()
    for person in (ada, bob):
        person.page.goto(person.url)
        person.chooses("Flat white", "oat milk")
        person.page.get_by_label("Your name").fill("Ada")
    bob.page.route("**/menu", lambda _: None)  # He hears of nothing any more.
    julia.sold_out("oat milk").click()
    expect(julia.sold_out("oat milk")).to_have_attribute("aria-pressed", "true")
    expect(ada.page.get_by_role("alert")).to_contain_text("sold out", timeout=NEWS_MS)
    expect(ada.offered("oat milk")).to_be_disabled()
    expect(ada.offered("oat milk")).not_to_be_checked()
    bob.presses_order()
    expect(bob.page.get_by_role("alert")).to_contain_text("Please choose something else.")
    julia.sold_out("oat milk").click()
    expect(ada.offered("oat milk")).to_be_enabled(timeout=NEWS_MS)


def test_what_two_type_into_the_menu_at_one_time_is_not_lost(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    shop.put("/store/menu", MENU)
    julia, marco = barista("Julia"), barista("Marco")
    edits(julia).first.fill("Ristretto")
    edits(marco).first.fill("Lungo")
    meanwhile = shop.put("/store/menu/sold-out", {"name": "decaf", "soldOut": True})
    assert meanwhile.status_code == 200
    saves(marco)
    expect(marco.sold_out("Lungo")).to_be_visible()  # What is sold out is no other menu.
    saves(julia)
    problem = julia.page.locator("#menu-problem")
    expect(problem).to_contain_text("Somebody else has changed the menu meanwhile to: Lungo,")
    expect(julia.page.locator("#menu-form").get_by_label("Drink").first).to_have_value("Ristretto")
    saves(julia)
    expect(julia.sold_out("Ristretto")).to_be_visible()
    menu = shop.get("/store/menu").json()
    assert menu["items"][0]["name"] == "Ristretto"
    assert [extra["soldOut"] for extra in menu["groups"][1]["extras"]] == [False, True]


def test_the_same_as_last_time_is_one_tap(shop: DeployedShop, customer: Come[Customer]) -> None:
    shop.put("/store/menu", MENU)
    ada = customer()
    ada.orders_from_the_menu("Latte", "small", "decaf")
    ada.waits()
    ada.cancel()
    ada.reads("Your order is canceled.")
    ada.page.goto("about:blank")
    ada.page.goto(ada.url)
    ada.page.get_by_role("button", name="The same as last time Latte, small, decaf").click()
    ada.waits()
    expect(ada.page.locator("#what")).to_have_text("Latte, small, decaf")
    ada.cancel()
    ada.reads("Your order is canceled.")


def test_what_a_device_keeps_is_of_one_shop(customer: Come[Customer]) -> None:
    """Two shops may be paths of one host; the second one here is the first under another path."""
    ada = customer()
    ada.order("Latte")
    ada.waits()
    ada.cancel()
    ada.reads("Your order is canceled.")
    ada.page.route("**/elsewhere/**", lambda route: route.fulfill(response=at_home(route)))
    ada.page.goto(ada.url.replace("/v1/", "/v1/elsewhere/"))
    expect(ada.page.get_by_label("Drink")).to_be_visible()
    expect(ada.page.get_by_label("Your name")).to_have_value("")
    expect(ada.page.locator("#same")).to_be_hidden()


def at_home(route: Route) -> APIResponse:
    return route.fetch(url=route.request.url.replace("/elsewhere/", "/"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_usual_order_needs_no_scrolling(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista], scheme: str
) -> None:
    shop.put("/store/menu", MENU)
    ada = customer(viewport=PHONE, color_scheme=scheme)
    ada.orders_from_the_menu("Espresso")  # So the same as last time is there, too.
    ada.waits()
    ada.cancel()
    ada.reads("Your order is canceled.")
    ada.page.get_by_role("button", name="Order another").click()
    ada.chooses("Latte", "large", "oat milk", "extra shot")
    assert ada.page.evaluate("document.documentElement.scrollHeight") <= PHONE["height"]
    has_no_barriers(ada.page)
    fits(ada.page)
    julia = barista(viewport=PHONE, color_scheme=scheme)
    expect(julia.sold_out("Hot chocolate")).to_be_visible()
    has_no_barriers(julia.page)
    fits(julia.page)
