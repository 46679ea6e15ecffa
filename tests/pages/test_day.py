"""A barista's day: whatever happens, everybody's page says the same."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from harness.orders import Order
from harness.people import NEWS_MS, SECONDS, Barista, Board, Come, Customer
from harness.shop import DeployedShop
from tests.pages.hearing import tones
from tests.pages.network import requests
from tests.pages.test_looks import PHONE, TABLET, are_whole
from tests.pages.test_menu import MENU

MINUTE_MS = 60 * SECONDS
RUSH = ("Cortado", "Flat white", "Mocha", "Macchiato", "Ristretto", "Affogato", "Lungo", "Breve")


@dataclass(frozen=True)
class Day:
    """Two baristas at their tablets, two customers with their phones, and the board."""

    shop: DeployedShop
    julia: Barista
    marco: Barista
    ada: Customer
    bob: Customer
    board: Board

    def all_say(self, number: int, at: str, who: str = "", also: Customer | None = None) -> None:
        """All at the counter say who makes or made it, if anybody; and so does its customer."""
        its = re.compile(rf"^{number}$")
        on_board = self.board.page.locator(f"#{at} li").filter(has_text=its)
        expect(on_board).to_have_count(1, timeout=NEWS_MS)
        for tablet in (self.julia, self.marco):
            maker = "You are" if tablet.name == who else f"{who} is"
            told = {"waiting": "^$", "making": f"{maker} making it", "ready": f"Made by {who}"}
            rows = "#past-orders li" if at == "ready" else "li.order[data-state=open]"
            own = tablet.page.locator(rows).filter(
                has=tablet.page.locator(".number").filter(has_text=its)
            )
            expect(own.locator(".note, .end")).to_have_text(re.compile(told[at]), timeout=NEWS_MS)
        if also:
            also.reads({"waiting": "Waiting", "making": f"{who} is", "ready": f"{who} made"}[at])


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
    day.julia.page.get_by_role("button", name="Sound").click()
    before = tones(day.julia.page)
    day.ada.orders_from_the_menu("Latte", "large", "oat milk", name="Ada")
    day.ada.waits()
    day.all_say(day.ada.number(), "waiting", also=day.ada)
    assert tones(day.julia.page) > before
    assert tones(day.marco.page) == 0  # He has not switched it on.


def julia_takes_it_and_marco_takes_it_over(day: Day) -> None:
    number = day.ada.number()
    day.julia.clicks("I'll make it", "Latte")
    day.all_say(number, "making", "Julia", also=day.ada)
    expect(day.marco.sees("Latte").get_by_role("button", name="Done")).to_be_disabled()
    day.marco.clicks("Take over", "Latte")
    day.all_say(number, "making", "Marco", also=day.ada)
    day.marco.clicks("Give back", "Latte")
    day.all_say(number, "waiting", also=day.ada)


def marco_taps_done_too_early_and_undoes_it(day: Day) -> None:
    sent = requests(day.marco.page, "POST")
    day.marco.clicks("Done", "Latte")
    day.marco.clicks("Undo", "Latte")
    with day.marco.page.expect_response("**/orders?*"):
        day.marco.page.clock.fast_forward(MINUTE_MS)
    day.all_say(day.ada.number(), "waiting", also=day.ada)
    assert sent == []
    day.marco.finishes("Latte")
    day.all_say(day.ada.number(), "ready", "Marco", also=day.ada)


def the_oat_milk_is_sold_out_while_bob_chooses_it(day: Day) -> None:
    day.bob.page.goto(day.bob.url)
    day.bob.chooses("Latte", "large", "oat milk")
    day.julia.sold_out("oat milk").click()
    expect(day.bob.page.get_by_role("alert")).to_contain_text("sold out", timeout=NEWS_MS)
    expect(day.bob.offered("oat milk")).to_be_disabled()
    expect(day.bob.offered("oat milk")).not_to_be_checked()
    day.marco.page.clock.fast_forward(MINUTE_MS)  # So often a tablet looks at the menu.
    told = day.marco.sold_out("oat milk")
    expect(told).to_have_attribute("aria-pressed", "true", timeout=NEWS_MS)
    day.julia.sold_out("oat milk").click()
    expect(day.bob.offered("oat milk")).to_be_enabled(timeout=NEWS_MS)
    day.bob.page.get_by_label("Your name").fill("Bob")
    day.bob.presses_order()
    day.bob.waits()


def ten_orders_are_in_view(day: Day) -> None:
    day.ada.page.get_by_role("button", name="Order another").click()
    day.ada.chooses("Espresso")
    day.ada.presses_order()
    day.ada.waits()
    day.shop.prepare(*(Order(drink, user_id="Maximilian") for drink in RUSH))
    for tablet in (day.julia.page, day.marco.page):
        cards = tablet.locator("li.order")
        expect(cards).to_have_count(10, timeout=NEWS_MS)
        numbers = [int(number) for number in cards.locator(".number").all_inner_texts()]
        assert numbers[:2] == [day.bob.number(), day.ada.number()]  # The oldest first.
        day.board.shows("waiting", *numbers)
        expect(tablet).to_have_title("(10) Counter")
        tablet.evaluate("scrollTo(0, 0)")  # Who was at the menu looks up.
        are_whole(cards)


def julia_has_no_network_for_a_minute(day: Day) -> None:
    """She taps three times meanwhile, and Marco begins with one of these."""
    page = day.julia.page
    adas, bobs = day.ada.number(), day.bob.number()
    third = int(day.julia.sees("Cortado").locator(".number").inner_text())
    sent = requests(page, "POST")
    page.context.set_offline(True)
    day.julia.clicks("I'll make it", "Espresso")
    day.julia.clicks("Done", "Latte")
    day.julia.clicks("Done", "Cortado")
    day.marco.clicks("I'll make it", "Cortado")
    day.board.shows("making", third)
    page.clock.fast_forward(MINUTE_MS)
    notices = page.locator("#connection, #unsent")
    expect(notices).to_contain_text(["No connection since", "until there is a connection: 3"])
    expect(page.locator("body")).to_have_class("stale")
    expect(page.locator("li.order")).to_have_count(10)
    assert sent == []

    page.context.set_offline(False)
    day.all_say(adas, "making", "Julia", also=day.ada)
    day.all_say(bobs, "ready", "Julia", also=day.bob)
    day.all_say(third, "making", "Marco")
    told = "Cortado for Maximilian: “Done” did not work. Marco is making it."
    expect(page.locator("#refusal")).to_contain_text(told)
    assert sent == ["POST take", "POST complete", "POST complete"]
    for notice in notices.all():
        expect(notice).to_be_hidden()
    day.julia.finishes("Espresso")
    day.marco.finishes("Cortado")
    day.all_say(adas, "ready", "Julia", also=day.ada)
