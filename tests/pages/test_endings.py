"""Orders that are canceled, declined, late, or wanted by two baristas."""

import re

from playwright.sync_api import Route, expect

from harness.people import Barista, Come, Customer
from tests.e2e.shop import DeployedShop

COUNTER = re.compile(r"/orders\?")


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
    julia.page.unroute(COUNTER)
    julia.no_longer_sees("Cold drip")


def test_an_order_that_nobody_makes_times_out(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    with shop.workflow.impatient():
        ada.order("Slow brew")
        julia.sees("Slow brew")
    ada.reads("Sorry, nobody finished your order in time.")
    julia.no_longer_sees("Slow brew")


def test_a_reason_outlives_a_click_that_failed_and_reaches_the_customer(
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
    ada.reads("A barista declined it: The ice cream has melted.")


def only_cancel(route: Route) -> None:
    """Leave the page's other requests without an answer."""
    if route.request.method == "DELETE":
        route.continue_()
