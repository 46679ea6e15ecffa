"""An order and the rules about it: pure Python, no AWS.

An order is one item of the order table. The workflow claims it (``execution`` names the run that
has it), and ``order_tracking`` records the workflow's events on it. A barista or the customer
decides how the wait for the barista ends: the ``Decision`` is kept on the order before the workflow
is resumed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Any, ClassVar, TypeIs

from orders.texts import is_storable

# In Unicode code points, as JSONata's $length and Python's len count them. So an id has at most
# 2,000 bytes of UTF-8, and a key of DynamoDB may have 2,048.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
MAX_ID, MAX_STRING = 500, 10_000
# What the ids of the notifications' records begin with, which are items beside the orders.
RESERVED = "notification#"
# A string of these alone is blank: it is what JSONata's $trim, and so the workflow, makes empty.
BLANKS = " \t\n\r"


def is_string(value: object, longest: int = MAX_STRING) -> TypeIs[str]:
    """Whether an order may have this as a field: storable, neither blank nor too long.

    The workflow checks the same, but for unpaired surrogates. Otherwise an order could get as far
    as the counter, and then no call could find it.
    """
    return (
        isinstance(value, str)
        and bool(value.strip(BLANKS))
        and len(value) <= longest
        and is_storable(value)
    )


def is_order_id(value: object) -> TypeIs[str]:
    """Whether an order may be kept under this.

    Not under . and .., which browsers and HTTP libraries remove from the path of a request, also
    percent-encoded, so that no click could reach the order. They leave every other segment as
    encodeURIComponent makes it: https://url.spec.whatwg.org/#double-dot-path-segment
    """
    return is_string(value, MAX_ID) and not value.startswith(RESERVED) and value not in (".", "..")


def is_valid_order(detail: Mapping[str, object]) -> bool:
    """Whether the workflow takes an order with this detail."""
    return is_order_id(detail.get("orderId")) and all(
        is_string(detail.get(name)) for name in ("userId", "drink")
    )


def shorten(detail: Mapping[str, Any]) -> dict[str, Any]:
    """An order's fields for an event: null where one is missing or can't be sent on.

    "Order invalid" of the workflow does the same.
    """
    longest = {"orderId": MAX_ID, "userId": MAX_STRING, "drink": MAX_STRING}
    return {
        name: detail.get(name) if _can_be_sent(detail.get(name), length) else None
        for name, length in longest.items()
    }


def _can_be_sent(value: object, longest: int) -> bool:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return len(text) <= longest and is_storable(text)


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

    kind: ClassVar = "complete"
    barista: Barista


@dataclass(frozen=True)
class Decline:
    """A barista can't make the drink."""

    kind: ClassVar = "decline"
    barista: Barista
    reason: str


@dataclass(frozen=True)
class Cancel:
    """The customer no longer wants the drink."""

    kind: ClassVar = "cancel"


@dataclass(frozen=True)
class Fail:
    """The run broke before anybody decided, and nobody can decide any more."""

    kind: ClassVar = "fail"


type Decision = Complete | Decline | Cancel | Fail


@dataclass(frozen=True)
class Decided:
    """A decision for people to read, also after the order has ended.

    ``what`` is the kind of the decision. Only a barista has a name here, only a decline has a
    reason, and a failure has no time.
    """

    what: str
    at: str | None
    by: str | None
    reason: str | None


class Use(Enum):
    """What a field of an order is for."""

    STAFF = "staff's routes show it"
    COUNTER = "the counter's index has it, too"
    CUSTOMER = "the customer's own order shows it"
    PAST = "it is not personal, and stays when the others are removed"


def _kept(attribute: str, *uses: Use) -> Any:
    """A field that the order's item holds in this attribute, if at all."""
    return field(default=None, metadata={"attribute": attribute, "uses": uses})


@dataclass(frozen=True)
class Order:
    """An order as the order table knows it. Times are ISO 8601 in UTC.

    ``user_id`` identifies the customer. ``name`` is only what the counter calls the customer:
    anybody may type any name. ``baristaId`` is the exercise's name for a barista's name.

    ``decision`` is one that the workflow may not have received yet; ``decided`` is the same for
    people to read, and stays after the end.

    ``over_at`` is when the end of the latest run that is over was announced, to the second. It
    stays when the order is run again.

    ``number`` is what the counter calls out, from 1 to 99: no two orders at the counter share one.

    ``again_of`` is the id of the order whose drink is made again by this one, and ``again_as`` the
    id of the order that makes this one's again.

    ``taken_by`` is the name of the barista who makes the drink, or made it last.

    ``cancel_refused_at`` is when the customer last asked to cancel a drink that was being made.

    ``task_token`` is a bearer secret: whoever has it can end the order.
    """

    order_id: str
    status: Status
    user_id: str | None = _kept("userId", Use.STAFF, Use.COUNTER)
    name: str | None = _kept("name", Use.STAFF, Use.COUNTER, Use.CUSTOMER)
    drink: str | None = _kept("drink", Use.STAFF, Use.COUNTER, Use.CUSTOMER)
    execution: str | None = _kept("execution", Use.COUNTER, Use.PAST)
    barista_name: str | None = _kept("baristaId", Use.STAFF, Use.COUNTER, Use.CUSTOMER)
    code: str | None = _kept("code", Use.STAFF, Use.CUSTOMER, Use.PAST)
    message: str | None = _kept("message", Use.STAFF, Use.CUSTOMER)
    received_at: str | None = _kept("receivedAt", Use.STAFF, Use.COUNTER, Use.CUSTOMER, Use.PAST)
    preparing_at: str | None = _kept("preparingAt", Use.STAFF, Use.COUNTER, Use.PAST)
    prolonged_at: str | None = _kept("prolongedAt", Use.COUNTER, Use.PAST)
    prolonged_by: str | None = _kept("prolongedBy")
    again_of: str | None = _kept("againOf", Use.STAFF, Use.COUNTER)
    again_as: str | None = _kept("againAs", Use.COUNTER)
    number: int | None = _kept("number", Use.STAFF, Use.COUNTER, Use.CUSTOMER)
    taken_by: str | None = _kept("takenBy", Use.STAFF, Use.COUNTER, Use.CUSTOMER)
    taken_by_id: str | None = _kept("takenById")
    taken_at: str | None = _kept("takenAt")
    cancel_refused_at: str | None = _kept("cancelRefusedAt")
    ended_at: str | None = _kept("endedAt", Use.STAFF, Use.COUNTER, Use.PAST)
    over_at: str | None = _kept("overAt", Use.PAST)
    decision: Decision | None = None
    decided: Decided | None = None
    task_token: TaskToken | None = None

    @property
    def waiting_since(self) -> str | None:
        """When the workflow began to wait for a barista, or was last asked to wait longer."""
        return max(filter(None, (self.preparing_at, self.prolonged_at)), default=None)

    @property
    def maker(self) -> str | None:
        """The name of the barista who makes the drink; None if nobody does."""
        return None if self.status.has_ended else self.taken_by

    @property
    def taker(self) -> Barista | None:
        """The same barista, if the order was read with all of its fields."""
        return Barista(self.taken_by_id, self.maker) if self.taken_by_id and self.maker else None

    def shown(self) -> dict[str, Any]:
        """The kept fields that say how the order is now, by their attributes."""
        kept = {attribute: getattr(self, name) for name, attribute in attributes().items()}
        return kept | {"takenBy": self.maker}


def attributes(use: Use | None = None) -> dict[str, str]:
    """The attributes of the kept fields, by their names in Order; only those with a use."""
    return {
        field.name: field.metadata["attribute"]
        for field in fields(Order)
        if field.metadata and (use is None or use in field.metadata["uses"])
    }


@dataclass(frozen=True)
class CodeRules:
    """How many minutes an order code is shown, and how many orders may use it.

    With the defaults, the two codes that are good at a time leave slots of the default capacity.
    """

    MAX_MINUTES: ClassVar = 1440
    MAX_ORDERS: ClassVar = 1000  # An item's 400 KB hold ten times as many ids of the page's orders.

    minutes: int = 2
    orders: int = 4


@dataclass(frozen=True)
class StoreConfig:
    """What the config item says.

    ``capacity`` is how many drinks may be in preparation at a time. ``reserves_slots`` is False
    with the exercise's capacity check, which counts executions instead. ``menu`` is None if
    customers may type any drink, and empty if there is one of which no drink can be read.
    ``order_codes`` is None if an order on the page needs no code. ``unreadable`` names the
    attributes that are not what they should be.
    """

    is_open: bool
    capacity: int
    reserves_slots: bool
    menu: tuple[str, ...] | None = None
    order_codes: CodeRules | None = None
    unreadable: tuple[str, ...] = ()
