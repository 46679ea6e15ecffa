"""The public routes. docs/openapi.json is made from here."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from aws.clients import config_table, event_bus, order_codes, order_table
from aws.environment import Storefront
from aws.event_bus import BusRefused, EventBus
from aws.observability import logger, tracer
from http_api import web
from http_api.web import Problem
from orders.model import Order, Status, Use
from orders.order_codes import CodeRefused
from orders.outcomes import Refusal
from orders.texts import MAX_TYPED
from storefront import order, pages

app = web.make_resolver()

Key = Annotated[
    str,
    Header(alias="Order-Key", description="128 random bits in base64url, made by the customer"),
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$"),
]
Visible = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TYPED),
    AfterValidator(web.check_typed),
]

# From the bus to the order table an order takes about a second, in which nobody can tell it from
# one that was never placed.
UNKNOWN = (
    "There is no such order. Check the link, or try again in a moment if you have just ordered."
)


class NewOrder(BaseModel):
    """Who orders what, with the counter's code if the store asks for one."""

    name: Visible
    drink: Visible
    code: Annotated[str | None, StringConstraints(max_length=100)] = None


class Store(BaseModel):
    """Whether the store is open, and its menu. If that is empty, the customer types a drink."""

    open: bool
    menu: list[str]
    codeNeeded: bool


class OrderRefused(Problem):
    """Why an order is not accepted now."""

    code: Annotated[
        str,
        Field(
            description="ERROR-101: closed. ERROR-103: full. An order code is missing (ERROR-106),"
            " wrong or too old (ERROR-107), or used up (ERROR-108)."
        ),
    ]


@web.show_order(Use.CUSTOMER)
class OwnOrder(BaseModel):
    """An order as its customer sees it."""

    status: Status
    place: Annotated[int | None, Field(exclude_if=lambda place: place is None)] = None


@app.get("/order", include_in_schema=False)
def order_page() -> Response[Any]:
    return _page("order.html")


@app.get("/counter", include_in_schema=False)
def counter_page() -> Response[Any]:
    return _page("counter.html")


@app.get("/pages/<name>", include_in_schema=False)
def page_file(name: str) -> Response[Any]:
    return _page(name)


@app.get("/menu", operation_id="getMenu", summary="Whether the store is open, and what it has")
def menu() -> Store:
    config = config_table().load_config()
    return Store(
        open=config.takes_orders,
        menu=list(config.menu or ()),
        codeNeeded=config.order_codes is not None,
    )


@app.put(
    "/my-order",
    operation_id="placeOrder",
    summary="Order; the same key once more is no second order",
    responses={
        202: web.document_response("The order is on its way, or was there before", OwnOrder),
        413: web.document_response("The body is longer than 64 KB", Problem),
        409: web.document_response(
            "The store is closed or full, or wants another order code", OrderRefused
        ),
        422: web.document_response(
            "A part of the request is wrong, or it is not on the menu", Problem
        ),
    },
)
@tracer.capture_method(capture_response=False)
def place_order(key: Key, body: NewOrder) -> Response[Any]:
    order_id = order.order_id(key)
    logger.append_keys(order_id=order_id)
    config = config_table().load_config()
    # Counted before the order is loaded, because the order itself may have taken the last slot.
    full = (
        config.is_open
        and config.reserves_slots
        and len(config_table().load_slots()) >= config.capacity
    )
    if known := order_table().load_public(order_id):
        return _show(HTTPStatus.ACCEPTED, known)
    if config.menu and body.drink not in config.menu:
        return web.refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "That is not on the menu. Choose again.")
    if not config.takes_orders:
        return _refuse_order(Refusal.CLOSED, "The store is closed. Order again when it is open.")
    if full:
        return _refuse_order(Refusal.FULL, "All baristas are busy. Try again in a few minutes.")
    if config.order_codes:
        order_codes().use(body.code, config.order_codes, order_id, datetime.now(UTC))
    order.place(_bus(), key, body.name, body.drink)
    logger.info("Ordered on the page")
    accepted = Order(order_id, Status.RECEIVED, name=body.name, drink=body.drink)
    return _show(HTTPStatus.ACCEPTED, accepted)


@app.get("/my-order", operation_id="getOwnOrder", summary="One's own order")
@tracer.capture_method(capture_response=False)
def get_order(key: Key) -> Response[Any]:
    order_id = order.order_id(key)
    logger.append_keys(order_id=order_id)
    found = order_table().load_public(order_id)
    if found is None:
        return web.refuse(HTTPStatus.NOT_FOUND, UNKNOWN)
    return _show(HTTPStatus.OK, found)


@app.delete(
    "/my-order",
    operation_id="cancelOrder",
    summary="Cancel one's own order, if that is possible",
    responses={202: web.document_response("The wish is on its way; the order as it was", OwnOrder)},
)
@tracer.capture_method(capture_response=False)
def cancel_order(key: Key) -> Response[Any]:
    order_id = order.order_id(key)
    logger.append_keys(order_id=order_id)
    found = order_table().load_public(order_id)
    if found is None:  # Otherwise a stranger's would be kept.
        return web.refuse(HTTPStatus.NOT_FOUND, UNKNOWN)
    order.cancel(_bus(), key)
    logger.info("Canceled on the page")
    # With a body, for any proxy on the way can give an empty answer.
    return web.answer(HTTPStatus.ACCEPTED, OwnOrder(status=found.status))


@app.exception_handler(CodeRefused)
def answer_code_refused(error: CodeRefused) -> Response[Any]:
    return _refuse_order(error.refusal, str(error))


@app.exception_handler(BusRefused)
def answer_bus_refused(error: BusRefused) -> Response[Any]:
    logger.error("The bus refused an event", error=str(error))
    return web.refuse_busy()


def _bus() -> EventBus:
    return event_bus(Storefront.read().event_bus_name)


def _show(status: HTTPStatus, found: Order) -> Response[Any]:
    own = {"status": found.status, "place": order.find_place(order_table(), found)}
    return web.answer(status, OwnOrder.model_validate(own | found.strings()))


def _refuse_order(code: Refusal, message: str) -> Response[Any]:
    logger.info("Order refused", code=code)
    return web.answer(HTTPStatus.CONFLICT, OrderRefused(message=message, code=code))


def _page(name: str) -> Response[Any]:
    found = pages.find(name)
    if found is None:
        return web.refuse(HTTPStatus.NOT_FOUND, "There is no such page.")
    file, headers = found
    if app.current_event.headers.get("if-none-match") == headers["ETag"]:
        return Response(HTTPStatus.NOT_MODIFIED, headers=headers, body="")
    return Response(HTTPStatus.OK, pages.TYPES[file.kind], file.text, headers=headers)
