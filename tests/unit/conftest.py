"""AWS in this process, the functions' environment, and an eye on everything that is printed."""

import secrets
from collections.abc import Iterator
from typing import Any

# First, because the handlers read it when they are imported.
from tests.unit.environment import VARIABLES  # isort: split

import pytest
from hypothesis import settings
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend

import customer_notification.handler
from aws import clients
from aws.config_table import ConfigTable
from aws.environment import Environment
from aws.event_bus import EventBus
from aws.observability import logger, metrics
from aws.order_table import OrderTable
from barista_callback import authentication, openid
from orders.model import TaskToken
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import NOW, ORDER_ID, RUN, SECRET, TOKEN
from tests.unit.openid_provider import clock, provider
from tests.unit.printed import CurrentStdout, Printed
from tests.unit.step_functions import StepFunctions
from tests.unit.tables import BUS, STACK, Tables, client

__all__ = ["clock", "provider"]  # Fixtures.

# How long an example takes says nothing on a busy machine.
settings.register_profile("unit", deadline=None, max_examples=50, database=None)
settings.load_profile("unit")


def pytest_configure(config: pytest.Config) -> None:
    """Give Hypothesis a new seed; the workers of pytest-xdist get it from who started them."""
    if config.option.hypothesis_seed is None:
        given = getattr(config, "workerinput", {})
        config.option.hypothesis_seed = given.get("hypothesis_seed", secrets.randbelow(1_000_000))


def pytest_configure_node(node: Any) -> None:
    node.workerinput["hypothesis_seed"] = node.config.option.hypothesis_seed


def pytest_report_header(config: pytest.Config) -> str:
    return f"repeat with --hypothesis-seed={config.option.hypothesis_seed}"


CACHES = [
    clients.dynamodb,
    clients.order_table,
    clients.counter_index,
    clients.config_table,
    clients.numbers,
    clients.order_codes,
    clients.session_secret,
    clients.workflow,
    clients.event_bus,
    clients.sns,
    customer_notification.handler._records,
    customer_notification.handler._publish_once,
    authentication.provider,
    openid._configuration_of,
    openid._keys_at,
]


@pytest.fixture(autouse=True)
def no_network(socket_disabled: None) -> None:
    """Whatever moto does not answer must fail."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(metrics.provider, "namespace", STACK)
    monkeypatch.setattr(metrics.provider, "service", "service-of-a-test")


@pytest.fixture(autouse=True)
def clean_clients() -> Iterator[None]:
    """The clients are made once for an execution environment; here, each test is one."""
    Environment.read.cache_clear()  # It was read when the handlers were imported.
    yield
    for made_once in CACHES:
        made_once.cache_clear()
    Environment.read.cache_clear()
    metrics.clear_metrics()
    logger.clear_state()


@pytest.fixture(autouse=True)
def printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Printed]:
    """What the test has printed. No test may print a task token."""
    monkeypatch.setattr(logger.registered_handler, "stream", CurrentStdout())
    printed = Printed(capsys)
    yield printed
    assert SECRET not in printed.text


@pytest.fixture(scope="module", autouse=True)
def aws() -> Iterator[None]:
    """Not one a test, for with each mock_aws boto3 reads its service models anew."""
    with mock_aws():
        yield


@pytest.fixture
def tables() -> Tables:
    """An open store in an account that holds nothing else but a bus."""
    moto_api_backend.reset()
    client("events").create_event_bus(Name=BUS)
    tables = Tables()
    tables.configure()
    return tables


@pytest.fixture
def order_table(tables: Tables) -> OrderTable:  # noqa: ARG001 (its tables)
    return clients.order_table()


@pytest.fixture
def config_table(tables: Tables) -> ConfigTable:  # noqa: ARG001 (its tables)
    return clients.config_table()


@pytest.fixture
def waiting(tables: Tables, order_table: OrderTable) -> str:
    """The id of an order that waits for a barista."""
    tables.claim()
    assert order_table.start_preparation(ORDER_ID, RUN, TaskToken(TOKEN), 0, NOW)
    return ORDER_ID


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> FakeEventBus:
    """What the functions send events to."""
    bus = FakeEventBus()
    client: Any = bus
    for handler in ("storefront.api", "order_tracking.handler", "barista_callback.order_routes"):
        monkeypatch.setattr(f"{handler}.event_bus", lambda name: EventBus(client, name))
    return bus


@pytest.fixture
def step_functions() -> StepFunctions:
    return StepFunctions(clients.workflow()._stepfunctions)
