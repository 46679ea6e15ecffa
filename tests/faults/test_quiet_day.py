"""An ordinary day, on which nobody has to be called."""

import pytest

from harness.ledger import audit
from harness.orders import CREATED, Order
from harness.queues import Queues
from harness.shop import DeployedShop

from .crowd import at_once, decided, new_orders, place_at_once, publish_at_once

ORDERS = 200
WAVE = 8
CAPACITY = 10
JULIA = {"baristaId": "Julia"}


# All that happens in the test is one period of each alarm, and all its other periods are like it:
# each five minutes of that day have as many orders, refusals and retries as the whole of it.
@pytest.mark.alarms(lasting=True)
def test_a_quiet_day_of_200_orders(shop: DeployedShop, queues: Queues) -> None:
    """What an ordinary day has: early birds, a rush, repeats, cancellations, a drink that is out.

    No order times out: at the counter somebody looks after each, or UnattendedOrderAlarm is right.
    """
    shop.configure(open=False, capacity=CAPACITY)
    early = new_orders(3)
    shop.place(*early)
    for order in early:
        assert shop.wait_for_status(order, "rejected")["code"] == "ERROR-101"
    shop.configure(open=True)

    orders = new_orders(ORDERS)
    for start in range(0, ORDERS, WAVE):
        wave = orders[start : start + WAVE]
        place_at_once(shop, wave)
        shop.wait_for_preparation(*wave)
        at_once(lambda order: _make(shop, order), wave)

    rush = new_orders(CAPACITY + 2)
    place_at_once(shop, rush)
    let_in, refused = decided(shop, rush)
    assert len(refused) == 2
    changed_their_mind, sold_out, *others = let_in
    shop.cancel(changed_their_mind)
    assert shop.click(sold_out, "decline", JULIA | {"reason": "no oat milk"}).status_code == 200
    shop.click(others[0], "heartbeat", JULIA)
    publish_at_once(shop, [(CREATED, order.detail) for order in others])
    at_once(lambda order: _make(shop, order), others)
    assert shop.click(others[0], "complete", {"baristaId": "Marco"}).status_code == 409

    findings = audit(shop, queues, early + orders + rush)
    findings.report("a quiet day", f"{len(others)} repeats")
    assert findings.counts() == {
        "ready for pickup": ORDERS + len(others),
        "rejected": len(early) + len(refused) + 1,
        "canceled": 1,
    }


def _make(shop: DeployedShop, order: Order) -> None:
    answer = shop.click(order, "complete", JULIA)
    assert answer.status_code == 200, answer.text
