"""No more orders in preparation than there are baristas, and every slot comes back."""

from functools import partial
from itertools import batched

import pytest

from harness.inbox import Message
from harness.orders import REJECTED, WAITING, Order, is_about

from .shop import OPEN, DeployedShop

OUT_OF_CAPACITY = {
    "code": "ERROR-103",
    "message": "The order cannot be executed because all baristas are busy.",
}


def refused(shop: DeployedShop) -> bool:
    """Whether one more order is refused; one that isn't is completed."""
    execution = shop.order_by_hand(Order())
    ended_or_waits = "Awaiting order completion", "Out of capacity"
    entered = shop.workflow.entered_one_of(execution, *ended_or_waits)
    if entered == "Out of capacity":
        assert shop.workflow.output(execution)["error"] == OUT_OF_CAPACITY
        return True
    shop.workflow.complete(execution)
    return False


def test_a_freed_slot_lets_the_next_order_in(shop: DeployedShop) -> None:
    shop.configure(capacity=2)
    first, second = Order(), Order()
    shop.prepare(first, second)
    assert shop.reservations() == {first.order_id, second.order_id}

    assert refused(shop)
    assert shop.reservations() == {first.order_id, second.order_id}

    shop.complete(first)
    assert shop.reservations() == {second.order_id}
    assert not refused(shop)

    shop.complete(second)


@pytest.mark.parametrize("capacity", [0, "many"])
def test_without_capacity_nobody_gets_in(shop: DeployedShop, capacity: int | str) -> None:
    shop.configure(capacity=capacity)

    assert refused(shop)


def test_the_exercises_put_item_forgets_no_order_in_preparation(shop: DeployedShop) -> None:
    orders = [Order() for _ in range(10)]  # As many as there are slots by default.
    shop.prepare(*orders)

    shop.replace_config(OPEN)

    assert refused(shop)
    shop.complete(*orders)
    assert not refused(shop)


def test_in_a_burst_each_slot_is_taken_once(shop: DeployedShop) -> None:
    shop.configure(capacity=7)
    orders = [Order() for _ in range(40)]
    for ten in batched(orders, 10, strict=True):  # As many as PutEvents takes.
        shop.place(*ten)

    def decided(event: Message, order: Order) -> bool:
        return is_about(event, order, WAITING) or is_about(event, order, REJECTED)

    heard = [
        shop.bus.wait_for(f"decision on {order}", partial(decided, order=order)) for order in orders
    ]
    admitted = [
        order for order, event in zip(orders, heard, strict=True) if event["detail-type"] == WAITING
    ]
    assert len(admitted) == 7
    assert shop.reservations() == {order.order_id for order in admitted}

    shop.wait_for_preparation(*admitted)
    shop.complete(*admitted)


def test_the_exercises_check_refuses_the_eleventh_execution(shop: DeployedShop) -> None:
    shop.configure(capacityCheck="executions")
    executions = [shop.order_by_hand(Order()) for _ in range(10)]
    for execution in executions:
        shop.workflow.token(execution)
    assert shop.reservations() == set()

    shop.workflow.lists_running(10)
    assert refused(shop)

    shop.workflow.complete(executions[0])
    shop.workflow.lists_running(9)
    assert not refused(shop)

    for execution in executions[1:]:
        shop.workflow.complete(execution)
