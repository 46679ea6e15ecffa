"""The HTTP API: decode, call one function, answer. docs/openapi.json is made from here."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from barista_callback import sign_in, staff, store
from barista_callback.answers import document_responses
from barista_callback.callback import click, find, prolong
from orders import web
from orders.clients import order_table, workflow
from orders.environment import BaristaCallback
from orders.history import What, list_moments
from orders.model import (
    Barista,
    Complete,
    Decline,
    Order,
    OrderConflict,
    OrderError,
    OrderNotFound,
    OrderTimedOut,
    Status,
    is_order_id,
    iso,
)
from orders.observability import logger, tracer
from orders.web import InvalidField, OptionalText, Time

app = web.make_resolver()
app.include_router(sign_in.router)
app.include_router(store.router)


def order_id(segment: str) -> str:
    """The order id in a segment of the path. Raises ValueError if no order can have it.

    A REST API hands the path on as it came, percent-encoded, and so does LocalStack
    (apigateway/next_gen/execute_api/handlers/parse.py).
    """
    text = unquote(segment, errors="strict")
    if not is_order_id(text):
        raise ValueError("no order can have this id")
    return text


BaristaId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
OrderId = Annotated[
    str, Path(description="The id that the customer's order carries"), AfterValidator(order_id)
]


class Click(BaseModel):
    """Who clicks: from the ID token where the shop has a sign-in, and only else from here."""

    baristaId: BaristaId | None = None


class DeclineClick(Click):
    """Who declines, and why. The customer gets to read the reason."""

    reason: Reason


class OrderView(BaseModel):
    """An order as it is shown: what doesn't apply is left out, and there is never a task token."""

    orderId: str
    status: Status
    userId: OptionalText = None
    name: OptionalText = None
    drink: OptionalText = None
    baristaId: OptionalText = None
    code: OptionalText = None
    message: OptionalText = None
    receivedAt: Time = None
    preparingAt: Time = None
    timesOutAt: Time = None
    endedAt: Time = None


class OrderList(BaseModel):
    """What is on the counter, oldest first, or has left it, and what time it is there."""

    orders: list[OrderView]
    now: str


class MomentView(BaseModel):
    """Something that happened to an order, by which barista and why, where that applies."""

    at: Annotated[str, Field(description="ISO 8601, UTC")]
    what: What
    by: OptionalText = None
    reason: OptionalText = None


class OrderHistory(BaseModel):
    """Who did what with an order when, in its latest run."""

    order: OrderView
    moments: list[MomentView]


class Answer(BaseModel):
    """What came of a click."""

    orderId: str
    message: str


ENDED_LISTED = 20

ORDER = document_responses("The order", 401, 403, 404, 422, 503)
HISTORY = document_responses("What happened to the order, in time order", 401, 403, 404, 422, 503)
COUNTER = document_responses("The orders", 401, 403, 422, 503)
CLICK = document_responses("What came of the click", 401, 403, 404, 409, 410, 415, 422, 503)


@app.get("/orders/<orderId>", operation_id="getOrder", summary="An order", responses=ORDER)
@tracer.capture_method(capture_response=False)
def get_order(orderId: OrderId) -> OrderView:
    logger.append_keys(order_id=orderId)
    return _view(find(order_table(), orderId))


@app.get(
    "/orders/<orderId>/history",
    operation_id="getHistory",
    summary="Who did what with an order when",
    responses=HISTORY,
)
@tracer.capture_method(capture_response=False)
def get_history(orderId: OrderId) -> OrderHistory:
    logger.append_keys(order_id=orderId)
    order = find(order_table(), orderId)
    records = order_table().load_records(order.execution) if order.execution else None
    moments = [MomentView(**asdict(moment)) for moment in list_moments(order, records)]
    return OrderHistory(order=_view(order), moments=moments)


@app.get(
    "/orders",
    operation_id="getCounter",
    summary="What is on the counter, oldest first, or what has left it, latest first",
    responses=COUNTER,
)
@tracer.capture_method(capture_response=False)
def get_counter(
    status: Annotated[
        Literal["in preparation", "ended"],
        Query(description="Only these are listed; of those that have ended the latest 20"),
    ],
) -> OrderList:
    orders = (
        order_table().list_recently_ended(ENDED_LISTED)
        if status == "ended"
        else order_table().list_in_preparation()
    )
    return OrderList(orders=[_view(order) for order in orders], now=_now())


@app.post(
    "/orders/<orderId>/complete",
    operation_id="completeOrder",
    summary="The drink is ready: the workflow resumes",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def complete(orderId: OrderId, body: Click) -> Answer:
    return _decided(orderId, Complete(_barista(body)), "The order is completed")


@app.post(
    "/orders/<orderId>/decline",
    operation_id="declineOrder",
    summary="The drink can't be made: the order ends rejected",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def decline(orderId: OrderId, body: DeclineClick) -> Answer:
    return _decided(orderId, Decline(_barista(body), body.reason), "The order is declined")


@app.post(
    "/orders/<orderId>/heartbeat",
    operation_id="prolongOrder",
    summary="Still at it: the order's time starts anew",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def heartbeat(orderId: OrderId, body: Click) -> Answer:
    logger.append_keys(order_id=orderId)
    prolong(order_table(), workflow(), orderId, _barista(body), _now())
    return Answer(orderId=orderId, message="The order's time starts anew.")


@app.exception_handler(OrderError)
def refused(error: OrderError) -> Response[Any]:
    match error:
        case OrderNotFound():
            status_code = 404
        case OrderTimedOut():
            status_code = 410
        case OrderConflict():
            status_code = 409
        case _:
            raise error
    return web.refuse(status_code, str(error))


class NoBarista(Exception):
    """A click says not who clicks, and no ID token does."""


@app.exception_handler(NoBarista)
def no_barista(error: NoBarista) -> Response[Any]:
    return web.refuse_invalid([InvalidField(field="body.baristaId", problem="Field required")])


@app.exception_handler(staff.NotAdmitted)
def not_admitted(error: staff.NotAdmitted) -> Response[Any]:
    if isinstance(error, staff.ProviderFailed):
        logger.error("The OpenID provider failed", error=str(error))
        return web.refuse_busy()
    return web.refuse(error.status, str(error))


def resolve(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request, of nobody but staff unless it is about signing in."""
    if event["path"] != "/session":
        try:
            barista = staff.authenticate(event)
        except staff.NotAdmitted as error:
            return web.to_proxy_response(not_admitted(error))
        app.append_context(barista=barista)
    return web.resolve(app, event, context)


def _barista(body: Click) -> Barista:
    signed_in: Barista | None = app.context.get("barista")
    if signed_in:
        return signed_in
    if body.baristaId is None:
        raise NoBarista
    return Barista(body.baristaId, body.baristaId)


def _decided(order_id: str, decision: Complete | Decline, done: str) -> Answer:
    logger.append_keys(order_id=order_id)
    if click(order_table(), workflow(), order_id, decision, _now()):
        return Answer(orderId=order_id, message=f"{done}, the customer is being told.")
    message = "Your click was noted and the order is about to end. Look at it to see how."
    return Answer(orderId=order_id, message=message)


def _now() -> str:
    return iso(datetime.now(UTC))


def _times_out_at(order: Order) -> str | None:
    """When the workflow gives up waiting, unless somebody prolongs it."""
    began = order.prolonged_at or order.preparing_at
    if order.status is not Status.IN_PREPARATION or began is None:
        return None
    wait = timedelta(seconds=BaristaCallback.read().heartbeat_seconds)
    return iso(datetime.fromisoformat(began) + wait)


def _view(order: Order) -> OrderView:
    return OrderView(
        orderId=order.order_id,
        status=order.status,
        userId=order.user_id,
        name=order.name,
        drink=order.drink,
        baristaId=order.barista_id,
        code=order.code,
        message=order.message,
        receivedAt=order.received_at,
        preparingAt=order.preparing_at,
        timesOutAt=_times_out_at(order),
        endedAt=order.ended_at,
    )
