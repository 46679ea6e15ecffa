"""What was parked is moved back while there is still something wrong."""

import boto3

from tests.e2e.orders import CREATED, Order
from tests.e2e.polling import until
from tests.e2e.shop import Shop
from tests.e2e.test_redrive import park, redrive

from .audit import audit
from .crowd import new_orders
from .queues import Queues
from .switch import error, failing

PARKED = "OrderCreatedDeadLetterQueue"
# EventBridge retries none of these: the event is parked at once.
REFUSED = error("stepfunctions", "AccessDeniedException", 400, operation="StartExecution")


def lie_there(queues: Queues, number: int) -> None:
    until(f"{number} parked orders", queues.left, lambda left: left == {PARKED: number})


def test_what_is_refused_again_is_moved_once(shop: Shop, queues: Queues) -> None:
    orders = new_orders(3)
    with failing(REFUSED):
        shop.place(*orders)
        lie_there(queues, len(orders))

        moved = redrive(shop.stack_name)

        assert moved.returncode == 1
        assert "3 back on the bus, 3 left: parked again" in moved.stdout
        lie_there(queues, len(orders))

    assert redrive(shop.stack_name).returncode == 0
    shop.in_preparation(*orders)
    shop.complete(*orders)
    audit(shop, queues, orders).report("moved back while the workflow refuses", "6 refusals")


def test_what_cannot_be_moved_keeps_nothing_else_back(shop: Shop, queues: Queues) -> None:
    order = Order()
    url = shop.outputs[f"{PARKED}Url"]
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody="no event")
    park(shop, "OrderCreated", CREATED, order.detail)

    moved = redrive(shop.stack_name)

    assert moved.returncode == 1
    assert "1 back on the bus, 1 left: no event" in moved.stdout
    assert moved.stderr.startswith("1 left")
    shop.in_preparation(order)
    shop.complete(order)
    lie_there(queues, 1)
    boto3.client("sqs").purge_queue(QueueUrl=url)
