"""Holds workflow, order table, events and notifications against each other, order by order."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import boto3

from harness.orders import IN_PREPARATION, Order, attributes, execution_of
from harness.polling import NeverHappened, until
from tests.e2e.shop import DeployedShop

from .crowd import CROWD_SECONDS, STATES, events_by_order
from .figures import ROWS
from .queues import Queues

NOT_NOTIFIED = "The customer knows how the order ended"
"""What customer_notification logs when it drops an event that comes after the end was sent."""

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

    def report(self, what: str, faults: str = "") -> None:
        """Put the run's figures into the table, and fail if anything is wrong."""
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.counts().items()))
        kinds = (self.lost, self.doubled, self.leaked, self.disagreeing)
        ROWS.append((what, str(len(self.ends)), faults, *(str(len(kind)) for kind in kinds), ends))
        wrong = [finding for kind in kinds for finding in kind]
        assert not wrong, "\n".join(wrong[:20])

    def counts(self) -> Counter[str]:
        return Counter(self.ends.values())


def audit(shop: DeployedShop, queues: Queues, orders: Sequence[Order]) -> Findings:
    """What became of orders that nobody does anything about any more.

    An event counts once for its type and execution, however often a test sent it again.
    """
    findings = Findings()
    try:
        _settle(shop, queues, orders)
    except NeverHappened as missing:
        findings.lost.append(str(missing))
    said = events_by_order(shop, orders)
    told, too_late = _told(shop), _too_late(shop)
    findings.leaked += [f"{order_id} has a slot" for order_id in shop.reservations()]
    for order in orders:
        item = shop.item(order)
        state = str(item.get("status"))
        kinds = {
            (event["detail-type"], execution_of(event))
            for event in said[order.order_id]
            if event["detail-type"] == IN_PREPARATION or event["detail-type"] in STATES
        }
        outcomes = [STATES[kind] for kind, _ in kinds if kind in STATES]
        expected = ["in preparation"] * sum(kind == IN_PREPARATION for kind, _ in kinds) + outcomes
        heard = told[order.user_id]
        if order.order_id in too_late and "in preparation" not in heard:
            expected.remove("in preparation")
        findings.ends[order.order_id] = state
        if Counter(expected) - Counter(heard) or not outcomes:
            findings.lost.append(f"{order}: announced {expected}, told {heard}, table {state}")
        if Counter(heard) - Counter(expected) or len(outcomes) > 1 or len(expected) > 2:
            findings.doubled.append(f"{order}: announced {expected}, told {heard}")
        runs = [item["execution"]] if "execution" in item else [run for _, run in kinds]
        ends = {end for run in runs for end in _ends_of_execution(run)}
        if {state, *ends} != set(outcomes):
            findings.disagreeing.append(f"{order}: announced {outcomes}, table {item}")
        if {"taskToken", "attempt", "decision"} & item.keys() or item.get("counter") == "active":
            findings.leaked.append(f"{order}: {item.keys()} left in the table")
    return findings


def _settle(shop: DeployedShop, queues: Queues, orders: Sequence[Order]) -> None:
    """Return when every customer knows how the order ended and nothing is on its way."""
    users = {order.user_id for order in orders}
    ends = set(STATES.values())
    until(
        "end heard of by these customers",
        lambda: users - {user for user, states in _told(shop).items() if ends & set(states)},
        lambda waiting: not waiting,
        within=CROWD_SECONDS,
    )
    ids = {order.order_id for order in orders}
    until(
        "end in the table of these orders",
        lambda: ids - set(_ended(shop, orders)),
        lambda open_: not open_,
        within=CROWD_SECONDS,
    )
    until(
        "end of all executions", shop.workflow.running, lambda running: not running, CROWD_SECONDS
    )
    queues.run_empty()


def _told(shop: DeployedShop) -> dict[str, list[str]]:
    told: dict[str, list[str]] = defaultdict(list)
    for message in shop.customers.received():
        described = attributes(message)
        told[described.get("userId", "")].append(described["status"])
    return told


def _too_late(shop: DeployedShop) -> set[str]:
    """The ids of the orders that were announced to be in preparation after their end was told."""
    lines = shop.logs.lines(f"/aws/lambda/{shop.stack_name}-customer-notification")
    return {json.loads(line)["order_id"] for line in lines if NOT_NOTIFIED in line}


def _ended(shop: DeployedShop, orders: Iterable[Order]) -> list[str]:
    return [order.order_id for order in orders if "endedAt" in shop.item(order)]


def _ends_of_execution(execution: str) -> list[str]:
    """What an execution made of its order, in the words of the order table; nothing if it broke."""
    described = boto3.client("stepfunctions").describe_execution(executionArn=execution)
    if described["status"] in ("ABORTED", "FAILED"):
        return []
    output = json.loads(described.get("output", "{}"))
    return [_OUTPUTS.get(key, described["status"]) for key in output if key != "contact"]
