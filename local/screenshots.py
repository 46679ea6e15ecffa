"""Takes the pictures of the pages that the README shows, on a running stack: make screenshots.

Nobody else should order meanwhile: every order in preparation is in the pictures.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from playwright.sync_api import Browser, Page, expect

import deployed
from deployed import BARISTA
from harness.browser import CHROMIUM, MISSING, chromium
from harness.day import ORDERS
from harness.people import NEWS_MS, Barista, Customer

FOLDER: Final = Path(__file__).parents[1] / "docs" / "pages"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
PHONE: Final = {"width": 390, "height": 720}
TABLET: Final = {"width": 1024, "height": 768}
TELEVISION: Final = {"width": 1280, "height": 720}


def main() -> None:
    with ready_browser() as browser:
        take(browser)


@contextmanager
def ready_browser() -> Iterator[Browser]:
    """A browser. Ends the script if there is none, or if others' orders were in the pictures."""
    if CHROMIUM is None:
        raise SystemExit(MISSING)
    deployed.require_open()
    deployed.require_no_orders()
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=NEWS_MS)
    with chromium() as browser:
        yield browser


def take(browser: Browser) -> None:
    """Order ten drinks, take pictures of the pages while they are made, and complete them."""
    outputs = deployed.outputs()
    with (
        someone(browser, PHONE) as phone,
        someone(browser, TABLET) as tablet,
        someone(browser, PHONE) as colleagues,
        someone(browser, TELEVISION) as television,
    ):
        customer = Customer(phone, outputs["OrderPageUrl"])
        julia, marco = (Barista(page, outputs["CounterPageUrl"]) for page in (tablet, colleagues))
        julia.sign_in(BARISTA)
        marco.sign_in("Marco")
        for name, parts in ORDERS:
            customer.orders_from_the_menu(*parts, name=name)
            customer.waits()
        television.goto(outputs["BoardPageUrl"])
        marco.clicks("I'll make it", "Ada")
        for name in ("Grace", "Barbara"):
            julia.clicks("I'll make it", name)
        expect(tablet.locator("li.order")).to_have_count(len(ORDERS))
        expect(julia.sees("Ada")).to_contain_text("Marco")
        shoot(tablet, "counter")
        shoot(phone, "order")
        for name in ("Grace", "Barbara"):
            julia.clicks("Done", name)
        expect(television.locator("#ready li")).to_have_count(2)
        expect(television.locator("#making li")).to_have_count(1)
        shoot(television, "board")
        marco.clicks("Done", "Ada")
        for name, _ in ORDERS[3:]:
            julia.clicks("Done", name)
        customer.reads("Your drink is ready.")


@contextmanager
def someone(browser: Browser, viewport: Any) -> Iterator[Page]:
    """A page in a browser context of its own."""
    context = browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce")
    yield context.new_page()
    context.close()


def shoot(page: Page, name: str) -> None:
    """Take a light picture and a dark one, and print their paths."""
    expect(page.locator(".resting")).to_have_count(0)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
        print(f"docs/pages/{name}-{scheme}.png")


if __name__ == "__main__":
    main()
