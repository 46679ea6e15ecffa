"""Plays a planned day on a deployed shop: what its people do, what they see, what came of it."""

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from threading import Event
from typing import Any, Final
from uuid import uuid4

import requests

from coffee_shop import BARISTAS, SIZES
from harness import faults
from harness.customer import ACCEPTED, Customer
from harness.day import Plan, Step, Visit
from harness.inbox import Message
from harness.ledger import SETTLING_SECONDS, STATES, Findings, audit, events_by_order
from harness.orders import COMPLETED, Order
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop

CROWD: Final = 40  # So many orders are looked after at once, each to its last step.
PATIENCE_SECONDS: Final = 180
NEWS_SECONDS: Final = 0.4
JULIA: Final = BARISTAS[0]
KILLS: Final[list[faults.Fault]] = [
    {"service": "stepfunctions", "operation": "SendTaskSuccess", "kind": kind, "calls": 1}
    for kind in ("killed-after", "killed-before")
]
type End = tuple[object, object]
DECISIONS: Final[Mapping[str, Callable[[str], End]]] = {
    "complete": lambda barista: ("ready for pickup", barista),
    "decline": lambda _: ("rejected", None),
}
"""The status and the barista of an order's end, if a barista decided so."""


class Day:
    """The day so far: the main thread looks around, and all others go by what it saw.

    ``staff`` has the shop as each barista is signed in there.
    """

    def __init__(self, plan: Plan, staff: Mapping[str, DeployedShop]) -> None:
        self.plan, self.shop, self._staff = plan, staff[JULIA], staff
        self._queues = Queues(self.shop.stack_name)
        self._queues.before = self._queues.left()
        self.store = self._before = self._get("/store")
        self.over = Event()
        self.orders: dict[str, Order] = {}
        self.left_alone: set[str] = set()
        self.pages: set[str] = set()  # The ids that orders of the page have, if they are accepted.
        self.counter: dict[str, Any] = {}
        self.said: dict[str, list[Message]] = {}
        self.repeats: list[Message] = []
        self._promises: defaultdict[str, set[End]] = defaultdict(set)
        self.began = time.monotonic()

    def play(self, show: Callable[[str], object] = lambda _: None) -> None:
        """Do what is planned, each step at its time, or at once if that has passed."""
        with ThreadPoolExecutor(CROWD) as pool:
            tasks = [pool.submit(self._take, self.plan.store, self._keep)]
            tasks += [
                pool.submit(self._take, visit.steps, Guest(self, visit).act)
                for visit in self.plan.visits
            ]
            try:
                evening = self.began + self.plan.seconds
                while (busy := wait(tasks, NEWS_SECONDS).not_done) and (
                    (late := time.monotonic() - evening) < PATIENCE_SECONDS
                ):
                    self.look()
                    show(f"{len(busy)} orders to wait for" if late > 0 else "")
            finally:
                self.over.set()
        for task in tasks:
            task.result()

    def _take(self, steps: Sequence[Step], act: Callable[[Step], None]) -> None:
        for due, moment in groupby(steps, attrgetter("due")):
            if self.over.wait(max(0, self.began + due - time.monotonic())):
                return
            together = list(moment)
            with ThreadPoolExecutor(len(together)) as pool:
                list(pool.map(act, together))

    def _keep(self, step: Step) -> None:
        match step.what.split():
            case ["kills"] if faults.possible():
                faults.turn_on(*KILLS)
            case ["sets", capacity]:
                self._change(capacity=int(capacity))
            case ["opens" | "closes"]:
                self._change(open=step.what == "opens")

    def _change(self, **store: object) -> None:
        ask(lambda: self.shop.put("/store", store))

    def click(self, who: str, order: Order, what: str) -> requests.Response:
        """Click, and note what an answer 200 promised, which the order table has to keep."""
        body = {"baristaId": who, "reason": "We ran out of oat milk.", "over": True}
        answer = ask(lambda: self._staff[who].click(order, what, body))
        assert answer.status_code in {200, 202, 409, 410}, answer.text
        if what in DECISIONS and answer.status_code == requests.codes.ok:
            self._promises[order.order_id].add(DECISIONS[what](who))
        return answer

    def look(self) -> None:
        """See what the counter's page shows, and hear what the bus says."""
        self.store = self._get("/store")
        listed = self._get("/orders?status=in preparation")["orders"]
        self.counter = {order["orderId"]: order for order in listed}
        self.said = events_by_order(self.shop, list(self.orders.values()))

    def ends(self, order_id: str) -> set[str]:
        kinds = {event["detail-type"] for event in self.said.get(order_id, ())}
        return {STATES[kind] for kind in kinds if kind in STATES}

    def _get(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = ask(lambda: self.shop.get(path)).json()
        return found

    def close(
        self,
        decision: str = "complete",
        within: float = SETTLING_SECONDS,
        show: Callable[[str], object] = lambda _: None,
    ) -> Findings:
        """Decide on what is left at the counter, and say what became of all orders."""

        def decide(left: list[str]) -> None:
            self.look()
            show(f"{len(left)} to wait for: {left[0]}")
            for order_id in self.counter.keys() & self.orders.keys() - self.left_alone:
                for click in ("take", decision):
                    self.click(JULIA, self.orders[order_id], click)

        orders = list(self.orders.values())
        findings = audit(self.shop, self._queues, orders, within, decide)
        for order in orders:
            item, promised = self.shop.item(order), self._promises[order.order_id]
            if (decided := item.get("decided", {})).get("kind") in DECISIONS:
                promised.add(DECISIONS[decided["kind"]](decided["baristaId"]))
            if promised - {(item.get("status"), item.get("baristaId"))}:
                findings.disagreeing.append(f"{order}: promised {promised}, table {item}")
        return findings

    def faults(self) -> str:
        """What happened that should change nothing."""
        repeats = f"{len(self.repeats)} repeats"
        return f"{repeats}, {faults.failed()} kills" if faults.possible() else repeats

    def tidy_up(self) -> None:
        """Have nobody killed any more, and the store as it was."""
        if faults.possible():
            faults.turn_off()
        self._change(open=True, capacity=self._before["capacity"])


class Guest:
    """A customer, and the order that baristas make."""

    def __init__(self, day: Day, visit: Visit) -> None:
        self._day, self._visit, self._page = day, visit, Customer(day.shop.outputs)
        self._order = Order(", ".join(visit.drink), f"{visit.steps[0].who}-{uuid4()}")
        if not visit.service:
            day.left_alone.add(self._order.order_id)

    def act(self, step: Step) -> None:
        match step.what:
            case "orders" if self._visit.on_page:
                self._order_on_page(step.who, *self._visit.drink)
            case "orders":
                self._day.orders[self._order.order_id] = self._order
                self._day.shop.place(self._order)
            case "cancels":
                self._cancel()
            case "repeats":
                said = self._day.said.get(self._order.order_id, ())
                for event in {event["detail-type"]: event for event in said}.values():
                    self._day.repeats.append(event)
                    self._day.shop.send_again(event)
            case "looks":
                self._page.look()
            case "changes":
                first, self._page = self._page, Customer(self._day.shop.outputs)
                self._order_on_page(step.who, "Espresso", replaces=first.key)
            case _:
                self._serve(step)

    def _order_on_page(
        self, name: str, drink: str, *parts: str, replaces: str | None = None
    ) -> None:
        page, size = self._page, next((part for part in parts if part in SIZES), None)
        extras = [part for part in parts if part != size]
        body = {"name": name, "drink": drink, "size": size, "extras": extras}
        self._day.pages.add(page.order_id)
        answer = ask(lambda: page.request_order(body, replaces))
        self._follow(answer, Order(drink, page.order_id, page.order_id))

    def _follow(self, answer: requests.Response, order: Order) -> None:
        """Go on with the order of an answer, if it was accepted."""
        if answer.status_code == ACCEPTED:
            self._day.orders[order.order_id] = self._order = order

    def _cancel(self) -> None:
        if self._visit.on_page:
            ask(self._page.request_cancellation)
        else:
            self._day.shop.cancel(self._order)

    def _serve(self, step: Step) -> None:
        day, order, again = self._day, self._order, step.what == "again"
        if order.order_id not in day.orders:
            return  # Refused on the page.
        while not (ends := day.ends(order.order_id)) and (
            again or order.order_id not in day.counter
        ):
            if day.over.wait(NEWS_SECONDS):
                return
        if again and ends == {STATES[COMPLETED]}:
            answer = day.click(step.who, order, "again")
            self._follow(answer, replace(order, order_id=str(answer.json().get("orderId"))))
        elif ends or again:
            return
        elif step.what == "cancel":
            self._cancel()
        elif step.what != "stop":
            day.click(step.who, order, step.what)
        elif faults.possible():  # Where functions can't be killed, a wait may not end either.
            day.shop.workflow.stop(day.shop.item(order)["execution"])


def ask(request: Callable[[], requests.Response]) -> requests.Response:
    """Ask until it works, as people do whose page says that it did not."""
    return until("answer", request, lambda answer: answer.status_code < requests.codes.server_error)
