"""AWS in this process, the functions' environment, and an eye on everything that is printed."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from moto import mock_aws
from moto.moto_api._internal.models import moto_api_backend

import customer_notification.handler
from barista_callback import openid, staff
from orders import clients
from orders.observability import logger, metrics
from orders.store import OrderStore
from tests.unit.printed import CurrentStdout, Printed
from tests.unit.shop import BUS, CONFIG_TABLE, ORDER_TABLE, SECRET, STACK, STATE_MACHINE, Shop
from tests.unit.step_functions import StepFunctions

# How long an example takes says nothing on a busy machine.
settings.register_profile("unit", deadline=None, max_examples=50, database=None)
settings.load_profile("unit")

CACHES = [
    clients.dynamodb,
    clients.order_store,
    clients.order_codes,
    clients.workflow,
    clients.event_bus,
    clients.sns,
    customer_notification.handler._memory,
    customer_notification.handler._publish_once,
    staff.provider,
    openid._configuration_of,
    openid._keys_at,
]


@pytest.fixture(autouse=True)
def no_network(socket_disabled: None) -> None:
    """Whatever moto does not answer must fail."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",  # pragma: allowlist secret
        "AWS_DEFAULT_REGION": "eu-central-1",
        "ORDER_TABLE": ORDER_TABLE,
        "CONFIG_TABLE": CONFIG_TABLE,
        "EVENT_BUS_NAME": BUS,
        "HEARTBEAT_SECONDS": "900",
        "ORDER_RETENTION_DAYS": "30",
        "ORDER_PROCESSOR": STATE_MACHINE,
        "UNSIGNED_STAFF": "allowed",
        "POWERTOOLS_METRICS_NAMESPACE": STACK,
        "POWERTOOLS_SERVICE_NAME": "service-of-a-test",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(metrics.provider, "namespace", STACK)
    monkeypatch.setattr(metrics.provider, "service", "service-of-a-test")


@pytest.fixture(autouse=True)
def clean_clients() -> Iterator[None]:
    """The clients are made once for an execution environment; here, each test is one."""
    yield
    for made_once in CACHES:
        made_once.cache_clear()
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
def shop() -> Shop:
    """An open store in an account that holds nothing else."""
    moto_api_backend.reset()
    shop = Shop()
    shop.configure()
    return shop


@pytest.fixture
def store(shop: Shop) -> OrderStore:  # noqa: ARG001 (its tables)
    return clients.order_store()


@pytest.fixture
def step_functions() -> StepFunctions:
    return StepFunctions(clients.workflow()._stepfunctions)
