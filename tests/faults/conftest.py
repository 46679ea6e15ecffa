"""The stack under faults: deployed once a run, and left as it was found by each test."""

from collections.abc import Iterator

import pytest

from tests.e2e.deployment import Stack
from tests.e2e.opening import build_for_localstack, opened
from tests.e2e.shop import Shop

from .figures import NOTES, ROWS, SEED, table
from .queues import Queues


def pytest_report_header() -> str:
    return f"FAULTS_SEED={SEED}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section(f"figures (FAULTS_SEED={SEED})")
    for line in (*table(ROWS), "", *NOTES):
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def _built() -> None:
    build_for_localstack()


@pytest.fixture(scope="session")
def busy_shop(_built: None) -> Iterator[Shop]:
    with opened(Stack("faults")) as shop:
        yield shop


@pytest.fixture(scope="session")
def queues(busy_shop: Shop) -> Queues:
    return Queues(busy_shop.stack_name)


@pytest.fixture
def shop(busy_shop: Shop, queues: Queues) -> Iterator[Shop]:
    """An open shop; no test may leave an order, a slot or a message behind."""
    yield busy_shop
    busy_shop.close_up()
    queues.run_empty()


@pytest.fixture
def impatient_shop(_built: None) -> Iterator[Shop]:
    """A shop whose orders time out when no barista cares for them for four seconds."""
    with opened(Stack("faults-impatient", heartbeat_seconds=4)) as shop:
        yield shop
        shop.close_up()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks back at everything that was said comes last."""
    items.sort(key=lambda item: item.path.name == "test_strangers.py")
