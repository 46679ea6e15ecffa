"""The store on the barista's page: open or closed, its capacity; and its menu."""

import pytest
from playwright.sync_api import Page, Route, expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop


def test_the_store_is_closed_and_opened_on_the_page(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    switch = julia.page.get_by_role("switch")
    expect(switch).to_be_checked()
    switch.click()
    julia.page.get_by_role("button", name="Undo").click()
    expect(switch).to_be_enabled()
    with julia.page.expect_request(lambda request: request.method == "PUT") as request:
        switch.click()
    expect(switch).not_to_be_checked(timeout=NEWS_MS)
    assert request.value.post_data_json == {"open": False}
    ada.order("Espresso")
    expect(ada.page.get_by_role("alert")).to_contain_text("The store is closed.")
    switch.click()
    expect(switch).to_be_checked()
    ada.presses_order()
    ada.waits()


def test_the_switch_shows_what_the_server_has(barista: Come[Barista]) -> None:
    julia = barista()
    held: list[Route] = []
    switch = julia.page.get_by_role("switch")
    julia.page.route("**/store", lambda route: hold_change(route, held))
    with julia.page.expect_request(lambda request: request.method == "PUT"):
        switch.click()
        expect(switch).to_be_disabled()
    expect(julia.page.get_by_role("button", name="Undo")).to_be_hidden()
    with julia.page.expect_response("**/store"):
        pass  # The page looks meanwhile.
    expect(switch).to_be_checked()
    (change,) = held
    change.continue_()
    expect(switch).not_to_be_checked()
    expect(switch).to_be_enabled()


def hold_change(route: Route, held: list[Route]) -> None:
    if route.request.method == "PUT":
        held.append(route)
    else:
        route.continue_()


def test_the_menu_of_an_older_release_is_what_can_be_ordered(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    shop.configure(menu=["Espresso", "Cortado"])
    ada = customer()
    ada.page.goto(ada.url)
    expect(ada.page.get_by_role("radio")).to_have_count(2)
    ada.orders_from_the_menu("Cortado")
    ada.waits()
    expect(ada.page.get_by_role("heading", name="Cortado for Ada")).to_be_visible()


def test_more_than_the_capacity_is_refused(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, bob = barista(), customer(), customer()
    capacity = julia.page.get_by_label("Drinks at a time")
    capacity.fill("1")
    capacity.press("Enter")
    expect(julia.page.get_by_text("0 of 1 drinks under way")).to_be_visible()
    ada.order("Ristretto")
    ada.waits()
    expect(julia.page.get_by_text("1 of 1 drinks under way")).to_be_visible(timeout=NEWS_MS)
    bob.order("Cappuccino", name="Bob")
    expect(bob.page.get_by_role("alert")).to_contain_text("All baristas are busy.")
    julia.clicks("Done", "Ristretto")
    ada.reads("Your drink is ready.")
    bob.presses_order()
    bob.waits()


def test_a_capacity_waits_until_it_is_set(barista: Come[Barista]) -> None:
    julia = barista()
    capacity = julia.page.get_by_label("Drinks at a time")
    expect(capacity).to_have_value("10")
    capacity.fill("7")
    capacity.blur()
    with julia.page.expect_response("**/store"):
        pass
    expect(capacity).to_have_value("7")
    julia.page.get_by_role("button", name="Save").click()
    expect(julia.page.get_by_text("0 of 7 drinks under way")).to_be_visible()


@pytest.mark.parametrize("failing", ["**/store", "**/order-code?*"])
def test_the_orders_are_shown_without_the_store(
    shop: DeployedShop, someone: Come[Page], failing: str
) -> None:
    shop.configure(orderCodes={"minutes": 5, "orders": 4})
    shop.prepare(Order("Cortado"))
    julia = Barista(someone(), shop.outputs["CounterPageUrl"])
    julia.page.route(failing, lambda route: route.fulfill(status=502, body="{}"))
    julia.sign_in("Julia")
    julia.sees("Cortado")
    problem = julia.page.locator("#store-problem")
    expect(problem).to_contain_text("The store's settings can't be shown.", timeout=NEWS_MS)
    expect(julia.page.locator("#connection")).to_be_hidden()
    julia.clicks("Done", "Cortado")
    julia.no_longer_sees("Cortado")
    julia.page.unroute(failing)
    expect(problem).to_be_hidden(timeout=NEWS_MS)
    expect(julia.page.get_by_role("switch")).to_be_visible()


def test_the_store_is_shown_without_the_orders(shop: DeployedShop, someone: Come[Page]) -> None:
    julia = Barista(someone(), shop.outputs["CounterPageUrl"])
    julia.page.route("**/orders?*", lambda route: route.fulfill(status=502, body="{}"))
    julia.sign_in("Julia")
    expect(julia.page.get_by_role("switch")).to_be_visible()
    expect(julia.page.locator("#connection")).to_contain_text("No connection")
    expect(julia.page.get_by_text("No orders at the moment.")).to_be_hidden()


def test_staff_read_what_can_not_be_read(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    shop.replace_config({"PK": "config", "open": "yes", "menu": None})
    julia, ada = barista(), customer()
    problem = julia.page.locator("#store-problem")
    expect(problem).to_contain_text("so the store is closed. Open it here.")
    expect(problem).to_contain_text("Some drinks of the menu can't be read.")
    julia.page.get_by_role("switch").click()
    expect(problem).not_to_contain_text("so the store is closed", timeout=NEWS_MS)
    expect(problem).to_contain_text("Some drinks of the menu can't be read.")
    ada.page.goto(ada.url)
    expect(ada.page.get_by_text("The store is closed at the moment.")).to_be_visible()
