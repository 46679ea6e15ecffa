"""An order that the customer changes, or can't any more; and how it is heard that it is ready."""

from playwright.sync_api import Route, expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop
from tests.pages.hearing import shakes, tones
from tests.pages.network import busy_for


def ordered(customer: Come[Customer]) -> Customer:
    """Somebody whose flat white waits for a barista."""
    ada = customer()
    ada.order("Flat white")
    ada.waits()
    return ada


def changes(customer: Customer, drink: str) -> None:
    customer.page.get_by_role("button", name="Change").click()
    customer.page.get_by_label("Drink").fill(drink)
    customer.page.get_by_role("button", name="Send the change").click()


def test_a_change_makes_one_drink(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), ordered(customer)
    first = ada.page.url
    ada.page.get_by_role("button", name="Change").click()
    expect(ada.page.get_by_label("Drink")).to_have_value("Flat white")
    ada.page.get_by_role("button", name="Keep it").click()
    ada.waits()
    changes(ada, "Cortado")
    expect(ada.page.locator("#what")).to_have_text("Cortado", timeout=NEWS_MS)
    ada.waits()
    julia.sees("Cortado")
    assert ada.page.url != first
    assert len(shop.counter()) == 1
    ada.page.goto(first)
    ada.reads("Your order is canceled.")


def test_a_change_that_is_refused_keeps_the_order(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada = ordered(customer)
    shop.configure(open=False)
    changes(ada, "Cortado")
    expect(ada.page.get_by_role("alert")).to_contain_text("The store is closed.", timeout=NEWS_MS)
    ada.page.get_by_role("button", name="Keep it").click()
    ada.waits()
    expect(ada.page.locator("#what")).to_have_text("Flat white")


def test_a_change_whose_answers_are_lost_goes_on_after_a_reload_and_is_one_drink(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada = ordered(customer)
    keys: set[str] = set()

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "PUT":
            keys.add(route.request.headers["order-key"])
            route.fetch()
            route.abort()
        else:
            route.continue_()

    ada.page.route("**/my-order", lose_the_answer)
    changes(ada, "Cortado")
    ada.reads("Changing your order")
    expect(ada.page.get_by_role("alert")).to_contain_text("can't be reached", timeout=NEWS_MS)
    ada.page.reload()
    ada.reads("Changing your order")
    ada.page.unroute_all(behavior="wait")
    expect(ada.page.locator("#what")).to_have_text("Cortado", timeout=NEWS_MS)
    ada.waits()
    assert len(keys) == 1
    assert len(shop.counter()) == 1


def test_a_change_or_a_cancellation_that_comes_too_late_says_so_and_orders_nothing(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada = ordered(customer)
    friend = customer()
    friend.page.goto(ada.page.url)
    friend.waits()
    ada.page.route("**/my-order", busy_for("PUT"))
    friend.page.route("**/my-order", busy_for("GET"))  # It hears of nothing any more.
    changes(ada, "Cortado")
    ada.reads("Changing your order")
    shop.complete_all()
    friend.cancel()
    for page in (ada.page, friend.page):
        page.unroute("**/my-order")
    ada.reads("It was too late to change your order.")
    friend.reads("It was too late to cancel.")
    expect(ada.page.locator("#what")).to_have_text("Flat white")
    assert shop.counter() == []


def test_what_a_barista_makes_is_neither_changed_nor_canceled(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada, stale, changing = ordered(customer), customer(), customer()
    for other in (stale, changing):
        other.page.goto(ada.page.url)
        other.waits()
    changing.page.get_by_role("button", name="Change").click()
    stale.page.route("**/my-order", busy_for("GET"))
    (order_id,) = shop.counter()
    shop.click(Order(order_id=order_id), "take", {})
    ada.reads("Julia is making it.")
    for button in ("Change", "Cancel the order"):
        expect(ada.page.get_by_role("button", name=button)).to_be_hidden()
    changing.reads("Julia is making it.")
    stale.cancel()
    told = "A barista is making it already. Ask at the counter."
    for other in (stale, changing):
        expect(other.page.get_by_role("alert")).to_have_text(told)
    shop.complete_all()


def test_two_tabs_that_change_an_order_make_one_drink(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada = ordered(customer)
    other = Customer(ada.page.context.new_page(), ada.page.url)
    other.page.goto(ada.page.url)
    for tab in (ada, other):
        tab.page.get_by_role("button", name="Change").click()
        tab.page.get_by_label("Drink").fill("Cortado")
    for tab in (ada, other):
        tab.page.get_by_role("button", name="Send the change").click()
    for tab in (ada, other):
        expect(tab.page.locator("#what")).to_have_text("Cortado", timeout=NEWS_MS)
        tab.waits()
    assert ada.page.url == other.page.url
    assert len(shop.counter()) == 1


def test_keeping_an_order_with_two_taps_does_not_cancel_it(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada = ordered(customer)
    ada.page.get_by_role("button", name="Change").click()
    box = ada.page.get_by_role("button", name="Keep it").bounding_box()
    assert box
    below = "(button, {x, y}) => Object.assign(button.style, {position: 'fixed', left: x, top: y})"
    spot = {"x": f"{box['x']}px", "y": f"{box['y']}px"}
    ada.page.locator("#cancel").evaluate(below, spot)  # As on some phones.
    for _ in range(3):
        ada.page.mouse.click(box["x"] + 20, box["y"] + 20)
    ada.waits()
    expect(ada.page.locator("#cancel")).to_have_attribute("aria-disabled", "false")
    assert len(shop.counter()) == 1


def test_ready_is_heard_and_felt_after_one_tap(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada, bob = customer(), customer()
    for person, drink in ((ada, "Flat white"), (bob, "Cortado")):
        person.order(drink)
        person.waits()
    bell = ada.page.get_by_role("button", name="Ring when it's ready")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    heard = tones(ada.page)
    assert heard > 0  # So one knows how it sounds.
    shop.complete_all()
    for person in (ada, bob):
        person.reads("Your drink is ready.")
        assert "Your drink is ready." in person.page.title()
    assert tones(ada.page) > heard
    assert shakes(ada.page) > 1
    assert (tones(bob.page), shakes(bob.page)) == (0, 0)
