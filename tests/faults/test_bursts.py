"""Many orders at the same instant: exactly as many get in as there are slots, and all hear."""

import pytest

from harness.orders import Order
from tests.e2e.shop import OPEN, DeployedShop

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


@pytest.mark.alarms("CapacityRefusalAlarm")
@pytest.mark.parametrize(("capacity", "crowd"), [(1, 20), (25, 50)])
def test_a_burst_fills_the_slots_and_no_more(
    shop: DeployedShop, queues: Queues, capacity: int, crowd: int
) -> None:
    shop.configure(capacity=capacity)
    orders = new_orders(crowd)
    place_at_once(shop, orders)
    let_in, refused = decided(shop, orders)
    assert (len(let_in), len(refused)) == (capacity, crowd - capacity)
    assert shop.reservations() == slots(let_in)

    all_complete(shop, let_in)
    audit(shop, queues, orders).report(f"{crowd} at once, {capacity} slots")


@pytest.mark.alarms("CapacityRefusalAlarm")
def test_replacing_the_config_item_admits_no_more_orders(
    shop: DeployedShop, queues: Queues
) -> None:
    brewing = new_orders(10)
    place_at_once(shop, brewing)
    assert len(decided(shop, brewing)[0]) == 10

    shop.replace_config(OPEN)
    crowd = new_orders(10)
    place_at_once(shop, crowd)
    assert decided(shop, crowd)[0] == []
    assert shop.reservations() == slots(brewing)

    all_complete(shop, brewing)
    audit(shop, queues, brewing + crowd).report("the config item replaced while 10 are made")


@pytest.mark.alarms("CapacityRefusalAlarm")
def test_a_lowered_capacity_admits_nobody_until_enough_orders_ended(
    shop: DeployedShop, queues: Queues
) -> None:
    shop.configure(capacity=10)
    brewing = new_orders(10)
    orders = list(brewing)
    place_at_once(shop, brewing)
    assert len(decided(shop, brewing)[0]) == 10

    shop.configure(capacity=3)
    while len(brewing) >= 3:
        crowd = new_orders(3)
        orders += crowd
        place_at_once(shop, crowd)
        assert decided(shop, crowd)[0] == []
        shop.complete(brewing.pop())
    crowd = new_orders(3)
    orders += crowd
    place_at_once(shop, crowd)
    let_in, _ = decided(shop, crowd)
    assert len(let_in) == 1

    all_complete(shop, brewing + let_in)
    audit(shop, queues, orders).report("capacity lowered from 10 to 3")


@pytest.mark.alarms("CapacityRefusalAlarm")
def test_a_raised_capacity_admits_as_many_more_orders(shop: DeployedShop, queues: Queues) -> None:
    shop.configure(capacity=3)
    first, second = new_orders(6), new_orders(12)
    place_at_once(shop, first)
    brewing, _ = decided(shop, first)
    assert len(brewing) == 3

    shop.configure(capacity=10)
    place_at_once(shop, second)
    let_in, _ = decided(shop, second)
    assert len(let_in) == 7
    assert shop.reservations() == slots(brewing + let_in)

    all_complete(shop, brewing + let_in)
    audit(shop, queues, first + second).report("capacity raised from 3 to 10")
