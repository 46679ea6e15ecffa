"""Real browsers at a deployed shop, one context a person."""

import os
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, StorageState

from harness.browser import CHROMIUM, MISSING, chromium
from harness.deployment import Stack
from harness.people import Barista, Board, Come, Customer
from harness.shop import DeployedShop
from tests.e2e.deploying import build_for_localstack, deployed_shop
from tests.pages.hearing import LISTEN
from tests.pages.provider import FakeOpenIdProvider, running

POLICY = "Content Security Policy"
SCREENSHOTS = Path(__file__).parents[2] / ".localstack" / "screenshots"
PAGES = pytest.StashKey[list[Page]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what everybody saw when a test failed."""
    report = yield
    if report.when == "call" and report.failed:
        pages = item.stash.get(PAGES, None) or []
        for number, page in enumerate(pages, start=1):
            path = SCREENSHOTS / f"{re.sub(r'[^\w-]+', '-', item.name)}-{number}.png"
            with suppress(Error):  # A page that crashed shows nothing.
                page.screenshot(path=path, full_page=True)
                report.sections.append(("screenshot", str(path)))
    return report


@pytest.fixture(scope="session")
def provider() -> Iterator[FakeOpenIdProvider]:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # The provider, on loopback, speaks HTTP.
    with running() as provider:
        yield provider


@pytest.fixture(scope="session")
def open_pages_shop(provider: FakeOpenIdProvider) -> Iterator[DeployedShop]:
    build_for_localstack()
    with deployed_shop(Stack("pages", issuer=provider.issuer)) as shop:
        shop.sign_in(provider.token("Julia", minutes=60))
        yield shop


@pytest.fixture
def shop(open_pages_shop: DeployedShop) -> Iterator[DeployedShop]:
    yield open_pages_shop
    open_pages_shop.clear_counter()
    open_pages_shop.close_up()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.exit(MISSING, returncode=1)
    with chromium() as browser:
        yield browser


@pytest.fixture
def someone(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Come[Page]]:
    """A page in a context of its own; an error of a script or against the policy fails the test."""
    contexts: list[BrowserContext] = []
    pages = request.node.stash.setdefault(PAGES, [])
    errors: list[str] = []

    def arrive(**settings: object) -> Page:
        context = browser.new_context(**({"locale": "en-GB"} | settings))  # type: ignore[arg-type]
        context.add_init_script(LISTEN)
        contexts.append(context)
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if POLICY in said.text else None)
        return page

    yield arrive
    for context in contexts:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")  # It may wait for an answer still.
        context.close()
    assert errors == []


@pytest.fixture
def customer(shop: DeployedShop, someone: Come[Page]) -> Come[Customer]:
    return lambda **settings: Customer(someone(**settings), shop.outputs["OrderPageUrl"])


@pytest.fixture(scope="session")
def signed_in(browser: Browser, open_pages_shop: DeployedShop) -> Callable[[str], StorageState]:
    """What a barista's browser keeps: each signs in once."""

    @cache
    def sign_in(name: str) -> StorageState:
        with browser.new_context(locale="en-GB") as context:
            Barista(context.new_page(), open_pages_shop.outputs["CounterPageUrl"]).sign_in(name)
            return context.storage_state()

    return sign_in


@pytest.fixture
def barista(
    shop: DeployedShop, someone: Come[Page], signed_in: Callable[[str], StorageState]
) -> Come[Barista]:
    """A barista who has signed in, and whose page has a clock that a test can put forward."""

    def arrive(name: str = "Julia", **settings: object) -> Barista:
        page = someone(storage_state=signed_in(name), **settings)
        page.clock.install()
        barista = Barista(page, shop.outputs["CounterPageUrl"])
        page.goto(barista.url)
        barista.is_signed_in(name)
        return barista

    return arrive


@pytest.fixture
def board(shop: DeployedShop, someone: Come[Page]) -> Come[Board]:
    return lambda **settings: Board(someone(**settings), shop.outputs["BoardPageUrl"])
