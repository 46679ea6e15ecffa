"""An order's way between two browsers."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Dialog, Page, Route, expect

from harness.people import NEWS_MS, Barista, Come, Customer
from tests.e2e.shop import Shop

COUNTER = re.compile(r"/orders\?")


def test_an_order_is_made_and_picked_up(customer: Come[Customer], barista: Come[Barista]) -> None:
    julia, ada = barista("Julia"), customer()
    ada.order("Flat white")
    ada.reads("You are next.")
    julia.sees("Flat white")
    expect(julia.page.get_by_role("status")).to_contain_text(["New order: Flat white for Ada"])
    julia.clicks("Done", "Flat white")
    ada.reads("Your drink is ready.")
    ada.reads("Julia made it.")
    julia.no_longer_sees("Flat white")


def test_the_page_tells_how_many_orders_are_ahead(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, bob, cleo = barista(), customer(), customer(), customer()
    ada.order("Flat white")
    ada.reads("You are next.")
    bob.order("Cortado", name="Bob")
    bob.reads("In the queue, number 2")
    bob.reads("One order is ahead of yours.")
    cleo.order("Mocha", name="Cleo")
    cleo.reads("In the queue, number 3")
    cleo.reads("2 orders are ahead of yours.")
    julia.clicks("Done", "Flat white")
    bob.reads("You are next.")
    cleo.reads("In the queue, number 2")


def test_a_click_shows_at_once(customer: Come[Customer], barista: Come[Barista]) -> None:
    julia, ada = barista(), customer()
    held: list[Route] = []
    julia.page.route("**/complete", lambda route: held.append(route))  # noqa: PLW0108 - as above
    ada.order("Piccolo")
    julia.clicks("Done", "Piccolo")
    expect(julia.sees("Piccolo")).to_have_class(re.compile("leaving"))
    (route,) = held
    route.continue_()
    julia.no_longer_sees("Piccolo")
    ada.reads("Your drink is ready.")


def test_the_link_can_be_shared_and_opened_again(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, friend = barista(), customer(), customer()
    ada.order("Cortado")
    ada.waits()
    friend.page.goto(ada.page.url)
    friend.waits()
    julia.clicks("Done", "Cortado")
    friend.reads("Your drink is ready.")
    ada.page.reload()
    ada.reads("Your drink is ready.")


def test_a_link_to_no_order_says_so(shop: Shop, customer: Come[Customer]) -> None:
    guess = customer()
    guess.page.goto(f"{shop.outputs['OrderPageUrl']}#{'A' * 22}")
    guess.reads("There is no order at this link.")


def test_the_key_of_an_order_is_sent_in_no_address(
    customer: Come[Customer],
) -> None:
    ada = customer()
    addresses: list[str] = []
    ada.page.on("request", lambda request: addresses.append(request.url))
    ada.order("Ristretto")
    ada.waits()
    key = urlsplit(ada.page.url).fragment
    assert len(key) == 22
    assert not any(key in address for address in addresses)


def test_of_two_baristas_one_has_the_order(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, marco, ada = barista("Julia"), barista("Marco"), customer()
    ada.order("Macchiato")
    julia.sees("Macchiato")
    marco.sees("Macchiato")
    # Both before either page looks again.
    marco.page.route(COUNTER, lambda _: None)
    julia.clicks("Done", "Macchiato")
    ada.reads("Julia made it.")
    marco.clicks("Done", "Macchiato")
    expect(marco.page.get_by_role("alert")).to_have_text(
        "Macchiato for Ada: that did not work. Julia was faster."
    )
    marco.page.unroute(COUNTER)
    marco.no_longer_sees("Macchiato")


def test_a_canceled_order_leaves_the_counter(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Lungo")
    julia.sees("Lungo")
    ada.cancel()
    ada.reads("Your order is canceled.")
    julia.no_longer_sees("Lungo")


def test_a_cancellation_that_comes_too_late_says_so(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Galão")
    julia.sees("Galão")
    ada.page.route("**/my-order", only_cancel)
    julia.clicks("Done", "Galão")
    julia.no_longer_sees("Galão")
    ada.cancel()
    ada.page.unroute("**/my-order")
    ada.reads("It was too late to cancel.")


def test_a_click_on_a_canceled_order_is_undone_and_says_why(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Cold drip")
    julia.sees("Cold drip")
    julia.page.route(COUNTER, lambda _: None)
    ada.cancel()
    ada.reads("Your order is canceled.")
    julia.clicks("Done", "Cold drip")
    refusal = "Cold drip for Ada: that did not work. The customer canceled the order."
    expect(julia.page.get_by_role("alert")).to_have_text(refusal)
    expect(julia.sees("Cold drip")).not_to_have_class(re.compile("leaving"))


def test_an_order_that_nobody_makes_times_out(
    open_impatient_pages_shop: Shop, someone: Come[Page]
) -> None:
    outputs = open_impatient_pages_shop.outputs
    julia = Barista(someone(), outputs["CounterPageUrl"])
    ada = Customer(someone(), outputs["OrderPageUrl"])
    julia.sign_in("Julia")
    ada.order("Slow brew")
    julia.sees("Slow brew")
    expect(julia.page.locator("li.order.red")).to_be_visible()
    ada.reads("Sorry, nobody finished your order in time.")
    julia.no_longer_sees("Slow brew")


def test_a_declined_order_tells_why(customer: Come[Customer], barista: Come[Barista]) -> None:
    julia, ada = barista(), customer()
    ada.order("Oat latte")
    julia.declines("Oat latte", "We are out of oat milk.")
    ada.reads("The barista says:")
    ada.reads("We are out of oat milk.")


def test_a_reason_outlives_a_click_that_failed(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Affogato")
    julia.page.route("**/decline", lambda route: route.fulfill(status=503, body="{}"))
    julia.declines("Affogato", "The ice cream has melted.")
    expect(julia.page.get_by_role("alert")).to_contain_text("that did not work")
    julia.page.unroute("**/decline")
    julia.clicks("Decline", "Affogato")
    expect(julia.page.get_by_label("Reason")).to_have_value("The ice cream has melted.")
    julia.page.get_by_role("dialog").get_by_role("button", name="Decline").click()
    ada.reads("The ice cream has melted.")


def test_more_time_restarts_the_time_limit(
    shop: Shop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Cold brew")
    julia.sees("Cold brew")
    before = shop.get("/orders?status=in preparation").json()["orders"][0]["timesOutAt"]
    julia.clicks("More time", "Cold brew")
    expect(julia.page.get_by_role("status")).to_contain_text(["More time: Cold brew for Ada"])
    after = shop.get("/orders?status=in preparation").json()["orders"][0]["timesOutAt"]
    assert after > before


def test_text_of_customers_is_text(customer: Come[Customer], barista: Come[Barista]) -> None:
    drink = "<img src=x onerror=alert(1)>"
    julia, ada = barista(), customer()
    dialogs: list[Dialog] = []
    for page in (julia.page, ada.page):
        page.on("dialog", lambda dialog: dialogs.append(dialog))  # noqa: PLW0108 - wants a name
    ada.order(drink, name="<b>Ada</b>")
    expect(ada.page.get_by_role("heading", name=f"{drink} for <b>Ada</b>")).to_be_visible()
    expect(julia.sees(drink)).to_contain_text("<b>Ada</b>")
    assert julia.page.locator("main img, main b").count() == 0
    julia.clicks("Done", drink)
    ada.reads("Your drink is ready.")
    assert dialogs == []


def test_a_text_that_hides_something_is_refused(customer: Come[Customer]) -> None:
    ada = customer()
    ada.order("Flat white", name="Ada\u202e")
    expect(ada.page.get_by_role("alert")).to_contain_text("an invisible character")
    ada.order("Flat white")
    ada.waits()
    expect(ada.page.get_by_role("heading", name="Flat white for Ada")).to_be_visible()
    ada.cancel()
    ada.reads("Your order is canceled.")


def test_the_store_is_closed_and_opened_on_the_page(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    switch = julia.page.get_by_role("switch")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    ada.order("Espresso")
    expect(ada.page.get_by_role("alert")).to_contain_text("The store is closed.")
    switch.click()
    expect(switch).to_be_checked()
    ada.page.get_by_role("button", name="Order", exact=True).click()
    ada.waits()


def test_the_menu_is_what_can_be_ordered(shop: Shop, customer: Come[Customer]) -> None:
    shop.configure(menu=["Espresso", "Cortado"])
    ada = customer()
    ada.page.goto(ada.url)
    ada.page.get_by_label("Your name").fill("Ada")
    menu = ada.page.get_by_label("Drink")
    expect(menu.get_by_role("option")).to_have_text(["Choose a drink", "Espresso", "Cortado"])
    menu.select_option("Cortado")
    ada.page.get_by_role("button", name="Order", exact=True).click()
    ada.waits()
    expect(ada.page.get_by_role("heading", name="Cortado for Ada")).to_be_visible()


def test_more_than_the_capacity_is_refused(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, bob = barista(), customer(), customer()
    capacity = julia.page.get_by_label("Drinks at a time")
    capacity.fill("1")
    capacity.press("Enter")
    expect(julia.page.get_by_text("0 of 1 slots in use")).to_be_visible()
    ada.order("Ristretto")
    ada.waits()
    expect(julia.page.get_by_text("1 of 1 slots in use")).to_be_visible(timeout=NEWS_MS)
    bob.order("Cappuccino", name="Bob")
    expect(bob.page.get_by_role("alert")).to_contain_text("All baristas are busy.")
    julia.clicks("Done", "Ristretto")
    ada.reads("Your drink is ready.")
    bob.page.get_by_role("button", name="Order", exact=True).click()
    bob.waits()


def test_a_lost_connection_is_said_and_mended(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Doppio")
    julia.sees("Doppio")
    julia.page.context.set_offline(True)
    notice = julia.page.get_by_text("No connection since")
    expect(notice).to_be_visible(timeout=NEWS_MS)
    expect(julia.page.locator("body")).to_have_class("stale")
    julia.clicks("Done", "Doppio")
    expect(julia.page.get_by_role("alert")).to_contain_text("can't be reached")
    julia.page.context.set_offline(False)
    expect(notice).to_be_hidden(timeout=NEWS_MS)
    julia.clicks("Done", "Doppio")
    ada.reads("Your drink is ready.")


def test_an_order_sent_twice_for_want_of_an_answer_is_one_order(
    shop: Shop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    lost: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        if not lost and route.request.method == "PUT":
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    ada.page.route("**/my-order", lose_the_first_answer)
    ada.order("Mocha")
    expect(ada.page.get_by_role("alert")).to_contain_text("won't be made twice")
    ada.page.get_by_role("button", name="Order", exact=True).click()
    ada.waits()
    assert lost == [202]
    julia.sees("Mocha")
    assert len(shop.counter()) == 1


def test_an_order_without_an_answer_outlives_a_reload(
    shop: Shop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    ada.page.route("**/my-order", lose_the_answer)
    ada.order("Bicerin")
    expect(ada.page.get_by_role("alert")).to_contain_text("won't be made twice")
    ada.page.unroute("**/my-order")
    ada.page.reload()
    expect(ada.page.get_by_label("Drink")).to_have_value("Bicerin")
    ada.page.get_by_role("button", name="Order", exact=True).click()
    ada.waits()
    julia.sees("Bicerin")
    assert len(shop.counter()) == 1


def test_an_order_on_its_way_counts_and_not_the_refusal_of_its_repeat(
    customer: Come[Customer],
) -> None:
    ada = customer()
    sent: list[str] = []

    def lose_the_first_answer_and_refuse_the_repeat(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
        elif sent:
            route.fulfill(status=409, json={"code": "ERROR-103", "message": "It is full."})
        else:
            route.fetch()
            sent.append(route.request.headers["order-key"])
            route.abort()

    ada.page.route("**/my-order", lose_the_first_answer_and_refuse_the_repeat)
    ada.order("Marocchino")
    expect(ada.page.get_by_role("alert")).to_contain_text("won't be made twice")
    ada.page.get_by_role("button", name="Order", exact=True).click()
    ada.waits()
    assert urlsplit(ada.page.url).fragment == sent[0]


def test_a_cancellation_that_is_not_sent_says_so(customer: Come[Customer]) -> None:
    ada = customer()
    ada.order("Romano")
    ada.waits()
    ada.page.context.set_offline(True)
    ada.cancel()
    expect(ada.page.get_by_role("alert")).to_contain_text("can't be reached")
    ada.page.context.set_offline(False)
    ada.cancel()
    ada.reads("Your order is canceled.")


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
    expect(julia.page.get_by_text("0 of 7 slots in use")).to_be_visible()


def test_a_key_held_down_completes_one_order(
    shop: Shop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, bob = barista(), customer(), customer()
    for person, drink in ((ada, "Galao"), (bob, "Breve")):
        person.order(drink)
        julia.sees(drink)
    julia.sees("Galao").get_by_role("button", name="Done").focus()
    for _ in range(5):
        julia.page.keyboard.down("Enter")
    julia.page.keyboard.up("Enter")
    ada.reads("Your drink is ready.")
    assert len(shop.counter()) == 1


def only_cancel(route: Route) -> None:
    """Leave the page's other requests without an answer."""
    if route.request.method == "DELETE":
        route.continue_()
