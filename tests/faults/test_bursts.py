"""Many orders at the same instant: exactly as many get in as there are slots, and all hear."""

import pytest

from harness.ledger import audit
from harness.queues import Queues
from harness.shop import DeployedShop

from .crowd import at_once, decided, new_orders, place_at_once


@pytest.mark.alarms("CapacityRefusalAlarm")
def test_of_a_hundred_orders_at_once_ten_are_admitted(shop: DeployedShop, queues: Queues) -> None:
    shop.configure(capacity=10)
    first = new_orders(100)
    place_at_once(shop, first)
    let_in, refused = decided(shop, first)
    assert (len(let_in), len(refused)) == (10, 90)
    assert shop.reservations() == {order.order_id for order in let_in}

    at_once(shop.complete, let_in)
    second = new_orders(20)
    place_at_once(shop, second)
    let_in_later, refused_later = decided(shop, second)
    assert (len(let_in_later), len(refused_later)) == (10, 10)
    assert shop.reservations() == {order.order_id for order in let_in_later}

    at_once(shop.complete, let_in_later)
    findings = audit(shop, queues, first + second)
    findings.report("100 and 20 at once, 10 slots")
    assert findings.counts() == {"ready for pickup": 20, "rejected": 100}
    assert shop.reservations() == set()
