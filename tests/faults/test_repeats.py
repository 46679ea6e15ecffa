"""Every event comes one to five times, in any order: one drink, one message of each kind."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest

from harness.inbox import Inbox, Message, beside
from harness.orders import (
    CREATED,
    DELETED,
    IN_PREPARATION,
    REJECTED,
    WAITING,
    Order,
    attributes,
)
from harness.polling import until
from tests.e2e.shop import DeployedShop
from tests.e2e.tokens import all_tokens, containing_any

from .audit import audit
from .crowd import CROWD_SECONDS, STATES, at_once, events_by_order, new_orders, publish_at_once
from .figures import chance
from .queues import Queues

MOST_DELIVERIES = 5
ENDS = ["complete", "decline", "cancel", "stop", "invalid"]
ORDERS_OF_EACH = 5

type Delivery = Callable[[], object]


class Repeater:
    """Delivers events again, with the same event id to the queue or with a new one to the bus."""

    def __init__(
        self, shop: DeployedShop, queues: Queues, random: Random, heard: dict[str, Inbox]
    ) -> None:
        self._shop, self._queues, self._random, self._heard = shop, queues, random, heard
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
        return [
            delivery
            for events in events_by_order(self._shop, orders).values()
            for event in {event["detail-type"]: event for event in events}.values()
            if event["detail-type"] in kinds
            for _ in range(self._random.randrange(MOST_DELIVERIES))
            for delivery in self._choose(event)
        ]

    def deliver(self, deliveries: list[Delivery]) -> None:
        self._random.shuffle(deliveries)
        at_once(lambda delivery: delivery(), deliveries)

    def _choose(self, event: Message) -> Iterator[Delivery]:
        self.repeats += 1
        self.starts += event["detail-type"] == CREATED
        if self._random.random() < 0.5:
            yield lambda: self._shop.send_again(event)
        elif event["detail-type"] == CREATED:
            yield lambda: self._shop.workflow.start(event)
        else:
            for queue, inbox in self._heard.items():
                same = inbox.received(lambda message: message["id"] == event["id"])
                yield from (self._sender(queue, message) for message in same[:1])

    def _sender(self, queue: str, message: Message) -> Delivery:
        return lambda: self._queues.send(queue, message)


@pytest.fixture
def heard(shop: DeployedShop) -> Iterator[dict[str, Inbox]]:
    """What the consumers' queues got, word by word."""
    name, bus = shop.stack_name, shop.outputs["EventBusName"]
    with (
        beside(f"{name}-order-tracking", bus) as tracking,
        beside(f"{name}-customer-notification", bus) as notification,
        beside(f"{name}-order-cancellation", bus) as cancellation,
    ):
        yield {
            "OrderTrackingQueue": tracking,
            "CustomerNotificationQueue": notification,
            "OrderDeletedQueue": cancellation,
        }


def test_every_event_may_come_up_to_five_times(
    shop: DeployedShop, queues: Queues, heard: dict[str, Inbox]
) -> None:
    random = chance("Repeats")
    shop.configure(capacity=100)
    valid = new_orders(ORDERS_OF_EACH * 4)
    invalid = [Order(drink="") for _ in range(ORDERS_OF_EACH)]
    repeater = Repeater(shop, queues, random, heard)

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

    tokens = all_tokens([shop])
    for queue, inbox in heard.items():
        texts = [json.dumps(message) for message in inbox.received()]
        assert texts
        assert (queue == "OrderTrackingQueue") is bool(containing_any(texts, tokens)), queue

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
        told = [attributes(message)["status"] for message in shop.messages_to(order)]
        assert told == ["rejected"], order


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
