"""An order's way from one browser to the other and back."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Dialog, expect

from harness.people import Barista, Come, Customer
from harness.shop import DeployedShop


def test_the_page_tells_how_many_orders_are_ahead(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, bob, cleo = barista(), customer(), customer(), customer()
    ada.order("Flat white")
    ada.reads("No order is ahead of yours.")
    bob.order("Cortado", name="Bob")
    bob.reads("One order before yours is not made yet.")
    cleo.order("Mocha", name="Cleo")
    cleo.reads("2 orders before yours are not made yet.")
    julia.clicks("Done", "Flat white")
    bob.reads("No order is ahead of yours.")
    cleo.reads("One order before yours is not made yet.")


def test_a_click_shows_at_once(customer: Come[Customer], barista: Come[Barista]) -> None:
    julia, ada = barista(), customer()
    ada.order("Piccolo")
    julia.sees("Piccolo")
    expect(julia.page.locator("#announcement")).to_have_text(
        re.compile(r"^New order: \d+: Piccolo for Ada$")
    )
    julia.clicks("Done", "Piccolo")
    expect(julia.sees("Piccolo")).to_have_attribute("data-state", "tapped")
    julia.no_longer_sees("Piccolo")
    ada.reads("Your drink is ready.")


def test_the_link_can_be_shared_and_opened_again(
    customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, friend = barista(), customer(), customer()
    ada.order("Cortado")
    ada.waits()
    friend.page.goto(ada.page.url)
    friend.waits()
    julia.clicks("Done", "Cortado")
    friend.reads("Your drink is ready.")
    ada.page.reload()
    ada.reads("Your drink is ready.")


@pytest.mark.parametrize("place", ["{}?fbclid=IwAR0x#{}", "{}#{}"])
def test_the_link_is_found_with_what_chat_programs_add_to_it(
    customer: Come[Customer], place: str
) -> None:
    ada, friend = customer(), customer()
    ada.order("Cortado")
    ada.waits()
    page, _, key = ada.page.url.partition("#")
    for added in (
        ".",
        ")",
        "%20",
        "%29.",
        "?fbclid=IwAR0x",
        "&utm_source=chat",
        "_",
        "-",
        "…",
        "/",
    ):
        friend.page.goto("about:blank")
        friend.page.goto(place.format(page, key) + added)
        friend.waits()
        assert friend.page.url == ada.page.url  # To share again, and to bookmark.
    ada.cancel()


def test_a_link_to_no_order_says_so(shop: DeployedShop, customer: Come[Customer]) -> None:
    guess = customer()
    guess.page.goto(f"{shop.outputs['OrderPageUrl']}#{'A' * 22}")
    guess.reads("There is no order at this link.")


def test_the_key_of_an_order_is_sent_in_no_address(
    customer: Come[Customer],
) -> None:
    ada = customer()
    addresses: list[str] = []
    ada.page.on("request", lambda request: addresses.append(request.url))
    ada.order("Ristretto")
    ada.waits()
    key = urlsplit(ada.page.url).fragment
    assert len(key) == 22
    assert not any(key in address for address in addresses)


def test_text_of_customers_is_text(customer: Come[Customer], barista: Come[Barista]) -> None:
    drink = "<img src=x onerror=alert(1)>"
    julia, ada = barista(), customer()
    dialogs: list[Dialog] = []
    for page in (julia.page, ada.page):
        page.on("dialog", lambda dialog: dialogs.append(dialog))  # noqa: PLW0108 - wants a name
    ada.order(drink, name="<b>Ada</b>")
    expect(ada.page.get_by_role("heading", name=f"{drink} for <b>Ada</b>")).to_be_visible()
    expect(julia.sees(drink)).to_contain_text("<b>Ada</b>")
    assert julia.page.locator("#orders img, #orders b").count() == 0
    julia.clicks("Done", drink)
    ada.reads("Your drink is ready.")
    assert dialogs == []


def test_a_text_that_hides_something_is_refused(customer: Come[Customer]) -> None:
    ada = customer()
    ada.order("Flat white", name="Ada\u202e")
    expect(ada.page.get_by_role("alert")).to_contain_text("an invisible character")
    ada.order("Flat white")
    ada.waits()
    expect(ada.page.get_by_role("heading", name="Flat white for Ada")).to_be_visible()
    ada.cancel()
    ada.reads("Your order is canceled.")


def test_a_key_held_down_completes_one_order(
    shop: DeployedShop, customer: Come[Customer], barista: Come[Barista]
) -> None:
    julia, ada, bob = barista(), customer(), customer()
    for person, drink in ((ada, "Galao"), (bob, "Breve")):
        person.order(drink)
        julia.sees(drink)
    done = julia.sees("Galao").get_by_role("button", name="Done")
    done.focus()
    for _ in range(5):
        julia.page.keyboard.down("Enter")
    julia.page.keyboard.up("Enter")
    ada.reads("Your drink is ready.")
    assert len(shop.counter()) == 1
