"""What was parked is moved back while something is still wrong, or after its order's end."""

from datetime import timedelta

import pytest

from harness.faults import error, failing
from harness.ledger import audit
from harness.orders import CANCELED, CREATED, DELETED, Order, attributes
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop
from tests.e2e.commands import park, redrive

from .crowd import new_orders
from .figures import say
from .watch import Watch

PARKED = "OrderCreatedDeadLetterQueue"
# EventBridge retries none of these: the event is parked at once.
REFUSED = error("stepfunctions", "AccessDeniedException", 400, operation="StartExecution")


def lie_there(queues: Queues, number: int) -> None:
    until(f"{number} parked orders", queues.left, lambda left: left == {PARKED: number})


@pytest.mark.alarms("OrderCreatedDeadLetterAlarm")
def test_a_message_that_is_parked_again_is_moved_once(
    shop: DeployedShop, queues: Queues, watch: Watch
) -> None:
    orders = new_orders(3)
    with failing(REFUSED):
        shop.place(*orders)
        lie_there(queues, len(orders))
        watch.queues.look()  # They may not lie there until the next look.

        moved = redrive(shop.stack_name)

        assert moved.returncode == 1
        assert "3 back on the bus, 3 left: parked again" in moved.stdout
        lie_there(queues, len(orders))

    assert redrive(shop.stack_name).returncode == 0
    shop.wait_for_preparation(*orders)
    shop.complete(*orders)
    audit(shop, queues, orders).report("moved back while the workflow refuses", "6 refusals")


@pytest.mark.alarms("OrderDeletedDeadLetterAlarm")
def test_a_cancellation_of_an_earlier_run_does_not_cancel_the_next(
    shop: DeployedShop, watch: Watch
) -> None:
    order = Order()
    shop.prepare(order)
    park(shop, "OrderDeleted", DELETED, {"orderId": order.order_id}, age=timedelta(minutes=1))
    watch.queues.look()  # It may not lie there until the next look.
    shop.complete(order)
    shop.wait_for_status(order, "ready for pickup")
    again = shop.order_by_hand(order)
    assert shop.wait_for_preparation(order) == [again]

    assert redrive(shop.stack_name).returncode == 0

    line = shop.logs.about("order-cancellation", order, "Too late to cancel")
    assert line["reason"] == "An earlier run was meant."
    shop.complete(order)
    shop.wait_for_status(order, "ready for pickup")
    assert shop.events_about(order, CANCELED) == []
    say("A cancellation from before an order's end, moved back in the next run: 0 of 1 canceled")


def test_an_order_that_is_too_old_is_refused_once(shop: DeployedShop, queues: Queues) -> None:
    order = Order()
    for _ in range(2):
        park(shop, "OrderCreated", CREATED, order.detail, age=timedelta(minutes=61))

    moved = redrive(shop.stack_name)

    assert moved.returncode == 0, moved.stderr
    assert "2 refused with ERROR-105" in moved.stdout
    assert shop.wait_for_status(order, "rejected")["code"] == "ERROR-105"
    shop.wait_for_message(order, "rejected")
    queues.run_empty()
    assert [attributes(message)["status"] for message in shop.messages_to(order)] == ["rejected"]
    assert "execution" not in shop.item(order)
    say("An order of an hour ago, moved back twice: started 0 times, its customer told once")
