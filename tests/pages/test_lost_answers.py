"""Requests that get no answer."""

from urllib.parse import urlsplit

from playwright.sync_api import Route, expect

from harness.people import Barista, Come, Customer
from harness.shop import DeployedShop


def test_an_order_sent_again_for_want_of_an_answer_is_one_order_also_after_a_reload(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    sent: list[int] = []

    def lose_the_answer(route: Route) -> None:
        sent.append(route.fetch().status)
        route.abort()

    ada.page.route("**/my-order", lose_the_answer)
    ada.order("Mocha")
    expect(ada.page.get_by_role("alert")).to_contain_text("won't be made twice")
    with ada.page.expect_event("requestfailed"):
        ada.presses_order()
    ada.page.unroute_all(behavior="wait")
    ada.page.reload()
    expect(ada.page.get_by_label("Drink")).to_have_value("Mocha")
    ada.presses_order()
    ada.waits()
    assert sent == [202, 202]
    julia.sees("Mocha")
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
    ada.presses_order()
    ada.waits()
    assert urlsplit(ada.page.url).fragment == sent[0]


def test_a_cancellation_that_is_quicker_than_its_order_waits_for_it(
    customer: Come[Customer],
) -> None:
    ada = customer()
    unknown: list[int] = []

    def answer_as_if_it_were_on_its_way(route: Route) -> None:
        if route.request.method == "DELETE" and not unknown:
            unknown.append(404)
            route.fulfill(status=404, json={"message": "There is no such order."})
        else:
            route.continue_()

    ada.page.route("**/my-order", answer_as_if_it_were_on_its_way)
    ada.order("Mocha")
    ada.cancel()
    ada.reads("Your order is canceled.")
    assert unknown == [404]
