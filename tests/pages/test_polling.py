"""How often a page asks: each request costs money, and where something happens news is quick."""

import pytest
from playwright.sync_api import Page, Request, expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come, Customer
from harness.shop import DeployedShop

QUICK = 1.5  # Seconds.
SLOW = 10
ABOUT = 1  # The page's clock also runs by itself.
STEP_MS = 250
NEVER = 30


def pause(page: Page, path: str) -> float:
    """Seconds of the page's clock from the answers of one look to the next look at this path."""
    asked: list[str] = []
    open_requests: set[Request] = set()

    def begin(request: Request) -> None:
        open_requests.add(request)
        asked.extend([request.url] if path in request.url else [])

    def end(request: Request) -> None:
        open_requests.discard(request)

    page.on("request", begin)
    page.on("requestfinished", end)
    page.on("requestfailed", end)

    def until_asked() -> float:
        before = len(asked)
        for step in range(NEVER * 1000 // STEP_MS):
            while open_requests:
                page.evaluate("0")  # Answers take their time while the page's clock takes none.
            if len(asked) > before:
                return step * STEP_MS / 1000
            page.clock.run_for(STEP_MS)
        return NEVER

    until_asked()
    return until_asked()


def test_a_customers_page_asks_less_while_nothing_happens_and_not_unseen(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    page = customer().page
    page.clock.install()
    page.goto(shop.outputs["OrderPageUrl"])
    assert pause(page, "/menu") == pytest.approx(QUICK, abs=ABOUT)
    page.clock.fast_forward("20:00")
    assert pause(page, "/menu") == pytest.approx(SLOW, abs=ABOUT)
    shop.configure(menu=["Espresso"])
    expect(page.get_by_role("radio", name="Espresso")).to_be_attached(timeout=NEWS_MS)
    assert pause(page, "/menu") == pytest.approx(QUICK, abs=ABOUT)
    page.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    assert pause(page, "/menu") == NEVER


def test_a_counter_asks_less_while_it_is_empty_and_not_while_it_has_orders(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    julia = barista()
    page = julia.page
    expect(page.locator("#empty")).to_be_visible()
    expect(page.get_by_role("switch")).to_be_visible()  # The rest of the first look is news, too.
    assert pause(page, "/orders?") == pytest.approx(QUICK, abs=ABOUT)
    page.clock.fast_forward("20:00")
    assert pause(page, "/orders?") == pytest.approx(SLOW, abs=ABOUT)
    shop.prepare(Order("Flat white"))
    julia.sees("Flat white")
    page.clock.fast_forward("20:00")
    assert pause(page, "/orders?") == pytest.approx(QUICK, abs=ABOUT)
