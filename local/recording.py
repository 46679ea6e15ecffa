"""Records the page of the workflow during one order, for the README: make recording.

The order is an event, and Julia makes it. Nobody else should order meanwhile: every order is on the
page. There is a recording, and a still for readers who want no motion, of each color scheme.
"""

import time
from collections.abc import Callable
from io import BytesIO
from itertools import pairwise
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page

import deployed
from deployed import BARISTA
from harness.orders import Order
from harness.people import NEWS_MS, Barista
from harness.shop import DeployedShop, listening
from screenshots import FOLDER, SCHEMES, ready_browser
from sign_in import id_token

SCREEN: Final[Any] = {"width": 1280, "height": 800}
READING_SECONDS: Final = 2.5
LAST_MS: Final = 5000
QUALITY: Final = 80


class Recording:
    """What a page shows, and when it began to."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._pictures: list[tuple[float, bytes]] = []

    def watch(self, happens: Callable[[], object]) -> None:
        """Record until that is so, and for as long as it takes to read it."""
        deadline = time.monotonic() + NEWS_MS / 1000
        read = None
        while read is None or time.monotonic() < read:
            picture = self.page.screenshot()
            if not self._pictures or picture != self._pictures[-1][1]:
                self._pictures.append((time.monotonic(), picture))
            if read is None and happens():
                read = time.monotonic() + READING_SECONDS
            if time.monotonic() > deadline:
                raise SystemExit("The page does not show what the order does.")

    def save(self, name: str) -> None:
        shown = [Image.open(BytesIO(picture)) for _, picture in self._pictures]
        began = [round(1000 * at) for at, _ in self._pictures]
        # While the page waits for news, only as long as it takes to read it.
        longest = round(1000 * READING_SECONDS)
        durations = [min(after - before, longest) for before, after in pairwise(began)]
        moving = FOLDER / f"{name}.webp"
        shown[0].save(
            moving,
            save_all=True,
            append_images=shown[1:],
            duration=[*durations, LAST_MS],
            loop=0,
            quality=QUALITY,
            method=6,
            minimize_size=True,
        )
        shown[-1].save(FOLDER / f"{name}-still.webp", quality=QUALITY)
        print(f"docs/pages/{moving.name}: {len(shown)} pictures, {moving.stat().st_size} bytes")


def main() -> None:
    with ready_browser() as browser, listening(deployed.STACK_NAME, deployed.outputs()) as shop:
        shop.sign_in(id_token())
        for scheme in SCHEMES:
            record(shop, browser, scheme)


def record(shop: DeployedShop, browser: Browser, scheme: Any) -> None:
    """Place an order, make it, and record what the page shows."""
    order = Order("Flat white, oat milk", "Ada")
    page = browser.new_page(viewport=SCREEN, locale="en-GB", color_scheme=scheme)
    Barista(page, shop.outputs["CounterPageUrl"]).sign_in(BARISTA)
    page.goto(shop.outputs["WorkflowPageUrl"])
    recording, its = Recording(page), page.locator(f'#orders a[href="#order={order.order_id}"]')
    recording.watch(page.locator("#list").is_visible)
    shop.place(order)
    try:
        recording.watch(its.is_visible)
        its.click()
        recording.watch(page.locator("#graph .now").is_visible)
        shop.click(order, "take", {})
        recording.watch(page.get_by_text(f"{BARISTA} began to make it.").is_visible)
    finally:  # No order is left behind, whatever happened.
        shop.click(order, "complete", {})
    recording.watch(page.locator('.passed[data-state="End"]').is_visible)
    recording.save(f"workflow-{scheme}")
    page.close()


if __name__ == "__main__":
    main()
