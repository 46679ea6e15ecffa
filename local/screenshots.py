"""Takes the pictures of both pages that the README shows, on a running stack: make screenshots.

Nobody else should be ordering meanwhile, for whatever is on the counter is in the picture.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import boto3
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sign_in import BARISTA, STACK

FOLDER: Final = Path(__file__).parents[1] / "docs" / "pages"
PATIENCE_MS: Final = 30_000
PHONE: Final = {"width": 390, "height": 720}
TABLET: Final = {"width": 1024, "height": 640}
ORDERS: Final = (
    ("Ada", "Flat white"),
    ("Grace", "Espresso macchiato"),
    ("Lars", "Americano grande latte"),
)


def main() -> int:
    """Return 1 if there is no browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("This needs Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for scheme in ("light", "dark"):
            take(browser, outputs["OrderPageUrl"], outputs["CounterPageUrl"], scheme)
        browser.close()
    return 0


def take(browser: Browser, order_page: str, counter_page: str, scheme: str) -> None:
    """Order three drinks, look at both pages on both devices, and hand the drinks out."""
    with (
        someone(browser, PHONE, scheme) as customer,
        someone(browser, TABLET, scheme) as friend,
        someone(browser, TABLET, scheme) as barista,
        someone(browser, PHONE, scheme) as colleague,
    ):
        for page in (barista, colleague):
            page.goto(counter_page)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name=f"Authorize as {BARISTA}").click()
            expect(page.get_by_text(f"Signed in as {BARISTA}")).to_be_visible()
        for name, drink in ORDERS:
            customer.goto(order_page)
            customer.get_by_label("Your name").fill(name)
            customer.get_by_label("Drink").fill(drink)
            customer.get_by_role("button", name="Order", exact=True).click()
            expect(customer.locator("#news")).to_contain_text("You are number")
        friend.goto(customer.url)
        expect(friend.locator("#news")).to_contain_text("You are number")
        for page in (barista, colleague):
            expect(page.locator("li.order")).to_have_count(len(ORDERS))
        shoot(customer, f"order-phone-{scheme}")
        shoot(friend, f"order-tablet-{scheme}")
        shoot(barista, f"counter-tablet-{scheme}")
        shoot(colleague, f"counter-phone-{scheme}")
        for _, drink in ORDERS:
            row = barista.locator("li.order").filter(has_text=drink)
            row.get_by_role("button", name="Done").click()
        expect(customer.locator("#news")).to_contain_text("Your drink is ready.")


@contextmanager
def someone(browser: Browser, viewport: Any, scheme: Any) -> Iterator[Page]:
    """A page of somebody who shares nothing with the others."""
    context = browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB")
    yield context.new_page()
    context.close()


def shoot(page: Page, name: str) -> None:
    """Take the picture, and say where it is."""
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"docs/pages/{name}.png")


if __name__ == "__main__":
    sys.exit(main())
