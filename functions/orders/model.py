"""An order and the rules about it: pure Python, no AWS.

An order is one item of the order table. The workflow claims it (``execution`` names the run that
has it), and ``order_tracking`` records the workflow's events on it. A barista or the customer
decides how the wait for the barista ends: the ``Decision`` is kept on the order before the workflow
is resumed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from string import whitespace
from typing import ClassVar, TypeIs, assert_never

# The longest key of DynamoDB, in bytes of UTF-8.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_ORDER_ID_BYTES = 2048


def is_order_id(value: object) -> TypeIs[str]:
    """Whether this can be the id of an order: a text that is neither blank nor too long.

    Only ASCII's blanks count as blank, as in the workflow. Otherwise an order could get as far as
    the counter, and then no call could find it.
    """
    if not isinstance(value, str) or not value.strip(whitespace):
        return False
    try:
        size = len(value.encode())
    except UnicodeEncodeError:  # An unpaired surrogate, which JSON can hold and DynamoDB can't.
        return False
    return size <= MAX_ORDER_ID_BYTES


def iso(time: datetime) -> str:
    """A time as orders keep it: ISO 8601 in UTC with milliseconds, as Step Functions writes it."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Status(StrEnum):
    """The states of an order, as they are stored and shown."""

    RECEIVED = "received"
    IN_PREPARATION = "in preparation"
    READY = "ready for pickup"
    REJECTED = "rejected"
    TIMED_OUT = "timed out"
    CANCELED = "canceled"
    FAILED = "failed"

    @property
    def has_ended(self) -> bool:
        return self in (
            Status.READY,
            Status.REJECTED,
            Status.TIMED_OUT,
            Status.CANCELED,
            Status.FAILED,
        )


class TaskToken(str):
    """A Step Functions task token, whose ``repr`` hides it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "TaskToken(***)"


@dataclass(frozen=True)
class Barista:
    """A person who works at the counter.

    The ``id`` identifies them. People read the ``name``, which may change, or be another's too.
    """

    id: str
    name: str = field(compare=False)


@dataclass(frozen=True)
class Complete:
    """A barista says that the drink is ready."""

    barista: Barista


@dataclass(frozen=True)
class Decline:
    """A barista can't make the drink."""

    barista: Barista
    reason: str


@dataclass(frozen=True)
class Cancel:
    """The customer no longer wants the drink."""


type Decision = Complete | Decline | Cancel


@dataclass(frozen=True)
class Decided:
    """A decision for people to read, also after the order has ended.

    ``what`` is complete, decline or cancel. The name of who decided, and the reason, are None if
    there is none or the order's personal data was removed.
    """

    what: str
    at: str | None
    by: str | None
    reason: str | None


@dataclass(frozen=True)
class Order:
    """An order as the order table knows it. Times are ISO 8601 in UTC.

    ``user_id`` identifies the customer. ``name`` is only what the counter calls the customer:
    anybody may type any name.

    ``decision`` is one that the workflow may not have received yet; ``decided`` is the same for
    people to read, and stays after the end.

    ``over_at`` is when the end of the latest run that is over was announced, to the second. It
    stays when the order is run again.

    ``task_token`` is a bearer secret: whoever has it can end the order.
    """

    order_id: str
    status: Status
    user_id: str | None = None
    name: str | None = None
    drink: str | None = None
    execution: str | None = None
    barista_name: str | None = None
    code: str | None = None
    message: str | None = None
    received_at: str | None = None
    preparing_at: str | None = None
    prolonged_at: str | None = None
    prolonged_by: str | None = None
    ended_at: str | None = None
    over_at: str | None = None
    decision: Decision | None = None
    decided: Decided | None = None
    task_token: TaskToken | None = None


@dataclass(frozen=True)
class CodeRules:
    """How many minutes an order code is shown, and how many orders may use it."""

    MAX_MINUTES: ClassVar = 1440
    MAX_ORDERS: ClassVar = 1000  # An item's 400 KB hold ten times as many ids of the page's orders.

    minutes: int = 5
    orders: int = 20


@dataclass(frozen=True)
class StoreConfig:
    """What the config item says.

    ``capacity`` is how many drinks may be in preparation at a time. ``reserves_slots`` is False
    with the exercise's capacity check, which counts executions instead. ``menu`` is empty if
    customers may type any drink. ``order_codes`` is None if an order on the page needs no code.
    """

    is_open: bool
    capacity: int
    reserves_slots: bool
    menu: tuple[str, ...] = ()
    order_codes: CodeRules | None = None


class OrderError(Exception):
    """A request that can't be carried out; the text says why and what to do."""


class OrderNotFound(OrderError):
    """There is no such order."""


class OrderConflict(OrderError):
    """The order has ended, or somebody else has decided about it."""


class OrderTimedOut(OrderError):
    """The order timed out before the barista's click."""


def refusal(order: Order, wanted: Decision | None = None) -> OrderError | None:
    """Why ``wanted`` can't be carried out on ``order``, or None if it can.

    ``wanted`` is None for a heartbeat, which decides nothing. A second decision by the same person
    is no conflict: the first may not have been carried out, or its answer got lost.
    """
    if order.status is Status.TIMED_OUT:
        return OrderTimedOut(
            f"Order {order.order_id} timed out before it was finished. The customer has been told."
        )
    if order.status.has_ended:
        return OrderConflict(f"Order {order.order_id} has ended: {describe_ending(order)}.")
    if order.decision is not None and _decided_by(order.decision) != _decided_by(wanted):
        return OrderConflict(f"Order {order.order_id}: {describe_decision(order.decision)}.")
    if order.task_token is None and not isinstance(wanted, Cancel):
        if order.status is Status.IN_PREPARATION:
            return OrderConflict(
                f"Order {order.order_id} is about to end. Look at it in a moment to see how."
            )
        return OrderConflict(
            f"Order {order.order_id} is not in preparation yet. Try again in a moment."
        )
    return None


def _decided_by(decision: Decision | None) -> Barista | Cancel | None:
    """The barista who decided; the cancellation itself where the customer did."""
    match decision:
        case Complete(barista) | Decline(barista):
            return barista
        case Cancel() | None:
            return decision
        case _ as never:
            assert_never(never)


def brought_about(decision: Complete | Decline, order: Order) -> bool:
    """Whether the order ended as the decision says."""
    match decision:
        case Complete(barista):
            return order.status is Status.READY and order.barista_name == barista.name
        case Decline():
            return order.status is Status.REJECTED and order.code == "ERROR-104"


def describe_ending(order: Order) -> str:
    """How an order ended and by whom, as the end of a sentence."""
    match order.status:
        case Status.READY:
            return (
                f"{order.barista_name} completed it" if order.barista_name else "it was completed"
            )
        case Status.REJECTED:
            return f"it was rejected ({order.code})"
        case _:
            return f"it is {order.status}"


def describe_decision(decision: Decision) -> str:
    """Who decided what, as a sentence without its full stop."""
    match decision:
        case Complete():
            return f"{decision.barista.name} has completed it"
        case Decline():
            return f"{decision.barista.name} has declined it ({decision.reason})"
        case Cancel():
            return "the customer has canceled it"
        case _ as never:
            assert_never(never)
