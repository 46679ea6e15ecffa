"""A browser that is older than the pages need is told so, in a page that its script can't fill."""

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.shop import DeployedShop

PAGES = ["OrderPageUrl", "CounterPageUrl", "BoardPageUrl", "WorkflowPageUrl"]
LACKING = ["delete AbortSignal.timeout", "delete Element.prototype.ariaChecked"]


@pytest.mark.parametrize("url", PAGES)
def test_an_older_browser_says_what_to_do(shop: DeployedShop, browser: Browser, url: str) -> None:
    with browser.new_context() as context:  # Its scripts may fail.
        page = context.new_page()
        told = page.locator("#not-started")
        page.goto(shop.outputs[url])
        expect(told).to_have_count(0)
        page.route(
            "**/*.js", lambda route: route.fulfill(body="a ???= b", content_type="text/javascript")
        )
        page.reload()
        patience_ends(page)
        expect(told).to_be_visible()
        expect(told).to_contain_text("update your browser, or allow JavaScript")


@pytest.mark.parametrize("lacking", LACKING)
def test_a_page_stops_where_it_could_not_work(
    shop: DeployedShop, browser: Browser, lacking: str
) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(lacking)
        page.goto(shop.outputs["OrderPageUrl"])
        patience_ends(page)
        expect(page.locator("#not-started")).to_be_visible()


def patience_ends(page: Page) -> None:
    """Go to the end of the five seconds that a slow page has for its start."""
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
