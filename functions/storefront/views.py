"""What the public routes take and answer."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from http_api import web
from http_api.menu import MenuView
from http_api.web import Problem
from orders.model import Status, Use
from orders.texts import MAX_TYPED

Key = Annotated[
    str,
    Header(alias="Order-Key", description="128 random bits in base64url, made by the customer"),
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$"),
]
Replaces = Annotated[
    str | None,
    Header(alias="Replaces", description="The key of an own order that is canceled for this one"),
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$"),
]
Visible = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TYPED),
    AfterValidator(web.check_typed),
]


class Range(BaseModel):
    """About how many minutes an order takes: eight of ten took so long in the last hour."""

    low: int
    high: int


OptionalRange = Annotated[
    Range | None,
    Field(description="Absent while too few are known", exclude_if=lambda wait: wait is None),
]


class NewOrder(BaseModel):
    """Who orders what, with the counter's code if the store asks for one."""

    name: Visible
    drink: Visible
    size: Visible | None = None
    extras: Annotated[list[Visible], Field(max_length=50)] = []
    code: Annotated[str | None, StringConstraints(max_length=100)] = None


class Store(BaseModel):
    """Whether the store is open, and its menu. Without one, the customer types a drink."""

    open: bool
    menu: Annotated[MenuView | None, Field(exclude_if=lambda menu: menu is None)] = None
    codeNeeded: bool
    wait: OptionalRange = None


class Queue(BaseModel):
    """What the counter calls out. An order without a number is not here."""

    waiting: list[int]
    making: list[int]
    ready: list[int]


class OrderRefused(Problem):
    """Why an order is not accepted now."""

    code: Annotated[
        str | None,
        Field(
            description="ERROR-101: closed. ERROR-103: full. An order code is missing (ERROR-106),"
            " wrong or too old (ERROR-107), or used up (ERROR-108)."
            " ERROR-109: sold out, or not on the menu. Absent if the order that it replaces can't"
            " be canceled any more.",
            exclude_if=lambda code: code is None,
        ),
    ] = None


@web.show_order(Use.CUSTOMER)
class OwnOrder(BaseModel):
    """An order as its customer sees it."""

    status: Status
    place: Annotated[int | None, Field(exclude_if=lambda place: place is None)] = None
    wait: OptionalRange = None
