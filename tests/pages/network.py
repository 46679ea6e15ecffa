"""What a page asks for, and a shop that is too busy to answer."""

from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Request, Route


def requests(of: Page | BrowserContext, *methods: str) -> list[str]:
    """The requests with these methods from now on: the method, and the end of the path."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method in methods:
            sent.append(f"{request.method} {urlsplit(request.url).path.rpartition('/')[2]}")

    of.on("request", note)
    return sent


def busy_for(*methods: str) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        if route.request.method in methods:
            route.fulfill(status=503, json={"message": "Busy."})
        else:
            route.continue_()

    return answer
