"""The stacks under test: each deployed at most once a run, and left as it was found."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .calls import record_calls
from .deployment import Stack, build, deploy
from .inbox import bus_listener, subscriber
from .orders import SOURCE
from .shop import Shop


@pytest.fixture(scope="session")
def _built() -> None:
    if not os.environ.get("AWS_ENDPOINT_URL"):
        pytest.fail(
            "AWS_ENDPOINT_URL is not set, so there is no LocalStack to test on:"
            " run make localstack-test.",
            pytrace=False,
        )
    record_calls()
    build()


@contextmanager
def opened(stack: Stack) -> Iterator[Shop]:
    # One after the other: LocalStack's SAM transform of one stack takes the region away from
    # that of another (AWS_DEFAULT_REGION in its own process's environment).
    outputs = deploy(stack)
    with (
        bus_listener(outputs["EventBusName"], {"source": [SOURCE]}) as bus,
        subscriber(outputs["CustomerTopicArn"]) as customers,
    ):
        shop = Shop(stack.name, outputs, bus, customers)
        shop.open()
        yield shop


@pytest.fixture(scope="session")
def open_shop(_built: None) -> Iterator[Shop]:
    with opened(Stack("e2e")) as shop:
        yield shop


@pytest.fixture(scope="session")
def open_impatient_shop(_built: None) -> Iterator[Shop]:
    with opened(Stack("e2e-impatient", heartbeat_seconds=4)) as shop:
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
    """What looks back at everything that the run said, wrote and called comes last."""
    last = ["test_all_that_was_said.py", "test_permissions.py"]
    items.sort(key=lambda item: last.index(item.path.name) if item.path.name in last else -1)
