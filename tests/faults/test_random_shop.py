"""A busy day: hundreds of orders, and random actions of customers, baristas and operators."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Lock

import requests

from harness.orders import CREATED, DELETED, Order
from harness.polling import until
from tests.e2e.shop import DeployedShop

from .audit import audit
from .crowd import CROWD_SECONDS, at_once, new_orders, publish_at_once
from .figures import chance
from .queues import Queues

ORDERS = int(os.environ.get("FAULTS_ORDERS", "200"))
WAVE = 20
BARISTAS = ("Julia", "Marco", "Paul")
ACTIONS = (
    "complete",
    "complete by two",
    "complete twice",
    "complete against decline",
    "complete against cancel",
    "decline",
    "cancel early",
    "cancel late",
    "cancel early and late",
    "heartbeat, then complete",
    "leave alone",
)


class Day:
    """What people do with the orders, and what the shop answered them."""

    def __init__(self, shop: DeployedShop, random: Random) -> None:
        self._shop, self._random, self._lock = shop, random, Lock()
        self.promised: dict[str, set[str]] = {}
        self.repeats = 0

    def wave(self, orders: list[Order]) -> None:
        self._shop.configure(capacity=self._random.choice([10, 15, WAVE]))
        plans = {order: self._random.choice(ACTIONS) for order in orders}
        events = []
        for order, plan in plans.items():
            copies = self._random.choice([1, 1, 1, 2, 3])
            self.repeats += copies - 1
            events += [(CREATED, order.detail)] * copies
            if "early" in plan:
                events.append((DELETED, {"orderId": order.order_id}))
        self._random.shuffle(events)
        publish_at_once(self._shop, events)
        baristas = {order: self._random.sample(BARISTAS, 2) for order in orders}
        at_once(lambda order: self._serve(order, plans[order], baristas[order]), orders)

    def _serve(self, order: Order, plan: str, baristas: list[str]) -> None:
        shop = self._shop
        item = until(
            f"decision about {order}",
            lambda: shop.item(order),
            lambda item: item.get("status") not in (None, "received"),
            within=CROWD_SECONDS,
        )
        first, second = baristas
        match plan:
            case "complete":
                self._complete(order, first)
            case "complete by two":
                self._together(
                    lambda: self._complete(order, first), lambda: self._complete(order, second)
                )
            case "complete twice":
                self._complete(order, first)
                self._complete(order, first)
            case "complete against decline":
                self._together(
                    lambda: self._complete(order, first), lambda: self._decline(order, second)
                )
            case "complete against cancel":
                self._together(lambda: self._complete(order, first), lambda: shop.cancel(order))
            case "decline":
                self._decline(order, first)
            case "cancel late" | "cancel early and late":
                shop.cancel(order)
            case "heartbeat, then complete":
                shop.click(order, "heartbeat", {"baristaId": first})
                self._complete(order, first)
            case "leave alone" if item["status"] == "in preparation":
                shop.workflow.stop(item["execution"])

    def _complete(self, order: Order, barista: str) -> None:
        answer = self._shop.click(order, "complete", {"baristaId": barista})
        self._note(order, answer, f"ready for pickup by {barista}")

    def _decline(self, order: Order, barista: str) -> None:
        answer = self._shop.click(order, "decline", {"baristaId": barista, "reason": "no milk"})
        self._note(order, answer, "rejected by nobody")

    def _note(self, order: Order, answer: requests.Response, promise: str) -> None:
        assert answer.status_code in {200, 202, 409, 410}, answer.text
        if answer.status_code == 200:
            with self._lock:
                self.promised.setdefault(order.order_id, set()).add(promise)

    @staticmethod
    def _together(*acts: Callable[[], None]) -> None:
        with ThreadPoolExecutor(len(acts)) as pool:
            for done in [pool.submit(act) for act in acts]:
                done.result()


def test_every_order_of_a_busy_day_ends_once(shop: DeployedShop, queues: Queues) -> None:
    day = Day(shop, chance("Busy day"))
    orders = new_orders(ORDERS)
    for start in range(0, len(orders), WAVE):
        day.wave(orders[start : start + WAVE])

    findings = audit(shop, queues, orders)
    findings.report("a busy day", f"{day.repeats} repeats")
    for order in orders:
        item = shop.item(order)
        ended = f"{item['status']} by {item.get('baristaId', 'nobody')}"
        assert day.promised.get(order.order_id, {ended}) == {ended}, item
