"""The stack under test: deployed once a run, and left as it was found by each test."""

from collections.abc import Iterator

import pytest

from harness.customer import Customer
from harness.orders import CANCELED, COMPLETED, FAILED, REJECTED, TIMED_OUT, Order
from harness.shop import DeployedShop

from .call_recorder import record_calls
from .capabilities import break_off, heartbeats_end
from .deploying import SHOP, build_for_localstack, deployed_shop


@pytest.fixture(scope="session")
def open_shop() -> Iterator[DeployedShop]:
    build_for_localstack()
    record_calls()
    with deployed_shop(SHOP) as shop:
        yield shop


@pytest.fixture
def shop(open_shop: DeployedShop) -> Iterator[DeployedShop]:
    yield open_shop
    open_shop.close_up()


@pytest.fixture(scope="session")
def outcomes() -> dict[str, str]:
    """The outcomes that an order can have here, and the events that tell of them."""
    outcomes = {
        "timed out": TIMED_OUT,
        "ready for pickup": COMPLETED,
        "rejected": REJECTED,
        "canceled": CANCELED,
        "failed": FAILED,
    }
    if not heartbeats_end():
        del outcomes["timed out"]
    return outcomes


@pytest.fixture(scope="session")
def orders(outcomes: dict[str, str], open_shop: DeployedShop) -> dict[str, Order]:
    """An order of each outcome, all traces of which have been seen; one more is of the page."""
    shop, orders = open_shop, {status: Order() for status in outcomes}
    if "timed out" in orders:
        with shop.workflow.impatient():
            shop.workflow.token(shop.order_by_hand(orders["timed out"]))
    on_the_page = Customer(shop.outputs)
    on_the_page.order()
    on_the_page.wait_for_status("in preparation")
    on_the_page.cancel()
    on_the_page.wait_for_status("canceled")
    here = [order for status, order in orders.items() if status != "timed out"]
    executions = dict(zip(here, shop.prepare(*here), strict=True))
    shop.counter()
    for order in here:
        shop.get(f"/orders/{order.order_id}")
        shop.get(f"/orders/{order.order_id}/history")
    shop.click(orders["ready for pickup"], "heartbeat", {"baristaId": "Julia"})
    shop.complete(orders["ready for pickup"])
    reason = {"baristaId": "Julia", "reason": "We ran out of milk."}
    shop.click(orders["rejected"], "decline", reason)
    shop.cancel(orders["canceled"])
    break_off(shop.workflow, executions[orders["failed"]])
    for status, order in orders.items():
        shop.wait_for_event(order, outcomes[status])
        shop.wait_for_status(order, status)
        shop.wait_for_message(order, status)
        shop.get(f"/orders/{order.order_id}")
        shop.get(f"/orders/{order.order_id}/history")
        shop.logs.about("order-tracking", order, "Order ended")
        shop.logs.about("customer-notification", order, "Customer notified")
    return orders


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks back at everything that the run said, wrote and called comes last."""
    last = ["test_secrets.py", "test_records.py", "test_permissions.py"]
    items.sort(key=lambda item: last.index(item.path.name) if item.path.name in last else -1)
