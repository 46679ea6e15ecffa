"""The HTTP API: decode, call one function, answer. docs/openapi.json is made from here."""

from typing import Annotated, Any, Literal
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from barista_callback.callback import click, find, prolong
from orders.clients import order_store, workflow
from orders.model import (
    Complete,
    Decline,
    Order,
    OrderConflict,
    OrderError,
    OrderNotFound,
    OrderTimedOut,
    Status,
    is_order_id,
)
from orders.observability import logger, tracer

app = APIGatewayRestResolver(enable_validation=True)


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
Maybe = Annotated[str | None, Field(exclude_if=lambda text: text is None)]
Time = Annotated[Maybe, Field(description="ISO 8601, UTC")]
OrderId = Annotated[
    str, Path(description="The id that the customer's order carries"), AfterValidator(order_id)
]


class Click(BaseModel):
    """Who clicks."""

    baristaId: BaristaId


class DeclineClick(Click):
    """Who declines, and why. The customer gets to read the reason."""

    reason: Reason


class OrderView(BaseModel):
    """An order as it is shown: what doesn't apply is left out, and there is never a task token."""

    orderId: str
    status: Status
    userId: Maybe = None
    drink: Maybe = None
    baristaId: Maybe = None
    code: Maybe = None
    message: Maybe = None
    receivedAt: Time = None
    preparingAt: Time = None
    endedAt: Time = None


class OrderList(BaseModel):
    """What is on the counter, oldest first."""

    orders: list[OrderView]


class Answer(BaseModel):
    """What came of a click."""

    orderId: str
    message: str


class Problem(BaseModel):
    """Why a request was not done, and what to do about it."""

    message: str


class InvalidField(BaseModel):
    """A part of the request that is wrong."""

    field: str
    problem: str


class InvalidRequest(Problem):
    """All that is wrong with a request."""

    errors: list[InvalidField]


def _described(good: str, *statuses: int) -> dict[int, Any]:
    """The good answer and the others, for the OpenAPI document."""
    meanings: dict[int, tuple[str, type[Problem]]] = {
        404: ("There is no such order", Problem),
        409: ("The order has ended, or somebody else decided about it: who, and how", Problem),
        410: ("The order timed out", Problem),
        422: ("A part of the request is wrong", InvalidRequest),
        503: ("An AWS service failed or throttled; try again", Problem),
    }
    return {200: {"description": good}} | {
        status: {
            "description": meanings[status][0],
            "content": {"application/json": {"model": meanings[status][1]}},
        }
        for status in statuses
    }


ORDER = _described("The order", 404, 422, 503)
COUNTER = _described("The orders in preparation", 422, 503)
CLICK = _described("What came of the click", 404, 409, 410, 422, 503)


@app.get("/orders/<orderId>", operation_id="getOrder", summary="An order", responses=ORDER)
@tracer.capture_method(capture_response=False)
def get_order(orderId: OrderId) -> OrderView:
    logger.append_keys(order_id=orderId)
    return _view(find(order_store(), orderId))


@app.get(
    "/orders",
    operation_id="getCounter",
    summary="What is on the counter, oldest first",
    responses=COUNTER,
)
@tracer.capture_method(capture_response=False)
def get_counter(
    status: Annotated[Literal["in preparation"], Query(description="Only these are listed")],
) -> OrderList:
    return OrderList(orders=[_view(order) for order in order_store().on_the_counter()])


@app.post(
    "/orders/<orderId>/complete",
    operation_id="completeOrder",
    summary="The drink is ready: the workflow resumes",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def complete(orderId: OrderId, body: Click) -> Answer:
    return _decided(orderId, Complete(body.baristaId), "The order is completed")


@app.post(
    "/orders/<orderId>/decline",
    operation_id="declineOrder",
    summary="The drink can't be made: the order ends rejected",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def decline(orderId: OrderId, body: DeclineClick) -> Answer:
    return _decided(orderId, Decline(body.baristaId, body.reason), "The order is declined")


@app.post(
    "/orders/<orderId>/heartbeat",
    operation_id="prolongOrder",
    summary="Still at it: the order's time starts anew",
    responses=CLICK,
)
@tracer.capture_method(capture_response=False)
def heartbeat(orderId: OrderId, body: Click) -> Answer:
    logger.append_keys(order_id=orderId)
    prolong(order_store(), workflow(), orderId)
    return Answer(orderId=orderId, message="The order's time starts anew.")


@app.exception_handler(RequestValidationError)
def invalid_request(error: RequestValidationError) -> Response[Any]:
    fields = [
        InvalidField(
            field=".".join(part for part in problem["loc"] if isinstance(part, str)),
            problem=problem["msg"],
        )
        for problem in error.errors()
    ]
    return _invalid(fields)


# What JSONDecodeError, which Powertools expects, leaves out: bytes that are no text, and brackets
# without end.
@app.exception_handler([UnicodeDecodeError, RecursionError])
def unreadable_body(error: UnicodeDecodeError | RecursionError) -> Response[Any]:
    logger.info("Request refused", status_code=422, reason=type(error).__name__)
    return _invalid([InvalidField(field="body", problem="JSON in UTF-8 is expected")])


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
    logger.info("Request refused", status_code=status_code, reason=str(error))
    return _answer(status_code, Problem(message=str(error)))


@app.exception_handler([ClientError, BotoCoreError])
def aws_failed(error: ClientError | BotoCoreError) -> Response[Any]:
    # Only the code: the text of a Step Functions error may quote the task token.
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error)
    logger.error("An AWS call failed", error=str(code))
    return _answer(503, Problem(message="The shop's systems are busy. Try again in a moment."))


def _decided(order_id: str, decision: Complete | Decline, done: str) -> Answer:
    logger.append_keys(order_id=order_id)
    if click(order_store(), workflow(), order_id, decision):
        return Answer(orderId=order_id, message=f"{done}, the customer is being told.")
    message = "You have clicked before. Look at the order to see how it ended."
    return Answer(orderId=order_id, message=message)


def _invalid(fields: list[InvalidField]) -> Response[Any]:
    told = "; ".join(f"{field.field}: {field.problem}" for field in fields)
    return _answer(422, InvalidRequest(message=f"Correct the request: {told}.", errors=fields))


def _answer(status_code: int, problem: Problem) -> Response[Any]:
    return Response(status_code, content_types.APPLICATION_JSON, problem.model_dump())


def _view(order: Order) -> OrderView:
    return OrderView(
        orderId=order.order_id,
        status=order.status,
        userId=order.user_id,
        drink=order.drink,
        baristaId=order.barista_id,
        code=order.code,
        message=order.message,
        receivedAt=order.received_at,
        preparingAt=order.preparing_at,
        endedAt=order.ended_at,
    )
