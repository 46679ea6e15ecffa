"""Answers that are not the shop's: those of a proxy, or of a Wi-Fi with a sign-in page."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from harness.orders import Order
from harness.people import NEWS_MS, SECONDS, UNDO_MS, Barista, Come, Customer
from harness.shop import DeployedShop

HTML = {"content_type": "text/html", "body": "<h1>Welcome to the Wi-Fi</h1>"}
JSON = "application/json"
BODIES: tuple[Any, ...] = (None, [], 1, "ok", {})
LIKE_OURS = {"json": {"status": "ok", "orderId": 1, "orders": {}, "menu": None, "baristaId": 1}}
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
    LIKE_OURS,
    {"status": 407, "json": {"message": "Proxy authentication is needed."}},
]

ALIKE: list[dict[str, Any]] = [LIKE_OURS, HTML]
"""What each route has to tell from its own answers; for all, these are read in one place."""


def answering(answer: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(**answer)


def test_an_order_is_kept_until_the_shop_itself_answers(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada = customer()
    ada.page.clock.install()
    ada.page.route("**/my-order", answering(HTML))
    ada.order("Mocha")
    told = ada.page.get_by_role("alert").filter(has_text="won't be made twice")
    expect(told).to_be_visible()
    for foreign in FOREIGN:
        ada.page.route("**/my-order", answering(foreign))
        with ada.page.expect_request("**/my-order"):
            ada.presses_order()
        expect(told).to_be_visible()
        assert "#" not in ada.page.url, foreign
        ada.page.clock.fast_forward(SECONDS)  # Until the button, which has moved, takes a tap.
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
    asks_again(ada.page, "**/my-order")
    expect(ada.page.get_by_text("No connection since")).to_be_visible()
    ada.waits()
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
    asks_again(ada.page, "**/menu")
    expect(ada.page.get_by_text("No connection since")).to_be_visible()
    expect(ada.page.get_by_label("Drink")).to_be_visible()
    expect(ada.page.locator("body")).to_have_attribute("data-state", "open")


def test_the_counter_stays_until_the_shop_itself_answers(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    page, switch = julia.page, julia.page.locator("#open")
    shop.prepare(Order("Mocha"))
    julia.sees("Mocha")
    for path, told in (("**/orders?*", "No connection since"), ("**/store", "can't be shown")):
        asks_again(page, path)
        expect(page.get_by_text(told)).to_be_visible()
        julia.sees("Mocha")
        expect(switch).to_have_text("Open")
        page.unroute(path)
    page.route("**/complete", answering(HTML))
    julia.finishes("Mocha")
    asks_again(page, "**/complete")
    expect(julia.sees("Mocha")).to_have_attribute("data-state", "sent")
    page.unroute("**/complete")
    julia.no_longer_sees("Mocha")
    page.route("**/store", answering(HTML))
    switch.click()
    page.clock.fast_forward(UNDO_MS)
    asks_again(page, "**/store")
    expect(page.locator("#closing")).to_have_text("Closing …")
    expect(switch).to_have_text("Open")
    page.unroute("**/store")
    expect(switch).to_have_text("Closed", timeout=NEWS_MS)


def test_a_door_behind_a_strange_wifi_opens_by_itself(barista: Come[Barista]) -> None:
    julia = barista()
    for foreign in ALIKE:
        julia.page.route("**/session", answering(foreign))
        julia.page.reload()
        expect(julia.page.locator("#door-text")).to_contain_text("Sign-in failed.")
        expect(julia.page.get_by_role("button", name="Sign in")).to_be_hidden()
    julia.page.unroute("**/session")
    julia.is_signed_in("Julia")


def asks_again(page: Page, path: str) -> None:
    """Have the page ask again, with answers at this path that are not the shop's."""
    for foreign in ALIKE:
        page.route(path, answering(foreign))
        with page.expect_request(path):
            for event in ("offline", "online"):  # It looks, and sends its taps, without a pause.
                page.evaluate(f"dispatchEvent(new Event('{event}'))")
