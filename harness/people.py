"""What customers and baristas do on the pages, and what they see there."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

type Come[Person] = Callable[..., Person]

SECONDS = 1000
NEWS_MS = 2 * SECONDS + 28 * SECONDS  # 2 s on an idle machine; a busy one gets its time.
IN_THE_QUEUE = re.compile(r"You are next\.|In the queue, number \d+")


class Customer:
    """Somebody with the customer's page on a phone."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def order(self, drink: str, name: str = "Ada") -> None:
        self.page.goto(self.url)
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("Drink").fill(drink)
        self.presses_order()

    def presses_order(self) -> None:
        self.page.get_by_role("button", name="Order", exact=True).click()

    def reads(self, text: str) -> None:
        expect(self.page.locator("#news")).to_contain_text(text, timeout=NEWS_MS)

    def waits(self) -> None:
        expect(self.page.locator("#headline")).to_have_text(IN_THE_QUEUE, timeout=NEWS_MS)

    def cancel(self) -> None:
        self.page.get_by_role("button", name="Cancel the order").click()


class Barista:
    """Somebody with the barista's page on a tablet."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def sign_in(self, name: str) -> None:
        self.page.goto(self.url)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name=f"Authorize as {name}").click()
        expect(self.page.get_by_text(f"Signed in as {name}")).to_be_visible()

    def sees(self, drink: str) -> Locator:
        """The order's row."""
        row = self.page.locator("li.order").filter(has_text=drink)
        expect(row).to_be_visible(timeout=NEWS_MS)
        return row

    def no_longer_sees(self, drink: str) -> None:
        row = self.page.locator("li.order").filter(has_text=drink)
        expect(row).to_have_count(0, timeout=NEWS_MS)

    def clicks(self, what: str, drink: str) -> None:
        self.sees(drink).get_by_role("button", name=what).click()

    def declines(self, drink: str, reason: str) -> None:
        self.clicks("Decline", drink)
        self.page.get_by_label("Reason").fill(reason)
        self.page.get_by_role("dialog").get_by_role("button", name="Decline").click()
