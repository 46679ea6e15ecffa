"""Codes that the counter shows, and that an order on the page needs then."""

import re

import segno
from playwright.sync_api import expect

from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop
from tests.pages.test_looks import PHONE, is_for_everybody

ASKED = "To order, enter the code shown at the counter."
WRONG = "This code is wrong or has expired. Enter the one shown at the counter now."
USED_UP = "This code has been used up. The counter will show a new one in a few minutes."


def shown(julia: Barista) -> str:
    code = julia.page.locator("#code")
    expect(code).to_have_text(re.compile(r"^\w{4}-\w{4}$"), timeout=NEWS_MS)
    return code.inner_text()


def switched_on(julia: Barista, orders: int) -> str:
    """The code, once it is shown and good for so many orders."""
    julia.page.get_by_label("Order codes").check()
    shown(julia)
    number = julia.page.get_by_label("Orders per code")
    number.fill(str(orders))
    with julia.page.expect_response(lambda answer: answer.request.method == "PUT"):
        number.press("Enter")
    return shown(julia)


def answers(customer: Customer, code: str) -> None:
    customer.page.get_by_label("Code at the counter").fill(code)
    customer.presses_order()


def comes(customer: Customer) -> None:
    customer.page.goto(customer.url)
    expect(customer.page.get_by_label("Code at the counter")).to_be_visible(timeout=NEWS_MS)
    customer.page.get_by_label("Your name").fill("Ada")
    customer.page.get_by_label("Drink").fill("Flat white")


def test_an_order_needs_the_code_and_a_code_is_used_up(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, bob = barista(viewport=PHONE), customer(viewport=PHONE), customer()
    before = shop.get("/menu").text
    ada.page.route(  # It learns nothing new.
        "**/menu", lambda route: route.fulfill(body=before, content_type="application/json")
    )
    code = switched_on(julia, orders=1)
    ada.order("Flat white")
    expect(ada.page.get_by_role("alert")).to_have_text(ASKED)
    ada.page.unroute("**/menu")
    answers(ada, "2222-2222")
    expect(ada.page.get_by_role("alert")).to_have_text(WRONG)
    for page in (julia.page, ada.page):
        is_for_everybody(page)
    answers(ada, code.lower())
    ada.waits()

    comes(bob)
    answers(bob, code)
    expect(bob.page.get_by_role("alert")).to_have_text(USED_UP)

    julia.page.get_by_label("Order codes").uncheck()
    expect(julia.page.locator("#code")).to_be_hidden()
    expect(bob.page.get_by_label("Code at the counter")).to_be_hidden(timeout=NEWS_MS)
    bob.presses_order()
    bob.waits()


def test_the_picture_is_a_link_that_brings_the_code_along(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    switched_on(julia, orders=20)
    code, path = julia.page.evaluate(
        "[document.querySelector('#code').textContent,"
        " document.querySelector('#qr path').getAttribute('d')]"
    )
    link = f"{ada.url}#code={code.replace('-', '')}"
    rows = segno.make(link, micro=False, error="m").matrix
    dark = {(x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module}
    assert {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)} == dark

    addresses: list[str] = []
    ada.page.on("request", lambda request: addresses.append(request.url))
    ada.page.goto(f"{link}&utm_source=chat")
    expect(ada.page.get_by_label("Code at the counter")).to_have_value(code.replace("-", ""))
    ada.page.get_by_label("Your name").fill("Ada")
    ada.page.get_by_label("Drink").fill("Flat white")
    ada.presses_order()
    ada.waits()
    assert not any("code=" in address for address in addresses)
