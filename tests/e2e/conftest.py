"""The stacks under test: each deployed at most once a run, and left as it was found."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from .deployment import Stack, build, deploy
from .inbox import bus_listener, subscriber
from .orders import SOURCE
from .shop import Shop

# Each by the fixture that asks for it.
STACKS = {
    "open_shop": Stack("e2e"),
    "open_impatient_shop": Stack("e2e-impatient", heartbeat_seconds=4),
}


@pytest.fixture(scope="session")
def outputs(request: pytest.FixtureRequest) -> Iterator[Callable[[Stack], dict[str, str]]]:
    """Gives a stack's outputs. The stacks that this run needs are deployed at the same time."""
    if not os.environ.get("AWS_ENDPOINT_URL"):
        pytest.fail(
            "AWS_ENDPOINT_URL is not set, so there is no LocalStack to test on:"
            " run make localstack-test.",
            pytrace=False,
        )
    items = (item for item in request.session.items if isinstance(item, pytest.Function))
    needed = {fixture for item in items for fixture in item.fixturenames}
    build()
    with ThreadPoolExecutor() as pool:
        deployments = {
            stack: pool.submit(deploy, stack)
            for fixture, stack in STACKS.items()
            if fixture in needed
        }
        yield lambda stack: deployments[stack].result()


@contextmanager
def opened(stack: Stack, outputs: dict[str, str]) -> Iterator[Shop]:
    with (
        bus_listener(outputs["EventBusName"], {"source": [SOURCE]}) as bus,
        subscriber(outputs["CustomerTopicArn"]) as customers,
    ):
        shop = Shop(stack.name, outputs, bus, customers)
        shop.open()
        yield shop


@pytest.fixture(scope="session")
def open_shop(outputs: Callable[[Stack], dict[str, str]]) -> Iterator[Shop]:
    stack = STACKS["open_shop"]
    with opened(stack, outputs(stack)) as shop:
        yield shop


@pytest.fixture(scope="session")
def open_impatient_shop(outputs: Callable[[Stack], dict[str, str]]) -> Iterator[Shop]:
    stack = STACKS["open_impatient_shop"]
    with opened(stack, outputs(stack)) as shop:
        yield shop


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    yield open_shop
    open_shop.close_up()


@pytest.fixture
def impatient_shop(open_impatient_shop: Shop) -> Iterator[Shop]:
    """A shop whose orders time out when no barista cares for them for four seconds."""
    yield open_impatient_shop
    open_impatient_shop.close_up()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks back at everything that the run said and wrote comes last."""
    items.sort(key=lambda item: item.path.name == "test_all_that_was_said.py")
