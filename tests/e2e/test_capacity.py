"""No more orders in preparation than there are baristas, and every slot comes back.

What the writes make of each capacity is in tests/unit/test_workflow_writes.py.
"""

from functools import partial
from itertools import batched

from harness.inbox import Message
from harness.orders import REJECTED, WAITING, Order, is_about
from harness.shop import DeployedShop


def test_a_freed_slot_lets_the_next_order_in(shop: DeployedShop) -> None:
    shop.configure(capacity=2)
    first, second, third = Order(), Order(), Order()
    shop.prepare(first, second)
    assert shop.reservations() == {first.order_id, second.order_id}

    refused = shop.workflow.output(shop.order_by_hand(Order()))
    assert refused["error"]["code"] == "ERROR-103"
    assert shop.reservations() == {first.order_id, second.order_id}

    shop.complete(first)
    assert shop.reservations() == {second.order_id}
    shop.prepare(third)
    assert shop.reservations() == {second.order_id, third.order_id}
    shop.complete(second, third)


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
