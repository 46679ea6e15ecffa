"""How an order ends, and in which words: all that announces or recognises an end asks here.

The workflow says the same in the states that end an order, and the pages have their own words for
each status and code: tests/contracts holds both against this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self, assert_never

from orders.events import EventType
from orders.model import (
    MAX_ID,
    MAX_STRING,
    RESERVED,
    Cancel,
    Complete,
    Decision,
    Decline,
    Fail,
    Order,
    Status,
)

type Announcement = tuple[EventType, dict[str, str]]
"""An event, and what its detail holds beside the order."""


class Refusal(StrEnum):
    """Why an order is refused, by its code; ``message`` is for the customer, {} the reason."""

    message: str

    def __new__(cls, code: str, message: str) -> Self:
        """A member is the string of its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.message = message
        return member

    INVALID = (
        "ERROR-100",
        (
            "The order cannot be executed because orderId, userId and drink must each be a string"
            " that is not blank and has no control characters, orderId of at most"
            f" {MAX_ID} characters, neither . nor .. and not beginning with {RESERVED}, and the"
            f" others of at most {MAX_STRING:,}."
        ),
    )
    CLOSED = "ERROR-101", "The order cannot be executed because the store is closed."
    FULL = "ERROR-103", "The order cannot be executed because all baristas are busy."
    DECLINED = "ERROR-104", "The order cannot be executed because a barista declined it ({})."
    TOO_OLD = (
        "ERROR-105",
        "The order cannot be executed because it is too old. Please order again.",
    )
    # Only the API answers with these, before there is an order.
    CODE_MISSING = "ERROR-106", "An order needs the code that is shown at the counter."
    CODE_WRONG = (
        "ERROR-107",
        "This code is wrong or too old. Take the one that is shown at the counter.",
    )
    NOT_ON_MENU = "ERROR-109", "This is sold out or not on the menu. Choose again."
    CODE_USED_UP = "ERROR-108", "This code is used up. Wait for the next one at the counter."


OF_THE_PAGE = (
    Refusal.CODE_MISSING,
    Refusal.CODE_WRONG,
    Refusal.CODE_USED_UP,
    Refusal.NOT_ON_MENU,
)

# What the customer reads with the other ends; {} is the barista's name.
MESSAGES = {
    EventType.COMPLETED: "Your order is ready for pick-up. {} prepared it.",
    EventType.TIMED_OUT: (
        "Your order timed out because no barista finished it. Please order again."
    ),
    EventType.CANCELED: "Your order was canceled as you asked.",
    EventType.FAILED: "Something went wrong and your order was not made. Please order again.",
}


def refuse(refusal: Refusal, reason: str = "") -> Announcement:
    message = refusal.message.replace("{}", reason)
    return EventType.REJECTED, {"code": refusal, "message": message}


def complete(barista_name: str) -> Announcement:
    message = MESSAGES[EventType.COMPLETED].replace("{}", barista_name)
    return EventType.COMPLETED, {"baristaId": barista_name, "message": message}


def announce(decision: Decision | None) -> Announcement:
    """The end of an order whose run broke.

    A decision is true even if the workflow did not receive it: a drink that a barista has completed
    is made, and one that was declined or canceled never will be.
    """
    match decision:
        case Complete(barista):
            return complete(barista.name)
        case Decline(reason=reason):
            return refuse(Refusal.DECLINED, reason)
        case Cancel():
            return _plain(EventType.CANCELED)
        case Fail() | None:
            return _plain(EventType.FAILED)
        case _ as never:
            assert_never(never)


def read_announcement(output: Mapping[str, Any]) -> Announcement | None:
    """What an execution with this output has announced; None if it has announced nothing."""
    match output:
        case {"orderCompleted": {"orderCreated": {"baristaId": str(name)}}}:
            return complete(name)
        case {"orderCanceled": _}:
            return _plain(EventType.CANCELED)
        case {"orderTimedOut": _}:
            return _plain(EventType.TIMED_OUT)
        case {"error": {"code": str(code), "message": str(message)}}:
            return EventType.REJECTED, {"code": code, "message": message}
    return None


def _plain(event_type: EventType) -> Announcement:
    return event_type, {"message": MESSAGES[event_type]}


def brought_about(kind: str, barista_name: str | None, order: Order) -> bool:
    """Whether the order ended as a decision of this kind says."""
    match kind:
        case Complete.kind:
            return order.status is Status.READY and order.barista_name == barista_name
        case Decline.kind:
            return order.status is Status.REJECTED and order.code == Refusal.DECLINED
        case _:
            return kind == Cancel.kind and order.status is Status.CANCELED


def describe_ending(order: Order) -> str:
    """How an order ended and by whom, as the end of a sentence."""
    match order.status:
        case Status.READY:
            return (
                f"{order.barista_name} completed it" if order.barista_name else "it was completed"
            )
        case Status.REJECTED:
            return f"it was rejected ({order.code})" if order.code else "it was rejected"
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
        case Fail():
            return "its workflow broke, and it is about to end as failed"
        case _ as never:
            assert_never(never)
