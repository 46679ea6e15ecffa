"""The board: the numbers that are called, for a screen that nobody stands in front of."""

from itertools import product

from playwright.sync_api import expect

from harness.people import NEWS_MS, Board, Come
from tests.pages.test_looks import PHONE, TABLET, is_for_everybody

TELEVISION = {"width": 1920, "height": 1080}


def test_a_night_without_a_network_needs_no_reload(board: Come[Board]) -> None:
    screen = board()
    page = screen.page
    answers = {"waiting": [3], "making": [2], "ready": [1]}
    page.route("**/queue", lambda route: route.fulfill(json=answers))
    page.clock.install()
    page.reload()
    screen.shows("ready", 1)
    page.context.set_offline(True)
    page.unroute("**/queue")
    page.clock.run_for(15_000)
    notice = page.get_by_text("No connection since")
    expect(notice).to_be_visible(timeout=NEWS_MS)
    screen.shows("making", 2)
    screen.shows("ready", 1)
    page.clock.fast_forward("09:59")
    screen.shows("ready")
    page.clock.fast_forward("10:00:00")
    page.context.set_offline(False)
    page.clock.run_for(15_000)
    expect(notice).to_be_hidden(timeout=NEWS_MS)
    screen.shows("making")


def test_all_numbers_are_in_view(board: Come[Board]) -> None:
    screen = board(reduced_motion="reduce")
    page = screen.page
    answers: dict[str, list[int]] = {}
    page.route("**/queue", lambda route: route.fulfill(json=answers))
    for numbers, size in product(([7, 8, 42], [*range(70, 90)]), (PHONE, TABLET, TELEVISION)):
        answers |= {"waiting": numbers[:5], "making": numbers[:8], "ready": numbers}
        page.set_viewport_size(size)
        page.reload()
        screen.shows("making", *numbers[:8])
        screen.shows("ready", *reversed(numbers))
        is_for_everybody(page)
        assert page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        ) == [size["width"], size["height"]]
        for column in ("making", "ready"):
            assert page.locator(f"#{column}").evaluate(
                "list => list.scrollHeight <= list.clientHeight"
                " && list.scrollWidth <= list.clientWidth"
            )
        if size is TELEVISION or (size is TABLET and len(numbers) == 3):
            # Letters must be at least 1/200 as high as they are far away. Figures are 0.7 of the
            # font's size. A 32-inch television has 2.7 pixels a millimetre, a 10-inch tablet 5.2.
            font = page.locator("#ready").evaluate(
                "list => parseFloat(getComputedStyle(list).fontSize)"
            )
            assert font * 0.7 / (2.7 if size is TELEVISION else 5.2) >= 5000 / 200
