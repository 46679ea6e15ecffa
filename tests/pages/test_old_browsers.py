"""A browser that is older than the pages need is told so, in a page that its script can't fill."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.people import NEWS_MS
from harness.shop import DeployedShop

TOLD = "update your browser, or allow JavaScript"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """One whose scripts may fail."""
    with browser.new_context() as context:
        yield context.new_page()


@pytest.mark.parametrize("url", ["OrderPageUrl", "CounterPageUrl", "BoardPageUrl"])
@pytest.mark.parametrize(
    "lacking",
    ["delete AbortSignal.timeout", "delete Element.prototype.ariaChecked", "syntax", None],
)
def test_an_older_browser_says_what_to_do(
    shop: DeployedShop, page: Page, url: str, lacking: str | None
) -> None:
    if lacking == "syntax":
        page.route(
            "**/*.js", lambda route: route.fulfill(body="a ???= b", content_type="text/javascript")
        )
    elif lacking:
        page.add_init_script(lacking)
    page.goto(shop.outputs[url])
    told = page.locator("#not-started")
    if lacking:
        expect(told).to_be_visible(timeout=NEWS_MS)
        expect(told).to_contain_text(TOLD)
    else:
        expect(told).to_have_count(0)
