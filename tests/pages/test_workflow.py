"""Staff watch the workflow: where the orders are, and the way of one of them."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.orders import Order
from harness.people import NEWS_MS, Barista, Come
from harness.shop import DeployedShop
from tests.contracts.definitions import states
from tests.pages.test_looks import PHONE, SCHEMES, TABLET, fits, has_no_barriers

WAIT = "Awaiting order completion"
BEGINNING = (
    *("Start", "Is order valid?", "Order created"),
    *("Claim order", "Get store info", "Is store open?"),
)


@pytest.fixture
def page(shop: DeployedShop, barista: Come[Barista]) -> Page:
    """The workflow's page, in the browser of a barista."""
    page = barista().page
    page.goto(shop.outputs["WorkflowPageUrl"])
    return page


def state(page: Page, name: str) -> Locator:
    return page.locator(f'#graph [data-state="{name}"]')


def choose(page: Page, order: Order) -> None:
    page.locator(f'#orders a[href="#order={order.order_id}"]').click(timeout=NEWS_MS)


def goes(page: Page, *names: str) -> None:
    """The way that is lit is through these, and none beside it."""
    for one, other in pairwise(names):
        edge = page.locator(f'#graph [data-way="{one} → {other}"]')
        expect(edge).to_have_class(re.compile(r"\bpassed\b"), timeout=NEWS_MS)
    expect(page.locator("#graph .edge.passed")).to_have_count(len(names) - 1)


def tells(page: Page, *what: str) -> None:
    for each in what:
        expect(page.locator("#steps")).to_contain_text(each, timeout=NEWS_MS)


def test_an_order_is_followed_from_the_counter_to_its_end(
    shop: DeployedShop, barista: Come[Barista]
) -> None:
    order, others = Order("Cortadito"), [Order("Galão"), Order("Bica")]
    julia, marco = barista("Julia"), barista("Marco")
    shop.prepare(order, *others)
    page = julia.page
    julia.clicks("History", order.drink)
    page.get_by_role("link", name="See its way through the workflow").click()
    way = [*BEGINNING, "Reserve capacity", WAIT]
    goes(page, *way)
    expect(page.locator("#graph .now")).to_have_attribute("data-state", WAIT)
    count = state(page, WAIT).locator(".count")
    expect(count).to_have_text("3")
    expect(page.locator("#told")).to_have_text(f"It is in “{WAIT}”.")
    marco.clicks("Done", order.drink)
    goes(page, *way, "Order completed", "Release capacity", "Announce outcome", "End")
    expect(page.locator("#graph .now")).to_have_count(0)
    expect(count).to_have_text("2")
    tells(page, "Received.", "Claim order", "At the counter.", "Marco finished it.", "was told how")
    page.get_by_role("link", name="All orders").click()
    expect(page.locator("#graph .passed")).to_have_count(0)


def test_a_refused_order_is_followed(shop: DeployedShop, page: Page) -> None:
    order = Order("Ristretto")
    shop.configure(open=False)
    shop.place(order)
    choose(page, order)
    goes(page, *BEGINNING, "Store closed", "Error Handling", "Announce outcome", "End")
    tells(page, "Turned away: the store was closed.")


def test_an_order_is_shown_where_its_execution_was_stopped(shop: DeployedShop, page: Page) -> None:
    order = Order("Marocchino")
    (execution,) = shop.prepare(order)
    shop.workflow.stop(execution)
    choose(page, order)
    expect(page.locator("#told")).to_have_text(f"It was stopped in “{WAIT}”.", timeout=NEWS_MS)
    expect(page.locator("#graph .stopped")).to_have_attribute("data-state", WAIT)
    tells(page, "Failed: something went wrong.")


def test_a_link_to_an_order_leads_there_after_the_sign_in(
    shop: DeployedShop, someone: Come[Page]
) -> None:
    order = Order("Breve", order_id="a link & ☕")
    shop.prepare(order)
    page = someone()
    page.goto(f"{shop.outputs['WorkflowPageUrl']}#order=a%20link%20%26%20%E2%98%95")
    expect(page.get_by_text("Sign in to work at the counter.")).to_be_visible()
    has_no_barriers(page)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Authorize as Julia").click()
    expect(page.locator("#story-title")).to_contain_text("Breve", timeout=NEWS_MS)
    expect(page.locator("#orders [aria-current=true]")).to_contain_text("Breve")
    shop.complete(order)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_is_for_everybody_on_a_phone_and_with_a_keyboard_alone(
    shop: DeployedShop, page: Page, scheme: str
) -> None:
    order = Order("Doppelmacchiato" + "o" * 50)
    shop.prepare(order)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(page.locator("#orders")).to_contain_text(order.drink, timeout=NEWS_MS)
    has_no_barriers(page)
    state(page, next(iter(states()))).focus()
    for name, definition in states().items():
        expect(page.locator("#state")).to_have_text(name)
        expect(page.locator("#comment")).to_have_text(definition.get("Comment", ""))
        fits(page)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(state(page, WAIT)).to_be_in_viewport(timeout=NEWS_MS)
    expect(state(page, WAIT)).to_have_accessible_name(f"{WAIT}. Orders in it now: 1")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("#told")).to_have_text(f"Sie ist in „{WAIT}“.")
    tells(page, "Eingegangen.")
    for size in (PHONE, TABLET):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        has_no_barriers(page)
        fits(page)
