"""The stacks under test: each deployed at most once a run, and left as it was found."""

from collections.abc import Iterator

import pytest

from .calls import record_calls
from .opening import build_for_localstack, opened, use_test_account
from .shop import Shop
from .stacks import IMPATIENT_SHOP, SHOP

use_test_account()  # Before any client is made.


@pytest.fixture(scope="session")
def _built() -> None:
    build_for_localstack()
    record_calls()


@pytest.fixture(scope="session")
def open_shop(_built: None) -> Iterator[Shop]:
    with opened(SHOP) as shop:
        yield shop


@pytest.fixture(scope="session")
def open_impatient_shop(_built: None) -> Iterator[Shop]:
    with opened(IMPATIENT_SHOP) as shop:
        yield shop


@pytest.fixture
def shop(open_shop: Shop) -> Iterator[Shop]:
    yield open_shop
    open_shop.close_up()


@pytest.fixture
def impatient_shop(open_impatient_shop: Shop) -> Iterator[Shop]:
    """A shop whose orders time out when no barista cares for them for a few seconds."""
    yield open_impatient_shop
    open_impatient_shop.close_up()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks back at everything that the run said, wrote and called comes last."""
    last = ["test_all_that_was_said.py", "test_permissions.py"]
    items.sort(key=lambda item: last.index(item.path.name) if item.path.name in last else -1)
