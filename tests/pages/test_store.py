"""The store on the barista's page: open or closed, its capacity; and its menu."""

from playwright.sync_api import expect

from harness.orders import Order
from harness.people import NEWS_MS, UNDO_MS, Barista, Come, Customer
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
        julia.page.clock.fast_forward(UNDO_MS)
    expect(switch).not_to_be_checked(timeout=NEWS_MS)
    assert request.value.post_data_json == {"open": False}
    ada.order("Espresso")
    expect(ada.page.get_by_role("alert")).to_contain_text("The store is closed.")
    switch.click()
    expect(switch).to_be_checked()
    ada.presses_order()
    ada.waits()


def test_more_than_the_capacity_is_refused(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    capacity = julia.page.get_by_label("Drinks at a time")
    expect(capacity).to_have_value("10")
    capacity.fill("1")
    capacity.blur()
    with julia.page.expect_response("**/store"):
        pass
    expect(capacity).to_have_value("1")  # It waits until it is saved.
    julia.page.get_by_role("button", name="Save").click()
    expect(julia.page.get_by_text("0 of 1 drinks under way")).to_be_visible()
    shop.prepare(Order("Ristretto"))
    expect(julia.page.get_by_text("1 of 1 drinks under way")).to_be_visible(timeout=NEWS_MS)
    ada.order("Cappuccino")
    expect(ada.page.get_by_role("alert")).to_contain_text("All baristas are busy.")
    shop.complete_all()
    ada.presses_order()
    ada.waits()


def test_the_orders_are_shown_without_the_store_and_the_store_without_the_orders(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    shop.prepare(Order("Cortado"))
    julia = barista()
    page, switch = julia.page, julia.page.get_by_role("switch")
    problem, connection = page.locator("#store-problem"), page.locator("#connection")
    page.route("**/store", lambda route: route.fulfill(status=502, body="{}"))
    page.reload()
    julia.sees("Cortado")
    expect(problem).to_contain_text("The store's settings can't be shown.", timeout=NEWS_MS)
    expect(connection).to_be_hidden()
    page.unroute("**/store")
    expect(problem).to_be_hidden(timeout=NEWS_MS)
    expect(switch).to_be_visible()
    page.route("**/orders?*", lambda route: route.fulfill(status=502, body="{}"))
    page.reload()
    expect(switch).to_be_visible()
    expect(connection).to_contain_text("No connection")
    expect(page.get_by_text("No orders at the moment.")).to_be_hidden()


def test_staff_read_what_can_not_be_read(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    shop.replace_config({"PK": "config", "open": "yes", "menu": None})
    julia, ada = barista(), customer()
    problem = julia.page.locator("#store-problem")
    expect(problem).to_contain_text("so the store is closed. Open it here.")
    julia.page.get_by_role("switch").click()
    expect(problem).not_to_contain_text("so the store is closed", timeout=NEWS_MS)
    expect(problem).to_contain_text("Some drinks of the menu can't be read.")
    ada.page.goto(ada.url)
    expect(ada.page.get_by_text("The store is closed at the moment.")).to_be_visible()
