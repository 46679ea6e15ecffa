"""An order on its customer's page: how many are ahead, its link, and its texts."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from harness.orders import Order
from harness.people import Barista, Come, Customer
from harness.shop import DeployedShop


def test_the_page_tells_how_many_orders_are_ahead(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    first, second, ada = Order("Flat white"), Order("Cortado"), customer()
    shop.prepare(first, second)
    ada.order("Mocha")
    ada.reads("2 orders before yours are not made yet.")
    shop.complete(first)
    ada.reads("One order before yours is not made yet.")
    shop.complete(second)
    ada.reads("No order is ahead of yours.")


def test_the_link_is_found_with_what_chat_programs_add_to_it(
    shop: DeployedShop, customer: Come[Customer]
) -> None:
    ada, friend = customer(), customer()
    addresses: list[str] = []
    ada.page.on("request", lambda request: addresses.append(request.url))
    ada.order("Cortado")
    ada.waits()
    link = urlsplit(ada.page.url)
    assert len(link.fragment) == 22
    assert not any(link.fragment in address for address in addresses)  # No server logs the key.
    for query, added in (("", "_"), ("", "%29."), ("fbclid=IwAR0x", "&utm_source=chat")):
        friend.page.goto("about:blank")
        friend.page.goto(link._replace(query=query).geturl() + added)
        friend.waits()
        assert friend.page.url == ada.page.url  # To share again, and to bookmark.
    shop.complete_all()
    friend.reads("Your drink is ready.")
    ada.page.reload()
    ada.reads("Your drink is ready.")
    friend.page.goto(link._replace(fragment="A" * 22).geturl())
    friend.reads("There is no order at this link.")


def test_text_of_customers_is_text(customer: Come[Customer], barista: Come[Barista]) -> None:
    drink = "<img src=x onerror=alert(1)>"
    julia, ada = barista(), customer()
    ada.order(drink, name="Ada\u202e")
    expect(ada.page.get_by_role("alert")).to_contain_text("an invisible character")
    ada.order(drink, name="<b>Ada</b>")
    expect(ada.page.get_by_role("heading", name=f"{drink} for <b>Ada</b>")).to_be_visible()
    expect(julia.sees(drink)).to_contain_text("<b>Ada</b>")
    expect(julia.page.locator("#announcement")).to_contain_text(f"{drink} for <b>Ada</b>")
