"""What customers and baristas do on the pages, and what they see there."""

import re
from collections.abc import Callable, Iterable

from playwright.sync_api import Locator, Page, expect

from harness.polling import until

type Come[Person] = Callable[..., Person]
type Said = tuple[str, ...]

SECONDS = 1000
NEWS_MS = 2 * SECONDS + 28 * SECONDS  # 2 s on an idle machine; a busy one gets its time.
IN_THE_QUEUE = "Waiting for a barista."


def all_say(pages: Iterable["Customer | Barista | Board"], number: int, *what: str) -> None:
    """Wait until each of these pages says the same of an order.

    That is "waiting", or "making" or "ready" with a barista's name: only the board has no names.
    """
    until(
        f"order {number} {what} on each page",
        lambda: [page.says(number) for page in pages],
        lambda seen: all(said and said == what[: len(said)] for said in seen),
    )


def _in_short(told: str) -> Said:
    if made := re.search(r"Made by (\w+)|(\w+) made it", told):
        return "ready", made[1] or made[2]
    if maker := re.search(r"(\w+) (?:is|are) making it", told):
        return "making", maker[1]
    return ("waiting",) if not told or told.startswith(IN_THE_QUEUE) else (told,)


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

    def says(self, number: int) -> Said:
        if self.page.locator("#number").text_content() != str(number):
            return ()
        return _in_short(" ".join(self.page.locator("#headline, #detail").all_text_contents()))

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
        self.name = name
        self.page.goto(self.url)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name=f"Authorize as {name}").click()
        expect(self.page.get_by_text(f"Signed in as {name}")).to_be_visible()

    def sees(self, drink: str) -> Locator:
        """The order's row."""
        row = self.page.locator("li.order").filter(has_text=drink)
        expect(row).to_be_visible(timeout=NEWS_MS)
        return row

    def says(self, number: int) -> Said:
        """At the counter, and among the past orders while these are to be seen."""
        its = self.page.locator(".number").filter(has_text=re.compile(rf"^{number}$"))
        notes = self.page.locator("li.order[data-state=open]", has=its).locator(".note")
        ends = self.page.locator("#past-orders li", has=its).locator(".end")
        told = [*notes.all_text_contents(), *ends.all_text_contents()]
        return sum((_in_short(each.replace("You", self.name)) for each in told), ())

    def no_longer_sees(self, drink: str) -> None:
        row = self.page.locator("li.order").filter(has_text=drink)
        expect(row).to_have_count(0, timeout=NEWS_MS)

    def clears(self, drink: str) -> None:
        """Take away an order that has left and that somebody has to see."""
        self.clicks("OK", drink)
        self.no_longer_sees(drink)

    def clicks(self, what: str, drink: str) -> None:
        self.sees(drink).get_by_role("button", name=what).click()

    def declines(self, drink: str, reason: str) -> None:
        self.clicks("Decline", drink)
        self.page.get_by_label("Reason").fill(reason)
        self.page.get_by_role("dialog").get_by_role("button", name="Decline").click()

    def sold_out(self, name: str) -> Locator:
        """The button that says whether a part of the menu is."""
        return self.page.get_by_role("button", name=f"Sold out: {name}")


class Board:
    """The screen with the numbers, which says nobody's name."""

    COLUMNS = ("waiting", "making", "ready")

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)

    def shows(self, column: str, *numbers: int) -> None:
        expected = [str(number) for number in numbers]
        expect(self._numbers(column)).to_have_text(expected, timeout=NEWS_MS)

    def says(self, number: int) -> Said:
        columns = {each: self._numbers(each).all_text_contents() for each in self.COLUMNS}
        return tuple(each for each, numbers in columns.items() if str(number) in numbers)

    def _numbers(self, column: str) -> Locator:
        return self.page.locator(f"#{column} li")
