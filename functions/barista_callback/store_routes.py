"""The routes for the store: open or closed, its capacity, and the current order code."""

from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

import segno
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel, Field, StrictBool, StringConstraints

from aws.clients import config_table, order_codes
from aws.observability import logger, tracer
from barista_callback.answers import document_responses
from http_api import web
from http_api.menu import MenuView, NewMenu
from orders.menu import Menu
from orders.model import CodeRules, iso

router = APIGatewayRouter()

MAX_CAPACITY = 1000  # An item's 400 KB hold 5,000 names of executions, of 80 characters at most.


class CodeView(BaseModel):
    """How many minutes an order code is shown, and how many orders may use it."""

    minutes: Annotated[int, Field(ge=1, le=CodeRules.MAX_MINUTES, strict=True)]
    orders: Annotated[int, Field(ge=1, le=CodeRules.MAX_ORDERS, strict=True)]


class StoreView(BaseModel):
    """Whether the store is open, its capacity, and how many slots are in use."""

    open: bool
    capacity: int
    inUse: Annotated[
        int | None,
        Field(
            description="Absent with the capacity check executions", exclude_if=lambda n: n is None
        ),
    ] = None
    refused: Annotated[
        int, Field(description="Orders of the last ten minutes, because all slots were in use")
    ]
    orderCodes: Annotated[
        CodeView | None,
        Field(description="Absent while they are off", exclude_if=lambda codes: codes is None),
    ] = None
    unreadable: Annotated[
        list[str],
        Field(
            description="Attributes of the config item that are of a wrong type or out of range,"
            " and count as their default or as closed; absent if there is none",
            exclude_if=lambda names: not names,
        ),
    ] = []


class StoreChange(BaseModel):
    """What to change; what is left out stays."""

    open: StrictBool | None = None
    capacity: Annotated[int | None, Field(ge=0, le=MAX_CAPACITY, strict=True)] = None
    orderCodes: Annotated[
        CodeView | Literal[False] | None, Field(description="false switches them off")
    ] = None


class OrderCode(BaseModel):
    """The code that an order on the page needs now, and a link to the page with the code."""

    code: str
    renewedAt: Annotated[str, Field(description="When the next one is shown: ISO 8601, UTC")]
    qr: Annotated[
        list[str],
        Field(description="The link as a QR code, a string per row: 1 is a dark module"),
    ]


class SoldOut(BaseModel):
    """A drink or an extra by its name, and whether it is sold out."""

    name: str
    soldOut: StrictBool


Page = Annotated[
    str,
    Query(description="The address of the order page, which the code is added to"),
    StringConstraints(pattern=r"^https?://[!-~]+$", max_length=500),
]

STORE = document_responses("The store as it is now", 401, 403, 422, 503)
CHANGE = document_responses("The store as it is now", 401, 403, 413, 415, 422, 503)
MENU = document_responses("The menu", 401, 403, 422, 503) | {
    200: web.document_response("The menu", MenuView)
}
MENU_CHANGE = document_responses("The menu", 401, 403, 413, 415, 422, 503) | {
    200: web.document_response("The menu as it is now", MenuView),
    409: web.document_response("Somebody else has changed the menu", web.Problem),
}
CODE = document_responses("The code", 401, 403, 422, 503) | {
    404: web.document_response("Order codes are off", web.Problem)
}


@router.get("/store", operation_id="getStore", summary="Whether the store is open", responses=STORE)
@tracer.capture_method(capture_response=False)
def get_store() -> StoreView:
    return _store_view()


@router.put("/store", operation_id="changeStore", summary="Open or close it", responses=CHANGE)
@tracer.capture_method(capture_response=False)
def change_store(body: StoreChange) -> StoreView:
    wanted = body.orderCodes
    codes = CodeRules(**wanted.model_dump()) if isinstance(wanted, CodeView) else wanted
    config_table().change_config(is_open=body.open, capacity=body.capacity, order_codes=codes)
    logger.info("The store was changed", changes=body.model_dump(exclude_none=True))
    return _store_view()


@router.get("/store/menu", operation_id="getStoreMenu", summary="The menu", responses=MENU)
@tracer.capture_method(capture_response=False)
def get_menu() -> MenuView:
    return MenuView.of(_menu())


@router.put(
    "/store/menu",
    operation_id="changeMenu",
    summary="Another menu in place of the one with its version",
    responses=MENU_CHANGE,
)
@tracer.capture_method(capture_response=False)
def change_menu(body: NewMenu) -> Response[Any]:
    return _save(Menu.read(body.model_dump()))


@router.put(
    "/store/menu/sold-out",
    operation_id="markSoldOut",
    summary="A drink or an extra is sold out, or there again",
    responses=MENU_CHANGE | {404: web.document_response("It is not on the menu", web.Problem)},
)
@tracer.capture_method(capture_response=False)
def mark_sold_out(body: SoldOut) -> Response[Any]:
    menu = _menu()
    if body.name not in menu.names:
        return web.refuse(HTTPStatus.NOT_FOUND, f"{body.name} is not on the menu. Look at it.")
    return _save(menu.mark(body.name, sold_out=body.soldOut))


def _menu() -> Menu:
    return config_table().load_menu(config_table().load_config()) or Menu(())


def _save(menu: Menu) -> Response[Any]:
    saved = config_table().save_menu(menu)
    if saved is None:
        problem = "Somebody else has just changed the menu. Look at it, and change it again."
        return web.refuse(HTTPStatus.CONFLICT, problem)
    logger.info("The menu was changed", version=saved.version)
    return web.answer(HTTPStatus.OK, MenuView.of(saved))


@router.get(
    "/order-code",
    operation_id="getOrderCode",
    summary="The code that is needed to order on the page now",
    responses=CODE,
)
@tracer.capture_method(capture_response=False)
def get_order_code(page: Page) -> Response[Any]:
    rules = config_table().load_config().order_codes
    if rules is None:
        return web.refuse(HTTPStatus.NOT_FOUND, "Order codes are off. Switch them on first.")
    code, ends = order_codes().current(rules, datetime.now(UTC))
    # The code is in the fragment of the link, which browsers do not send.
    rows = segno.make(f"{page}#code={code}", micro=False, error="m").matrix
    return web.answer(
        HTTPStatus.OK,
        OrderCode(code=code, renewedAt=iso(ends), qr=["".join(map(str, row)) for row in rows]),
    )


def _store_view() -> StoreView:
    config = config_table().load_config()
    in_use = len(config_table().load_slots()) if config.reserves_slots else None
    codes = CodeView(**asdict(config.order_codes)) if config.order_codes else None
    return StoreView(
        open=config.is_open,
        capacity=config.capacity,
        inUse=in_use,
        refused=config_table().count_refusals(datetime.now(UTC)),
        orderCodes=codes,
        unreadable=list(config.unreadable),
    )
