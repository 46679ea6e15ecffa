"""The stacks under test: each deployed at most once a run, and left as it was found."""

from collections.abc import Iterator

import pytest

from harness.orders import CANCELED, COMPLETED, FAILED, REJECTED, TIMED_OUT, Order

from .call_recorder import record_calls
from .capabilities import heartbeats_end
from .customer import Customer
from .deploying import build_for_localstack, deployed_shop, use_test_account
from .shop import DeployedShop
from .stacks import IMPATIENT_SHOP, SHOP

use_test_account()  # Before any client is made.


@pytest.fixture(scope="session")
def _built() -> None:
    build_for_localstack()
    record_calls()


@pytest.fixture(scope="session")
def open_shop(_built: None) -> Iterator[DeployedShop]:
    with deployed_shop(SHOP) as shop:
        yield shop


@pytest.fixture(scope="session")
def open_impatient_shop(_built: None) -> Iterator[DeployedShop]:
    with deployed_shop(IMPATIENT_SHOP) as shop:
        yield shop


@pytest.fixture
def shop(open_shop: DeployedShop) -> Iterator[DeployedShop]:
    yield open_shop
    open_shop.close_up()


@pytest.fixture
def impatient_shop(open_impatient_shop: DeployedShop) -> Iterator[DeployedShop]:
    """A shop whose orders time out when no barista cares for them for a few seconds."""
    yield open_impatient_shop
    open_impatient_shop.close_up()


@pytest.fixture(scope="session")
def outcomes() -> dict[str, str]:
    """The outcomes that an order can have here, and the events that tell of them."""
    outcomes = {
        "ready for pickup": COMPLETED,
        "rejected": REJECTED,
        "timed out": TIMED_OUT,
        "canceled": CANCELED,
        "failed": FAILED,
    }
    if not heartbeats_end():
        del outcomes["timed out"]
    return outcomes


@pytest.fixture(scope="session")
def orders(
    outcomes: dict[str, str], open_shop: DeployedShop, request: pytest.FixtureRequest
) -> dict[str, Order]:
    """An order of each outcome, all traces of which have been seen; one more is of the page."""
    on_the_page = Customer(open_shop)
    on_the_page.order()
    on_the_page.wait_for_status("in preparation")
    on_the_page.cancel()
    on_the_page.wait_for_status("canceled")
    orders = {status: Order() for status in outcomes}
    here = [order for status, order in orders.items() if status != "timed out"]
    if "timed out" in orders:
        open_impatient_shop: DeployedShop = request.getfixturevalue("open_impatient_shop")
        open_impatient_shop.place(orders["timed out"])
    executions = dict(zip(here, open_shop.prepare(*here), strict=True))
    open_shop.counter()
    for order in here:
        open_shop.get(f"/orders/{order.order_id}")
        open_shop.get(f"/orders/{order.order_id}/history")
    open_shop.click(orders["ready for pickup"], "heartbeat", {"baristaId": "Julia"})
    open_shop.complete(orders["ready for pickup"])
    reason = {"baristaId": "Julia", "reason": "We ran out of milk."}
    open_shop.click(orders["rejected"], "decline", reason)
    open_shop.cancel(orders["canceled"])
    broken = executions[orders["failed"]]
    open_shop.workflow.break_off(broken, open_shop.workflow.token(broken))
    for status, order in orders.items():
        shop = open_impatient_shop if status == "timed out" else open_shop
        shop.wait_for_event(order, outcomes[status])
        shop.wait_for_status(order, status)
        shop.wait_for_message(order, status)
        shop.get(f"/orders/{order.order_id}")
        shop.get(f"/orders/{order.order_id}/history")
        shop.logs.about("order-tracking", order, "Order ended")
        shop.logs.about("customer-notification", order, "Customer notified")
    return orders


@pytest.fixture
def shops(
    shop: DeployedShop, orders: dict[str, Order], request: pytest.FixtureRequest
) -> list[DeployedShop]:
    if "timed out" in orders:
        return [shop, request.getfixturevalue("impatient_shop")]
    return [shop]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks back at everything that the run said, wrote and called comes last."""
    last = ["test_secrets.py", "test_records.py", "test_permissions.py"]
    items.sort(key=lambda item: last.index(item.path.name) if item.path.name in last else -1)
