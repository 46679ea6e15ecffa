"""Holds workflow, order table, events and notifications against each other, order by order."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.inbox import Message
from harness.orders import (
    CANCELED,
    COMPLETED,
    FAILED,
    IN_PREPARATION,
    REJECTED,
    TIMED_OUT,
    Order,
    attributes,
    execution_of,
)
from harness.polling import NeverHappened, until
from harness.queues import Queues
from harness.shop import DeployedShop

# Each outcome's event, and the state that order table and notification call it.
STATES = {
    COMPLETED: "ready for pickup",
    REJECTED: "rejected",
    TIMED_OUT: "timed out",
    CANCELED: "canceled",
    FAILED: "failed",
}
ENDS = {*STATES.values()}
NOT_NOTIFIED = "The customer knows how the order ended"
"""What customer_notification logs when it drops an event that comes after the end was sent."""

HEADER = ("", "orders", "faults", "lost", "doubled", "leaked", "disagreeing", "ended as")
ROWS: list[tuple[str, ...]] = []
"""The figures that were reported so far."""

SETTLING_SECONDS = 240
"""For the last of many orders to end; what failed in a queue comes again after a minute."""

_OUTPUTS = {
    "orderCompleted": "ready for pickup",
    "orderTimedOut": "timed out",
    "orderCanceled": "canceled",
    "error": "rejected",
}


@dataclass
class Findings:
    """How each order ended, and what is wrong: nothing may be."""

    ends: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)

    def weigh(
        self,
        shop: DeployedShop,
        order: Order,
        said: Iterable[Message],
        heard: Sequence[str],
        *,
        too_late: bool,
    ) -> None:
        """Find what is wrong with an order that nobody does anything about any more.

        ``said`` are the bus's events about it, ``heard`` the states in the messages to its
        customer; it is ``too_late`` to be told of the preparation if the end was told before. An
        event counts once for its type and execution, however often it was sent again.
        """
        order_id, item = order.order_id, shop.item(order)
        state = str(item.get("status"))
        kinds = {
            (event["detail-type"], execution_of(event))
            for event in said
            if event["detail-type"] == IN_PREPARATION or event["detail-type"] in STATES
        }
        outcomes = [STATES[kind] for kind, _ in kinds if kind in STATES]
        expected = ["in preparation"] * sum(kind == IN_PREPARATION for kind, _ in kinds) + outcomes
        if too_late and "in preparation" not in heard:
            expected.remove("in preparation")
        self.ends[order_id] = state
        about = f"{order_id}: announced {expected}, told {heard}"
        if Counter(expected) - Counter(heard) or not outcomes:
            self.lost.append(f"{about}, table {state}")
        if Counter(heard) - Counter(expected) or len(outcomes) > 1 or len(expected) > 2:  # noqa: PLR2004
            self.doubled.append(about)
        runs = [item["execution"]] if "execution" in item else [run for _, run in kinds]
        ends = {end for run in runs for end in _ends_of_execution(shop, run)}
        if {state, *ends} != set(outcomes):
            self.disagreeing.append(f"{order_id}: announced {outcomes}, table {item}")
        if {"taskToken", "attempt", "decision"} & item.keys() or item.get("counter") == "active":
            self.leaked.append(f"{order_id}: {item.keys()} left in the table")

    def report(self, what: str, faults: str = "") -> None:
        """Put the figures into ROWS, and fail if anything is wrong."""
        ROWS.append(self.row(what, faults))
        assert not self.wrong(), "\n".join(self.wrong()[:20])

    def wrong(self) -> list[str]:
        return [finding for kind in self._kinds for finding in kind]

    def row(self, what: str, faults: str = "") -> tuple[str, ...]:
        """The figures, as HEADER has them."""
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.counts().items()))
        counted = (str(len(kind)) for kind in self._kinds)
        return (what, str(len(self.ends)), faults, *counted, ends)

    def counts(self) -> Counter[str]:
        return Counter(self.ends.values())

    @property
    def _kinds(self) -> tuple[list[str], ...]:
        return (self.lost, self.doubled, self.leaked, self.disagreeing)


def audit(
    shop: DeployedShop,
    queues: Queues,
    orders: Sequence[Order],
    within: float = SETTLING_SECONDS,
    meanwhile: Callable[[list[str]], object] = lambda _: None,
) -> Findings:
    """What became of orders that nobody does anything about any more, once nothing is on its way.

    ``meanwhile`` is called with what is on its way for as long as there is anything.
    """
    findings = Findings()

    def look() -> list[str]:
        if left := _on_its_way(shop, queues, orders):
            meanwhile(left)
        return left

    try:
        until("end of everything", look, lambda left: not left, within)
    except NeverHappened as missing:
        findings.lost.append(str(missing))
    said, told = events_by_order(shop, orders), _told(shop)
    log = shop.logs.lines(f"/aws/lambda/{shop.stack_name}-customer-notification")
    late = {json.loads(line)["order_id"] for line in log if NOT_NOTIFIED in line}
    slots = shop.reservations()
    for order in orders:
        order_id, heard = order.order_id, told[order.order_id, order.user_id]
        findings.weigh(shop, order, said[order_id], heard, too_late=order_id in late)
        findings.leaked += [f"{order_id} has a slot"] * (order_id in slots)
    return findings


def events_by_order(shop: DeployedShop, orders: Iterable[Order]) -> dict[str, list[Message]]:
    """What the bus has said so far about each of the orders."""
    said: dict[str, list[Message]] = {order.order_id: [] for order in orders}
    for event in shop.bus.received():
        about = event["detail"].get("orderId")
        if isinstance(about, str) and about in said:
            said[about].append(event)
    return said


def _on_its_way(shop: DeployedShop, queues: Queues, orders: Sequence[Order]) -> list[str]:
    """What can be seen at once of what is not over yet; empty once nothing is left."""
    told, ids = _told(shop), {order.order_id for order in orders}
    untold = [o for o in orders if ENDS.isdisjoint(told[o.order_id, o.user_id])]
    runs = (execution.rpartition(":")[2] for execution in shop.workflow.running())
    return (
        [f"{order.order_id}'s end for its customer" for order in untold]
        or [f"{o.order_id}'s end in the table" for o in orders if "endedAt" not in shop.item(o)]
        or [f"execution {run}" for run in runs if shop.workflow.order_id(run) in ids]
        or [f"messages of {queue}" for queue in queues.left()]
    )


def _told(shop: DeployedShop) -> defaultdict[tuple[str, str], list[str]]:
    """The states in the messages about an order to a customer."""
    told = defaultdict(list)
    for message in shop.customers.received():
        about = attributes(message)
        told[about.get("orderId", ""), about.get("userId", "")].append(about["status"])
    return told


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The rows below the header, as Markdown has it."""
    rule = ["-" * 3] * len(header)
    widths = [max(map(len, column)) for column in zip(header, rule, *rows, strict=True)]
    for row in (header, rule, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"| {' | '.join(cells)} |"


def _ends_of_execution(shop: DeployedShop, execution: str) -> list[str]:
    """What an execution made of its order, in the words of the order table; nothing if it broke."""
    described = shop.workflow.described(execution)
    if described["status"] in ("ABORTED", "FAILED"):
        return []
    output = json.loads(described.get("output", "{}"))
    return [_OUTPUTS.get(key, described["status"]) for key in output if key != "contact"]
