"""Orders that are canceled, declined, late, or wanted by two baristas."""

import re

from playwright.sync_api import Route, expect

from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop

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
    expect(marco.page.locator("#refusal")).to_contain_text(
        "Macchiato for Ada: “Done” did not work. Julia was faster.", timeout=NEWS_MS
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
    refusal = "Cold drip for Ada: “Done” did not work. The customer canceled the order."
    expect(julia.page.locator("#refusal")).to_contain_text(refusal, timeout=NEWS_MS)
    expect(julia.sees("Cold drip")).to_have_attribute("data-state", "open")
    julia.page.unroute(COUNTER)
    julia.clears("Cold drip")


def test_an_order_that_nobody_makes_times_out(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    with shop.workflow.impatient():
        ada.order("Slow brew")
        julia.sees("Slow brew")
    ada.reads("Sorry, nobody finished your order in time.")
    expect(julia.sees("Slow brew")).to_contain_text("Timed out", timeout=NEWS_MS)
    julia.clears("Slow brew")


def test_a_decline_outlives_a_server_that_is_busy_and_its_reason_is_offered_again(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, bob = barista(), customer(), customer()
    ada.order("Affogato")
    julia.page.route("**/decline", lambda route: route.fulfill(status=503, body="{}"))
    with julia.page.expect_request("**/decline"):
        julia.declines("Affogato", "The ice cream has melted.")
    expect(julia.sees("Affogato")).to_contain_text("can't be undone")
    julia.page.unroute("**/decline")
    expect(ada.page.locator("#detail")).to_have_text("The ice cream has melted.", timeout=NEWS_MS)
    bob.order("Spaghettieis")
    julia.clicks("Decline", "Spaghettieis")
    julia.page.get_by_role("button", name="The ice cream has melted.").click()
    julia.page.get_by_role("dialog").get_by_role("button", name="Decline", exact=True).click()
    expect(bob.page.locator("#detail")).to_have_text("The ice cream has melted.", timeout=NEWS_MS)


def only_cancel(route: Route) -> None:
    """Leave the page's other requests without an answer."""
    if route.request.method == "DELETE":
        route.continue_()
