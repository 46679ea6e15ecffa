"""The stacks under test: each deployed at most once a run, and left as it was found."""

from collections.abc import Iterator

import pytest

from .calls import record_calls
from .deployment import Stack
from .opening import build_for_localstack, opened, use_test_account
from .shop import Shop

use_test_account()  # Before any client is made.

# Texts that would break the workflow's definition, or become a number there.
ODD_EMAIL = '"Ada" O\'Neil\\new <ada@example.com> ${Partition} {}'
ODD_PHONE = "08001234"


@pytest.fixture(scope="session")
def _built() -> None:
    build_for_localstack()
    record_calls()


@pytest.fixture(scope="session")
def open_shop(_built: None) -> Iterator[Shop]:
    with opened(Stack("e2e")) as shop:
        yield shop


@pytest.fixture(scope="session")
def open_impatient_shop(_built: None) -> Iterator[Shop]:
    stack = Stack(
        "e2e-impatient", heartbeat_seconds=4, contact_email=ODD_EMAIL, contact_phone=ODD_PHONE
    )
    with opened(stack) as shop:
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
