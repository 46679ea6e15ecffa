"""The public routes. docs/openapi.json is made from here."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from aws.clients import config_table, counter_index, event_bus, order_codes, order_table
from aws.environment import Storefront
from aws.event_bus import EventBus
from aws.observability import logger, tracer
from http_api import web
from http_api.menu import MenuView
from http_api.web import Problem
from orders.menu import Menu, NotOnMenu
from orders.model import Order, Status, StoreConfig, iso
from orders.order_codes import CodeRefused
from orders.outcomes import Refusal
from storefront import order, pages
from storefront.views import (
    Key,
    NewOrder,
    OrderRefused,
    OwnOrder,
    Queue,
    Range,
    Replaces,
    Store,
)

app = web.make_resolver()

# From the bus to the order table an order takes about a second, in which nobody can tell it from
# one that was never placed.
UNKNOWN = (
    "There is no such order. Check the link, or try again in a moment if you have just ordered."
)
# How long a number is called.
CALLED = timedelta(minutes=10)


@app.get("/<name>", include_in_schema=False)
def page(name: str) -> Response[Any]:
    return _page(f"{name}.html")


@app.get("/pages/<name>", include_in_schema=False)
def page_file(name: str) -> Response[Any]:
    return _page(name)


@app.get("/menu", operation_id="getMenu", summary="Whether the store is open, and what it has")
def menu() -> Store:
    config = config_table().load_config()
    offered = config_table().load_menu(config)
    return Store(
        open=_takes_orders(config, offered),
        menu=MenuView.of(offered) if offered else None,
        codeNeeded=config.order_codes is not None,
        wait=_wait(len(config_table().load_slots())) if config.is_open else None,
    )


@app.get(
    "/queue",
    operation_id="getQueue",
    summary="The numbers of the orders that wait, are being made, and have become ready lately",
)
def queue() -> Queue:
    at_counter = list(counter_index().list_queue())
    ready = counter_index().list_ready_since(iso(datetime.now(UTC) - CALLED))
    return Queue(
        waiting=[each.number for each in at_counter if each.number and not each.maker],
        making=[each.number for each in at_counter if each.number and each.maker],
        ready=[each.number for each in ready if each.number],
    )


@app.put(
    "/my-order",
    operation_id="placeOrder",
    summary="Order, in place of another order if one is named; the same key is no second order",
    responses={
        202: web.document_response("The order is on its way, or was there before", OwnOrder),
        413: web.document_response("The body is longer than 64 KB", Problem),
        409: web.document_response(
            "The store is closed or full, wants another order code, or does not have that; or the"
            " order that it replaces can't be canceled any more",
            OrderRefused,
        ),
        422: web.document_response("A part of the request is wrong", Problem),
    },
)
@tracer.capture_method(capture_response=False)
def place_order(key: Key, body: NewOrder, replaces: Replaces = None) -> Response[Any]:
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
    offered = config_table().load_menu(config)
    if not _takes_orders(config, offered):
        return _refuse_order(Refusal.CLOSED, "The store is closed. Order again when it is open.")
    old = order_table().load_public(order.order_id(replaces)) if replaces else None
    # One that is not canceled yet leaves its slot.
    if full and (replaces is None or (old and old.status is Status.CANCELED)):
        if replaces is None:  # Otherwise one customer, who waits, would be counted again and again.
            config_table().note_refusal(datetime.now(UTC))
        return _refuse_order(Refusal.FULL, "All baristas are busy. Try again in a few minutes.")
    drink = _word(offered, body)
    if config.order_codes:
        order_codes().use(body.code, config.order_codes, order_id, datetime.now(UTC))
    # Last, so that a new order which is refused leaves the first as it was.
    if replaces and not order.cancel_for_another(order_table(), _bus(), replaces):
        return web.refuse_busy()
    order.place(_bus(), key, body.name, drink)
    logger.info("Ordered on the page")
    accepted = Order(order_id, Status.RECEIVED, name=body.name, drink=drink)
    return _show(HTTPStatus.ACCEPTED, accepted)


@app.get("/my-order", operation_id="getOwnOrder", summary="One's own order")
@tracer.capture_method(capture_response=False)
def get_order(key: Key) -> Response[Any]:
    order_id = order.order_id(key)
    logger.append_keys(order_id=order_id)
    found = order.find(order_table(), order_id)
    if found is None:
        return web.refuse(HTTPStatus.NOT_FOUND, UNKNOWN)
    return _show(HTTPStatus.OK, found)


@app.delete(
    "/my-order",
    operation_id="cancelOrder",
    summary="Cancel one's own order, if that is possible",
    responses={
        202: web.document_response("The wish is on its way; the order as it was", OwnOrder),
        404: web.document_response("There is no such order", Problem),
        409: web.document_response("A barista is making the drink", Problem),
    },
)
@tracer.capture_method(capture_response=False)
def cancel_order(key: Key) -> Response[Any]:
    order_id = order.order_id(key)
    logger.append_keys(order_id=order_id)
    found = order.find(order_table(), order_id)
    if found is None:  # Otherwise a stranger's cancellation would be kept.
        return web.refuse(HTTPStatus.NOT_FOUND, UNKNOWN)
    if found.maker:
        return web.refuse(
            HTTPStatus.CONFLICT, f"{found.maker} is making it already. Ask at the counter."
        )
    order.cancel(_bus(), found.order_id)
    logger.info("Canceled on the page")
    # With a body, for any proxy on the way can give an empty answer.
    return web.answer(HTTPStatus.ACCEPTED, OwnOrder(status=found.status))


@app.exception_handler(order.NotCanceled)
def answer_not_canceled(error: order.NotCanceled) -> Response[Any]:
    return web.answer(HTTPStatus.CONFLICT, OrderRefused(message=str(error)))


@app.exception_handler([CodeRefused, NotOnMenu])
def answer_refused(error: CodeRefused | NotOnMenu) -> Response[Any]:
    return _refuse_order(error.refusal, str(error))


def _takes_orders(config: StoreConfig, offered: Menu | None) -> bool:
    """Whether anything can be ordered on the page. The workflow takes any drink."""
    return config.is_open and (offered is None or bool(offered.items))


def _word(offered: Menu | None, body: NewOrder) -> str:
    """What the order says. Raises NotOnMenu."""
    if offered:
        return offered.word(body.drink, body.size, body.extras)
    return ", ".join([body.drink, *filter(None, [body.size]), *body.extras])


def _wait(ahead: int) -> Range | None:
    known = config_table().load_wait()
    if known is None:
        return None
    low, high = known.minutes(ahead)
    return Range(low=low, high=high)


def _bus() -> EventBus:
    return event_bus(Storefront.read().event_bus_name)


def _show(status: HTTPStatus, found: Order) -> Response[Any]:
    place = order.find_place(counter_index(), found)
    wait = _wait(place - 1) if place else None
    own = {"status": found.status, "place": place, "wait": wait}
    return web.answer(status, OwnOrder.model_validate(own | found.shown()))


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
