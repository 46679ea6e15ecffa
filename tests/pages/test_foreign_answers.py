"""Answers that are not the shop's: those of a proxy, or of a Wi-Fi with a sign-in page."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop

HTML = {"content_type": "text/html", "body": "<h1>Welcome to the Wi-Fi</h1>"}
JSON = "application/json"
BODIES: tuple[Any, ...] = (None, [], 1, "ok", {})
FOREIGN: list[dict[str, Any]] = [
    HTML,
    HTML | {"content_type": JSON},
    HTML | {"status": 201},
    *(HTML | {"status": status} for status in (302, 403, 404, 407, 409, 451, 502, 511)),
    {"status": 302, "headers": {"Location": "http://127.0.0.1:9/login"}},
    {"status": 304},
    {"status": 204},
    {"content_type": JSON, "body": ""},
    *({"content_type": JSON, "body": json.dumps(body)} for body in BODIES),
    {"json": {"status": "ok", "orderId": "1", "orders": {}, "menu": None, "baristaId": 1}},
    {"status": 407, "json": {"message": "Proxy authentication is needed."}},
]


def answering(answer: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(**answer)


def test_an_order_is_kept_until_the_shop_itself_answers(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada = customer()
    ada.page.route("**/my-order", answering(HTML))
    ada.order("Mocha")
    for foreign in FOREIGN:
        ada.page.route("**/my-order", answering(foreign))
        ada.presses_order()
        expect(ada.page.get_by_role("alert")).to_contain_text("won't be made twice")
        assert "#" not in ada.page.url, foreign
    ada.page.unroute("**/my-order")
    ada.presses_order()
    ada.waits()
    assert len(shop.counter()) == 1


def test_what_is_known_of_an_order_stays_until_the_shop_itself_answers(
    customer: Come[Customer],
) -> None:
    ada = customer()
    ada.order("Mocha")
    ada.waits()
    looks_again_with_each(ada.page, "/my-order")
    expect(ada.page.get_by_text("No connection since")).to_be_visible()
    ada.waits()
    ada.page.unroute("**")
    for foreign in FOREIGN:
        ada.page.route("**/my-order", answering(foreign))
        with ada.page.expect_request(lambda request: request.method == "DELETE"):
            ada.cancel()
        expect(ada.page.get_by_role("alert")).to_contain_text("That did not work.")
    ada.page.unroute("**/my-order")
    ada.cancel()
    ada.reads("Your order is canceled.")


def test_the_form_stays_until_the_shop_itself_answers(customer: Come[Customer]) -> None:
    ada = customer()
    ada.page.goto(ada.url)
    expect(ada.page.locator("body")).to_have_attribute("data-state", "open")
    looks_again_with_each(ada.page, "/menu")
    expect(ada.page.get_by_text("No connection since")).to_be_visible()
    expect(ada.page.get_by_label("Drink")).to_be_visible()
    expect(ada.page.locator("body")).to_have_attribute("data-state", "open")


def test_a_click_is_not_done_until_the_shop_itself_answers(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Mocha")
    waiting = list(FOREIGN)
    julia.page.route(
        "**/complete", lambda route: route.fulfill(**(waiting.pop() if waiting else HTML))
    )
    julia.clicks("Done", "Mocha")
    expect(julia.sees("Mocha")).to_have_attribute("data-state", "sent", timeout=NEWS_MS)
    while waiting:
        with julia.page.expect_request("**/complete"):
            for event in ("offline", "online"):  # It sends it again without a pause.
                julia.page.evaluate(f"dispatchEvent(new Event('{event}'))")
        expect(julia.page.locator("#announcement")).not_to_contain_text("Done")
        expect(julia.page.locator("#refusal")).to_be_empty()
        expect(julia.sees("Mocha")).to_have_attribute("data-state", "sent")
    julia.page.unroute("**/complete")
    ada.reads("Your drink is ready.")


def test_the_counter_stays_until_the_shop_itself_answers(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada = barista(), customer()
    ada.order("Mocha")
    julia.sees("Mocha")
    for path, told in (("/orders?", "No connection since"), ("/store", "can't be shown")):
        looks_again_with_each(julia.page, path)
        expect(julia.page.get_by_text(told)).to_be_visible()
        julia.sees("Mocha")
        expect(julia.page.locator("#open")).to_have_text("Open")
        julia.page.unroute("**")
    julia.page.route("**/store", answering(HTML))
    julia.page.locator("#open").click()
    expect(julia.page.locator("#closing")).to_have_text("Closing …", timeout=NEWS_MS)
    expect(julia.page.locator("#open")).to_have_text("Open")
    julia.page.unroute("**/store")
    expect(julia.page.locator("#open")).to_have_text("Closed", timeout=NEWS_MS)
    julia.clicks("Done", "Mocha")
    ada.reads("Your drink is ready.")


def test_a_door_behind_a_strange_wifi_opens_by_itself(barista: Come[Barista]) -> None:
    page = barista().page
    for foreign in FOREIGN:
        page.route("**/session", answering(foreign))
        page.reload()
        expect(page.locator("#door-text")).to_contain_text("Sign-in failed.")
        expect(page.get_by_role("button", name="Sign in")).to_be_hidden()
    page.unroute("**/session")
    expect(page.get_by_text("Signed in as Julia")).to_be_visible(timeout=NEWS_MS)


def looks_again_with_each(page: Page, path: str) -> None:
    """Have the page look again with each foreign answer at this path, and keep the last one."""
    waiting = list(FOREIGN)

    def answer(route: Route) -> None:
        if path in route.request.url:
            route.fulfill(**(waiting.pop() if len(waiting) > 1 else waiting[0]))
        else:
            route.continue_()

    page.route("**", answer)
    while len(waiting) > 1:
        with page.expect_request(lambda request: path in request.url):
            page.evaluate("dispatchEvent(new Event('online'))")
