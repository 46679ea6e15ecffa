"""What customers and baristas do on the pages, and what they see there."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

type Come[Person] = Callable[..., Person]

SECONDS = 1000
NEWS_MS = 2 * SECONDS + 28 * SECONDS  # 2 s on an idle machine; a busy one gets its time.
UNDO_MS = 5 * SECONDS
IN_THE_QUEUE = "Waiting for a barista."


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

    def orders_from_the_menu(self, *parts: str, name: str = "Ada") -> None:
        self.page.goto(self.url)
        self.chooses(*parts)
        self.page.get_by_label("Your name").fill(name)
        self.presses_order()

    def chooses(self, *parts: str) -> None:
        """A drink, its size and extras."""
        for part in parts:
            self.offered(part).check()

    def offered(self, part: str) -> Locator:
        return self.page.locator("#choice").get_by_label(part)

    def presses_order(self) -> None:
        self.page.get_by_role("button", name="Order", exact=True).click()

    def reads(self, text: str) -> None:
        expect(self.page.locator("#news")).to_contain_text(text, timeout=NEWS_MS)

    def waits(self) -> None:
        expect(self.page.locator("#headline")).to_have_text(IN_THE_QUEUE, timeout=NEWS_MS)

    def number(self) -> int:
        """The number that is called."""
        return int(self.page.locator("#number").inner_text())

    def cancel(self) -> None:
        self.page.get_by_role("button", name="Cancel the order").click()
        self.page.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()


class Barista:
    """Somebody with the barista's page on a tablet."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.name = ""

    def sign_in(self, name: str) -> None:
        self.page.goto(self.url)
        self.goes_to_the_provider(name)
        self.is_signed_in(name)

    def goes_to_the_provider(self, name: str) -> None:
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name=f"Authorize as {name}").click()

    def is_signed_in(self, name: str) -> None:
        self.name = name
        expect(self.page.get_by_text(f"Signed in as {name}")).to_be_visible(timeout=NEWS_MS)

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

    def finishes(self, drink: str) -> None:
        """Tap Done, and let the time for an undo pass on the page's own clock."""
        self.clicks("Done", drink)
        self.page.clock.fast_forward(UNDO_MS)

    def declines(self, drink: str, reason: str) -> None:
        self.clicks("Decline", drink)
        self.page.get_by_label("Reason").fill(reason)
        self.page.get_by_role("dialog").get_by_role("button", name="Decline").click()

    def sold_out(self, name: str) -> Locator:
        """The button that says whether a part of the menu is."""
        return self.page.get_by_role("button", name=f"Sold out: {name}")


class Board:
    """The screen with the numbers, which says nobody's name."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)

    def shows(self, column: str, *numbers: int) -> None:
        expected = [str(number) for number in numbers]
        expect(self.page.locator(f"#{column} li")).to_have_text(expected, timeout=NEWS_MS)
