"""Takes the pictures of both pages that the README shows, on a running stack: make screenshots.

Nobody else should order meanwhile: every order in preparation is in the pictures.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

import deployed
from deployed import BARISTA
from harness.browser import CHROMIUM, MISSING, chromium
from harness.people import NEWS_MS, Barista, Customer

FOLDER: Final = Path(__file__).parents[1] / "docs" / "pages"
PHONE: Final = {"width": 390, "height": 720}
TABLET: Final = {"width": 1024, "height": 640}
ORDERS: Final = (
    ("Ada", "Flat white"),
    ("Grace", "Espresso macchiato"),
    ("Lars", "Americano grande latte"),
)


def main() -> int:
    """Return 1 if there is no browser."""
    if CHROMIUM is None:
        print(MISSING, file=sys.stderr)
        return 1
    deployed.require_open()
    deployed.require_no_orders()
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=NEWS_MS)
    with chromium() as browser:
        for scheme in ("light", "dark"):
            take(browser, scheme)
    return 0


def take(browser: Browser, scheme: str) -> None:
    """Order three drinks, take pictures of both pages on both devices, and complete the orders."""
    order_page = deployed.outputs()["OrderPageUrl"]
    counter_page = deployed.outputs()["CounterPageUrl"]
    with (
        someone(browser, PHONE, scheme) as phone,
        someone(browser, TABLET, scheme) as friend,
        someone(browser, TABLET, scheme) as tablet,
        someone(browser, PHONE, scheme) as small,
    ):
        customer = Customer(phone, order_page)
        barista, colleague = Barista(tablet, counter_page), Barista(small, counter_page)
        for person in (barista, colleague):
            person.sign_in(BARISTA)
        for name, drink in ORDERS:
            customer.order(drink, name)
            customer.waits()
        friend.goto(phone.url)
        Customer(friend, order_page).waits()
        for person in (barista, colleague):
            expect(person.page.locator("li.order")).to_have_count(len(ORDERS))
        shoot(phone, f"order-phone-{scheme}")
        shoot(friend, f"order-tablet-{scheme}")
        shoot(tablet, f"counter-tablet-{scheme}")
        shoot(small, f"counter-phone-{scheme}")
        for _, drink in ORDERS:
            barista.clicks("Done", drink)
        customer.reads("Your drink is ready.")
        if scheme == "light":  # It looks the same in the dark.
            shoot(phone, "order-phone-ready")


@contextmanager
def someone(browser: Browser, viewport: Any, scheme: Any) -> Iterator[Page]:
    """A page in a browser context of its own."""
    context = browser.new_context(
        viewport=viewport, color_scheme=scheme, locale="en-GB", reduced_motion="reduce"
    )
    yield context.new_page()
    context.close()


def shoot(page: Page, name: str) -> None:
    """Take a picture, and print its path."""
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"docs/pages/{name}.png")


if __name__ == "__main__":
    sys.exit(main())
