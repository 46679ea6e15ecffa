"""AWS services fail for a while under a stream of orders: each order ends all the same, once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from harness.faults import Fault, error, failed, failing
from harness.ledger import audit
from harness.orders import Order
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop
from tests.e2e.commands import redrive

from .figures import say

SECONDS = 20
ORDERS_A_SECOND = 2
ONE_IN_CANCELED = 5
SETTLED_SECONDS = 240

REFUSED_ENTRIES: Fault = {
    "service": "events",
    "operation": "PutEvents",
    "kind": "failed-entry",
    "code": "InternalFailure",
    "share": 0.5,
}
OUTAGES = {
    "DynamoDB": [
        error("dynamodb", "ThrottlingException", 400, share=0.5),
        error("dynamodb", "InternalServerError", 500),
    ],
    "SNS": [  # What is refused is not tried again at once, and so is parked soon.
        error("sns", "InternalError", 500, share=0.3),
        error("sns", "AuthorizationError", 403),
    ],
    "EventBridge": [REFUSED_ENTRIES, error("events", "InternalException", 500)],
    "Step Functions": [error("stepfunctions", "ServiceUnavailable", 503)],
}


@contextmanager
def ready_barista(shop: DeployedShop) -> Iterator[None]:
    """A barista who completes whatever is on the counter, and tries again what did not work."""
    over = Event()

    def work() -> None:
        while not over.wait(0.2):
            counter = shop.get("/orders?status=in preparation").json().get("orders", [])
            for shown in counter:
                shop.click(Order(order_id=shown["orderId"]), "complete", {"baristaId": "Julia"})

    barista = Thread(target=work)
    barista.start()
    try:
        yield
    finally:
        over.set()
        barista.join()


def orders_during_outage(shop: DeployedShop, faults: list[Fault]) -> tuple[list[Order], int]:
    """The orders that came in while the service failed, and how many calls failed."""
    orders: list[Order] = []
    with failing(*faults):
        ends = time.monotonic() + SECONDS
        while (next_order := time.monotonic() + 1 / ORDERS_A_SECOND) < ends:
            order = Order()
            shop.place(order)
            if len(orders) % ONE_IN_CANCELED == 0:
                shop.cancel(order)
            orders.append(order)
            time.sleep(max(0, next_order - time.monotonic()))  # The pace of the stream.
        return orders, failed()


@pytest.mark.alarms(
    "CustomerNotificationDeadLetterAlarm",
    "OrderTrackingDeadLetterAlarm",
)
def test_no_outage_loses_or_doubles_an_order(shop: DeployedShop, queues: Queues) -> None:
    shop.configure(capacity=1000)
    orders: list[Order] = []
    failures: list[int] = []
    with queues.impatient(), ready_barista(shop):
        for service, faults in OUTAGES.items():
            came, calls = orders_during_outage(shop, faults)
            say(f"{service} out for {SECONDS} s: {len(came)} orders came in, {calls} calls failed")
            assert calls
            failures.append(calls)
            orders += came
        parked = until(
            "settled shop",
            queues.left,
            lambda left: all("DeadLetter" in queue for queue in left),
            within=SETTLED_SECONDS,
        )
        assert parked, "Nothing was parked, so nothing can be redriven."
        # A rule that strips the token from an event parks the event as it was, token included.
        others = [
            text
            for queue, text in queues.waiting().items()
            if not queue.startswith("OrderTracking")
        ]
        assert shop.with_token(others) == []
        moved = redrive(shop.stack_name)
        assert moved.returncode == 0, moved.stderr
        say(f"Parked by the outages, and moved back by make redrive: {sum(parked.values())}")
        findings = audit(shop, queues, orders)
    findings.report("four outages", f"{sum(failures)} failed calls")
