"""The routes for orders. docs/openapi.json is made from them."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints

from aws.clients import counter_index, event_bus, order_table, workflow
from aws.environment import BaristaCallback
from aws.observability import logger, tracer
from barista_callback.answers import document_responses
from barista_callback.callback import click, find, give_back, make_again, prolong, take
from http_api.web import (
    OptionalString,
    Time,
    answer,
    check_typed,
    document_response,
    show_order,
)
from orders.model import Barista, Complete, Decline, Order, Status, Use, is_order_id, iso
from orders.timeline import Step, timeline

router = APIGatewayRouter()


class BaristaMissing(Exception):
    """Neither an ID token nor the body says who clicks."""


def read_order_id(segment: str) -> str:
    """The order id in a segment of the path. Raises ValueError if no order can have this id.

    API Gateway passes the path of a REST API on percent-encoded, and so does LocalStack
    (apigateway/next_gen/execute_api/handlers/parse.py).
    """
    order_id = unquote(segment, errors="strict")
    if not is_order_id(order_id):
        raise ValueError("no order can have this id")
    return order_id


# Customers read both, and the events of the order's end hold them.
BaristaId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(check_typed),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
    AfterValidator(check_typed),
]
OrderId = Annotated[
    str, Path(description="The id that the customer's order carries"), AfterValidator(read_order_id)
]


class Click(BaseModel):
    """Who clicks. With a sign-in, the ID token says it instead."""

    baristaId: BaristaId | None = None


class TakeClick(Click):
    """Who makes the drink."""

    over: Annotated[StrictBool, Field(description="Also if somebody else makes it")] = False


class DeclineClick(Click):
    """Who declines, and why. The customer reads the reason."""

    reason: Reason


@show_order(Use.STAFF)
class OrderView(BaseModel):
    """An order. Fields that don't apply are left out; a task token is never shown."""

    orderId: str
    status: Status
    waitingSince: Time = None
    timesOutAt: Time = None


class OrderList(BaseModel):
    """The orders, and the time on the server."""

    orders: list[OrderView]
    now: str


class HistoryEntry(BaseModel):
    """Something that happened to an order; by which barista and why, if that applies."""

    at: Annotated[str, Field(description="ISO 8601, UTC")]
    what: Step
    by: OptionalString = None
    reason: OptionalString = None


class OrderHistory(BaseModel):
    """Who did what with an order when, in its latest run."""

    order: OrderView
    moments: list[HistoryEntry]


class Answer(BaseModel):
    """The result of a click."""

    orderId: str
    message: str


MAX_ENDED = 50

ORDER = document_responses("The order", 401, 403, 404, 422, 503)
HISTORY = document_responses("What happened to the order, in time order", 401, 403, 404, 422, 503)
LIST = document_responses("The orders", 401, 403, 422, 503)
CLICK = document_responses("The result of the click", 401, 403, 404, 409, 410, 413, 415, 422, 503)
DECISION = CLICK | {
    200: document_response("The workflow has resumed", Answer),
    202: document_response("The click is recorded; only the order's end will tell", Answer),
}


@router.get("/orders/<orderId>", operation_id="getOrder", summary="An order", responses=ORDER)
@tracer.capture_method(capture_response=False)
def get_order(orderId: OrderId) -> OrderView:
    logger.append_keys(order_id=orderId)
    return _show(find(order_table(), orderId))


@router.get(
    "/orders/<orderId>/history",
    operation_id="getHistory",
    summary="Who did what with an order when",
    responses=HISTORY,
)
@tracer.capture_method(capture_response=False)
def get_history(orderId: OrderId) -> OrderHistory:
    logger.append_keys(order_id=orderId)
    order = find(order_table(), orderId)
    records = [order_table().load_records(order.execution)] if order.execution else []
    entries = [
        HistoryEntry(at=entry.at, what=entry.step, by=entry.by, reason=entry.reason)
        for entry in timeline(order, *records)
        if entry.is_done
    ]
    return OrderHistory(order=_show(order), moments=entries)


@router.get(
    "/orders",
    operation_id="listOrders",
    summary="The orders in preparation, oldest first, or those that ended, latest first",
    responses=LIST,
)
@tracer.capture_method(capture_response=False)
def list_orders(
    status: Annotated[
        Literal["in preparation", "ended"],
        Query(description="Which orders to list; of those that ended, the latest 50"),
    ],
) -> OrderList:
    orders = (
        counter_index().list_recently_ended(MAX_ENDED)
        if status == "ended"
        else counter_index().list_in_preparation()
    )
    return OrderList(orders=[_show(order) for order in orders], now=_now())


@router.post(
    "/orders/<orderId>/complete",
    operation_id="completeOrder",
    summary="The drink is ready: the workflow resumes",
    responses=DECISION,
)
@tracer.capture_method(capture_response=False)
def complete_order(orderId: OrderId, body: Click) -> Response[Any]:
    return _decide(orderId, Complete(_require_barista(body)), "The order is completed")


@router.post(
    "/orders/<orderId>/decline",
    operation_id="declineOrder",
    summary="The drink can't be made: the order ends rejected",
    responses=DECISION,
)
@tracer.capture_method(capture_response=False)
def decline_order(orderId: OrderId, body: DeclineClick) -> Response[Any]:
    return _decide(orderId, Decline(_require_barista(body), body.reason), "The order is declined")


@router.post(
    "/orders/<orderId>/heartbeat",
    operation_id="prolongOrder",
    summary="Not ready yet: the order's time starts again",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def prolong_order(orderId: OrderId, body: Click) -> Answer:
    logger.append_keys(order_id=orderId)
    prolong(order_table(), workflow(), orderId, _require_barista(body), _now())
    return Answer(orderId=orderId, message="The order's time starts again.")


@router.post(
    "/orders/<orderId>/take",
    operation_id="takeOrder",
    summary="This barista makes the drink: nobody else does, and the order's time starts again",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def take_order(orderId: OrderId, body: TakeClick) -> Answer:
    logger.append_keys(order_id=orderId)
    barista = _require_barista(body)
    take(order_table(), workflow(), orderId, barista, _now(), over=body.over)
    return Answer(orderId=orderId, message="You are making it, and the customer can see that.")


@router.delete(
    "/orders/<orderId>/take",
    operation_id="giveBackOrder",
    summary="This barista does not make the drink: others may",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def give_back_order(orderId: OrderId, body: Click | None = None) -> Answer:
    logger.append_keys(order_id=orderId)
    give_back(order_table(), orderId, _require_barista(body or Click()))
    return Answer(orderId=orderId, message="Others can make it now.")


@router.post(
    "/orders/<orderId>/again",
    operation_id="makeAgain",
    summary="The drink of an order that has ended is made again, as an order of its own",
    responses=CLICK
    | {202: document_response("The new order is on its way; the answer has its id", Answer)},
)
@tracer.capture_method(capture_response=False)
def make_order_again(orderId: OrderId, body: Click) -> Response[Any]:
    logger.append_keys(order_id=orderId)
    bus = event_bus(BaristaCallback.read().event_bus_name)
    new_id = make_again(order_table(), bus, orderId, _require_barista(body))
    message = "It is ordered again, and will be at the counter in a moment."
    return answer(HTTPStatus.ACCEPTED, Answer(orderId=new_id, message=message))


def _require_barista(body: Click) -> Barista:
    signed_in: Barista | None = router.context.get("barista")
    if signed_in:
        return signed_in
    if body.baristaId is None:
        raise BaristaMissing
    return Barista(body.baristaId, body.baristaId)


def _decide(order_id: str, decision: Complete | Decline, done: str) -> Response[Any]:
    logger.append_keys(order_id=order_id)
    if click(order_table(), workflow(), order_id, decision, _now()):
        status, message = HTTPStatus.OK, f"{done}, the customer is being told."
    else:
        status = HTTPStatus.ACCEPTED
        message = "Your click was recorded and the order is about to end. Look at it to see how."
    return answer(status, Answer(orderId=order_id, message=message))


def _now() -> str:
    return iso(datetime.now(UTC))


def _show(order: Order) -> OrderView:
    own: dict[str, str] = {"orderId": order.order_id, "status": order.status}
    if order.status is Status.IN_PREPARATION and order.waiting_since:
        # The workflow stops waiting then, unless a barista prolongs it.
        wait = timedelta(seconds=BaristaCallback.read().heartbeat_seconds)
        ends = datetime.fromisoformat(order.waiting_since) + wait
        own |= {"waitingSince": order.waiting_since, "timesOutAt": iso(ends)}
    return OrderView.model_validate(own | order.shown())
