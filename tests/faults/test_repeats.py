"""Every event comes one to five times, in any order: one drink, one message of each kind."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from random import Random

from harness.orders import (
    CREATED,
    DELETED,
    IN_PREPARATION,
    REJECTED,
    WAITING,
    Order,
)
from harness.polling import until
from tests.e2e.shop import DeployedShop

from .audit import audit
from .crowd import CROWD_SECONDS, STATES, at_once, events_by_order, new_orders, publish_at_once
from .figures import chance
from .queues import Queues

MOST_DELIVERIES = 5
ENDS = ["complete", "decline", "cancel", "stop", "invalid"]
ORDERS_OF_EACH = 5

type Delivery = Callable[[], object]


class Repeater:
    """Has the bus deliver events again, each time with an event id of its own."""

    def __init__(self, shop: DeployedShop, random: Random) -> None:
        self._shop, self._random = shop, random
        self.repeats = 0
        self.starts = 0

    def create(self, details: list[dict[str, str]]) -> None:
        """Deliver OrderCreated one to five times for each of these orders."""
        created = [
            (CREATED, detail)
            for detail in details
            for _ in range(self._random.randint(1, MOST_DELIVERIES))
        ]
        self.repeats += len(created) - len(details)
        self.starts += len(created)
        self._random.shuffle(created)
        publish_at_once(self._shop, created)

    def again(self, orders: list[Order], *kinds: str) -> list[Delivery]:
        """Up to four more deliveries of each event of these kinds that was heard so far."""
        repeats = [
            event
            for events in events_by_order(self._shop, orders).values()
            for event in {event["detail-type"]: event for event in events}.values()
            if event["detail-type"] in kinds
            for _ in range(self._random.randrange(MOST_DELIVERIES))
        ]
        self.repeats += len(repeats)
        self.starts += sum(event["detail-type"] == CREATED for event in repeats)
        return [partial(self._shop.send_again, event) for event in repeats]

    def deliver(self, deliveries: list[Delivery]) -> None:
        self._random.shuffle(deliveries)
        at_once(lambda delivery: delivery(), deliveries)


def test_every_event_may_come_up_to_five_times(shop: DeployedShop, queues: Queues) -> None:
    random = chance("Repeats")
    shop.configure(capacity=100)
    valid = new_orders(ORDERS_OF_EACH * 4)
    invalid = [Order(drink="") for _ in range(ORDERS_OF_EACH)]
    repeater = Repeater(shop, random)

    repeater.create([order.detail for order in valid + invalid])
    shop.wait_for_preparation(*valid)
    _all_said(shop, valid + invalid, WAITING, REJECTED)

    brewing = repeater.again(valid + invalid, CREATED, WAITING, IN_PREPARATION, REJECTED)
    ends = [
        ending
        for number, order in enumerate(valid)
        for ending in _ending(shop, order, ENDS[number % 4], random)
    ]
    repeater.deliver(brewing + ends)
    _all_said(shop, valid + invalid, *STATES)
    repeater.deliver(
        repeater.again(valid + invalid, CREATED, WAITING, IN_PREPARATION, DELETED, *STATES)
    )

    outputs = _outputs(shop, valid + invalid, repeater.starts)
    findings = audit(shop, queues, valid)
    findings.report("every event up to five times", f"{repeater.repeats} repeats")
    assert findings.counts() == dict.fromkeys(
        ["ready for pickup", "rejected", "canceled", "failed"], ORDERS_OF_EACH
    )
    for order in valid:
        assert outputs[order.order_id]["made"] == 1, outputs[order.order_id]
    for order in invalid:
        assert shop.wait_for_status(order, "rejected")["code"] == "ERROR-100"
        assert shop.statuses_told(order) == ["rejected"], order


def _ending(shop: DeployedShop, order: Order, end: str, random: Random) -> list[Delivery]:
    """How an order's end comes about, by one to five deliveries of each wish."""
    barista = {"baristaId": "Julia"}
    match end:
        case "complete":
            wish: Delivery = lambda: shop.click(order, "complete", barista)  # noqa: E731
        case "decline":
            wish = lambda: shop.click(order, "decline", barista | {"reason": "no milk"})  # noqa: E731
        case "cancel":
            wish = lambda: shop.cancel(order)  # noqa: E731
        case _:
            return [lambda: shop.workflow.stop(shop.item(order)["execution"])]
    return [wish] * random.randint(1, MOST_DELIVERIES)


def test_an_order_is_run_again_by_hand_the_moment_it_has_ended(shop: DeployedShop) -> None:
    order = Order()
    for _ in range(2):
        execution = shop.order_by_hand(order)
        assert "orderCompleted" in shop.workflow.complete(execution)


def _all_said(shop: DeployedShop, orders: list[Order], *kinds: str) -> None:
    """Wait until an event of one of these kinds was heard about every order."""
    until(
        f"{kinds} of all orders",
        lambda: [
            order_id
            for order_id, events in events_by_order(shop, orders).items()
            if not any(event["detail-type"] in kinds for event in events)
        ],
        lambda missing: not missing,
        within=CROWD_SECONDS,
    )


def _outputs(shop: DeployedShop, orders: list[Order], starts: int) -> dict[str, Counter[str]]:
    """How many executions of each order made it, and how many ignored it as a repeat."""
    ids = {order.order_id for order in orders}
    runs = until(
        f"{starts} executions",
        lambda: [
            (run, about)
            for run, about in shop.workflow.started()
            if isinstance(about, str) and about in ids
        ],
        lambda seen: len(seen) >= starts,
        within=CROWD_SECONDS,
    )
    assert len(runs) == starts
    outputs: dict[str, Counter[str]] = {order_id: Counter() for order_id in ids}
    for run, about in runs:
        ignored = "orderIgnored" in shop.workflow.ended(run).get("output", "")
        outputs[about]["ignored" if ignored else "made"] += 1
    return outputs
