"""A barista's day: whatever happens, everybody's page says the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from harness.orders import Order
from harness.people import NEWS_MS, SECONDS, Barista, Board, Come, Customer, all_say
from harness.shop import DeployedShop
from tests.pages.hearing import tones
from tests.pages.test_looks import PHONE, TABLET, are_whole
from tests.pages.test_menu import MENU

UNDO_MS = 5 * SECONDS
MINUTE_MS = 60 * SECONDS
RUSH = (
    "Americano, large, oat milk, extra shot",
    "Cortado",
    "Flat white, soy milk",
    "Mocha, small",
    "Caramel macchiato",
    "Ristretto",
    "Affogato",
    "Lungo, decaf",
)


@dataclass(frozen=True)
class Day:
    """Two baristas at their tablets, two customers with their phones, and the board."""

    shop: DeployedShop
    julia: Barista
    marco: Barista
    ada: Customer
    bob: Customer
    board: Board

    def all_say(self, number: int, *what: str, also: Customer | None = None) -> None:
        """All at the counter do, and the order's customer."""
        pages = (self.julia, self.marco, self.board)
        all_say((*pages, also) if also else pages, number, *what)


@pytest.fixture
def day(
    shop: DeployedShop,
    customer: Come[Customer],
    barista: Come[Barista],
    board: Come[Board],
) -> Iterator[Day]:
    shop.put("/store/menu", MENU)
    julia, marco = (barista(name, viewport=TABLET) for name in ("Julia", "Marco"))
    for tablet in (julia.page, marco.page):
        tablet.clock.install()
        tablet.reload()
        tablet.get_by_role("button", name="Is it ready?").click()
    ada, bob = (customer(viewport=PHONE) for _ in range(2))
    yield Day(shop, julia, marco, ada, bob, board())
    shop.take_menu_away()


def test_a_baristas_day(day: Day) -> None:
    the_first_order_chimes(day)
    julia_takes_it_and_marco_takes_it_over(day)
    marco_taps_done_too_early_and_undoes_it(day)
    the_oat_milk_is_sold_out_while_bob_chooses_it(day)
    ten_orders_are_in_view(day)
    julia_has_no_network_for_a_minute(day)


def the_first_order_chimes(day: Day) -> None:
    sound = day.julia.page.get_by_role("button", name="Sound")
    sound.click()
    expect(sound).to_have_attribute("aria-pressed", "true")
    before = tones(day.julia.page)
    day.ada.orders_from_the_menu("Latte", "large", "oat milk", name="Ada")
    day.ada.waits()
    day.all_say(day.ada.number(), "waiting", also=day.ada)
    assert tones(day.julia.page) > before
    assert tones(day.marco.page) == 0  # He has not switched it on.
    assert "Ada" not in day.board.page.content()


def julia_takes_it_and_marco_takes_it_over(day: Day) -> None:
    number = day.ada.number()
    day.julia.clicks("I'll make it", "Latte")
    day.all_say(number, "making", "Julia", also=day.ada)
    expect(day.marco.sees("Latte").get_by_role("button", name="Done")).to_be_disabled()
    day.marco.clicks("Take over", "Latte")
    day.all_say(number, "making", "Marco", also=day.ada)
    expect(day.julia.sees("Latte").get_by_role("button", name="Done")).to_be_disabled()
    day.marco.clicks("Give back", "Latte")
    day.all_say(number, "waiting", also=day.ada)
    day.marco.clicks("I'll make it", "Latte")
    day.all_say(number, "making", "Marco", also=day.ada)


def marco_taps_done_too_early_and_undoes_it(day: Day) -> None:
    number = day.ada.number()
    sent = taps_sent(day.marco.page)
    day.marco.clicks("Done", "Latte")
    day.marco.clicks("Undo", "Latte")
    day.marco.page.clock.fast_forward(UNDO_MS)
    day.all_say(number, "making", "Marco", also=day.ada)
    assert sent == []
    day.marco.clicks("Done", "Latte")
    day.marco.page.clock.fast_forward(UNDO_MS)
    day.all_say(number, "ready", "Marco", also=day.ada)


def the_oat_milk_is_sold_out_while_bob_chooses_it(day: Day) -> None:
    day.bob.page.goto(day.bob.url)
    day.bob.chooses("Latte", "large", "oat milk")
    day.julia.sold_out("oat milk").click()
    expect(day.bob.page.get_by_role("alert")).to_contain_text("sold out", timeout=NEWS_MS)
    expect(day.bob.offered("oat milk")).to_be_disabled()
    day.marco.page.clock.fast_forward(MINUTE_MS)  # So often a tablet looks at the menu.
    told = day.marco.sold_out("oat milk")
    expect(told).to_have_attribute("aria-pressed", "true", timeout=NEWS_MS)
    day.bob.chooses("soy milk")
    day.bob.page.get_by_label("Your name").fill("Bob")
    day.bob.presses_order()
    day.bob.waits()
    day.all_say(day.bob.number(), "waiting", also=day.bob)


def ten_orders_are_in_view(day: Day) -> None:
    day.ada.page.get_by_role("button", name="Order another").click()
    expect(day.ada.offered("oat milk")).to_be_disabled()
    day.ada.chooses("Espresso")
    day.ada.presses_order()
    day.ada.waits()
    day.shop.prepare(*(Order(drink, user_id="Maximilian") for drink in RUSH))
    cards = day.julia.page.locator("li.order")
    expect(cards).to_have_count(10, timeout=NEWS_MS)
    numbers = [int(number) for number in cards.locator(".number").all_inner_texts()]
    assert numbers[:2] == [day.bob.number(), day.ada.number()]  # The oldest first.
    day.board.shows("waiting", *numbers)
    for number in numbers:
        day.all_say(number, "waiting")
    for tablet in (day.julia.page, day.marco.page):
        expect(tablet).to_have_title("(10) Counter")
        tablet.evaluate("scrollTo(0, 0)")  # Who was at the menu looks up.
        are_whole(tablet.locator("li.order"))


def julia_has_no_network_for_a_minute(day: Day) -> None:
    """She taps three times meanwhile, and Marco begins with one of these."""
    page = day.julia.page
    adas, bobs = day.ada.number(), day.bob.number()
    third = int(day.julia.sees("Cortado").locator(".number").inner_text())
    page.context.set_offline(True)
    lost = page.get_by_text("No connection since")
    expect(lost).to_be_visible(timeout=NEWS_MS)
    sent = taps_sent(page)
    day.julia.clicks("I'll make it", "Espresso")
    day.julia.clicks("Done", "Latte")
    day.julia.clicks("Done", "Cortado")
    day.marco.clicks("I'll make it", "Cortado")
    all_say((day.marco, day.board), third, "making", "Marco")
    page.clock.fast_forward(MINUTE_MS)
    kept = page.get_by_text("Taps kept until there is a connection: 3")
    for notice in (lost, kept):
        expect(notice).to_be_visible()
    expect(page.locator("body")).to_have_class("stale")
    expect(page.locator("li.order")).to_have_count(10)
    all_say((day.marco, day.board, day.ada), adas, "waiting")
    all_say((day.marco, day.board, day.bob), bobs, "waiting")
    assert sent == []

    page.context.set_offline(False)
    for notice in (lost, kept):
        expect(notice).to_be_hidden(timeout=NEWS_MS)
    day.all_say(adas, "making", "Julia", also=day.ada)
    day.all_say(bobs, "ready", "Julia", also=day.bob)
    day.all_say(third, "making", "Marco")
    told = "Cortado for Maximilian: “Done” did not work. Marco is making it."
    expect(page.locator("#refusal")).to_contain_text(told)
    taps = ("take", "complete", "complete")
    assert sent == [f"{tap} {what}" for tap in taps for what in ("sent", "answered")]
    day.julia.clicks("Done", "Espresso")
    day.marco.clicks("Done", "Cortado")
    day.all_say(adas, "ready", "Julia", also=day.ada)
    day.all_say(third, "ready", "Marco")


def taps_sent(page: Page) -> list[str]:
    """What the page sends of its taps from now on, and when that is answered."""
    sent: list[str] = []

    def note(request: Request, what: str) -> None:
        if request.method in ("POST", "DELETE"):
            sent.append(f"{urlsplit(request.url).path.rpartition('/')[2]} {what}")

    page.on("request", lambda request: note(request, "sent"))
    page.on("requestfinished", lambda request: note(request, "answered"))
    return sent
