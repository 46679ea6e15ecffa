"""Many orders at the same instant: exactly as many get in as there are slots, and all hear."""

import pytest

from harness.orders import Order
from tests.e2e.shop import DeployedShop

from .audit import audit
from .crowd import all_complete, decided, new_orders, place_at_once
from .queues import Queues


def slots(orders: list[Order]) -> set[str]:
    return {order.order_id for order in orders}


@pytest.mark.alarms("CapacityRefusalAlarm")
def test_of_a_hundred_orders_at_once_ten_are_admitted(shop: DeployedShop, queues: Queues) -> None:
    shop.configure(capacity=10)
    first = new_orders(100)
    place_at_once(shop, first)
    let_in, refused = decided(shop, first)
    assert (len(let_in), len(refused)) == (10, 90)
    assert shop.reservations() == slots(let_in)

    all_complete(shop, let_in)
    second = new_orders(20)
    place_at_once(shop, second)
    let_in_later, refused_later = decided(shop, second)
    assert (len(let_in_later), len(refused_later)) == (10, 10)
    assert shop.reservations() == slots(let_in_later)

    all_complete(shop, let_in_later)
    findings = audit(shop, queues, first + second)
    findings.report("100 and 20 at once, 10 slots")
    assert findings.counts() == {"ready for pickup": 20, "rejected": 100}
    assert shop.reservations() == set()
