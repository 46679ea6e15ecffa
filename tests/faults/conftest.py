"""The stack under faults: deployed once a run, and left as it was found by each test."""

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from harness.deployment import Stack
from harness.ledger import HEADER, ROWS, table
from harness.queues import Queues
from harness.shop import DeployedShop
from tests.e2e.deploying import build_for_localstack, deployed_shop

from .figures import ALARMS_HEADER, NOTES, SEED
from .watch import SEEN, Watch


def pytest_report_header() -> str:
    return f"FAULTS_SEED={SEED}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section(f"figures (FAULTS_SEED={SEED})")
    alarms = [(what, ", ".join(sorted(raised)) or "none") for what, raised in SEEN.raised.items()]
    for line in (*table(HEADER, ROWS), "", *table(ALARMS_HEADER, alarms), "", *NOTES):
        terminalreporter.line(line)


@pytest.fixture(scope="session")
def _built() -> None:
    build_for_localstack()


@pytest.fixture(scope="session")
def busy_shop(_built: None) -> Iterator[DeployedShop]:
    with deployed_shop(Stack("faults")) as shop:
        yield shop


@pytest.fixture(scope="session")
def queues(busy_shop: DeployedShop) -> Queues:
    return Queues(busy_shop.stack_name)


@pytest.fixture(scope="session")
def watch(busy_shop: DeployedShop) -> Watch:
    return Watch(busy_shop)


@pytest.fixture
def shop(
    request: pytest.FixtureRequest, busy_shop: DeployedShop, queues: Queues, watch: Watch
) -> Iterator[DeployedShop]:
    """An open shop; no test may leave an order, a slot or a message behind."""
    with watched(request, watch):
        yield busy_shop
        busy_shop.close_up()
        queues.run_empty()


def watched(request: pytest.FixtureRequest, watch: Watch) -> AbstractContextManager[None]:
    """Have the test raise the alarms that its mark names, no alarm if that names none."""
    what = request.node.name.removeprefix("test_").replace("_", " ")
    mark = request.node.get_closest_marker("alarms")
    return watch.fault(what, *((mark.args,) if mark else ()), **(mark.kwargs if mark else {}))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks back at everything that was said, or raised, comes last."""
    last = ["test_strangers.py", "test_alarms.py"]
    items.sort(key=lambda item: last.index(item.path.name) if item.path.name in last else -1)
