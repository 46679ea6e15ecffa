"""The HTTP API: decode, call one function, answer. docs/openapi.json is made from here."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

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
)
from orders.observability import logger, tracer

app = APIGatewayRestResolver(enable_validation=True)

BaristaId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Time = Annotated[str | None, Field(description="ISO 8601, UTC")]
OrderId = Annotated[str, Path(description="The id that the customer's order carries")]


class Click(BaseModel):
    """Who clicks."""

    baristaId: BaristaId


class DeclineClick(Click):
    """Who declines, and why. The customer gets to read the reason."""

    reason: Reason


class OrderView(BaseModel):
    """An order as it is shown: what doesn't apply is left out, and there is never a task token."""

    model_config = ConfigDict(extra="forbid")

    orderId: str
    status: Status
    userId: str | None = None
    drink: str | None = None
    baristaId: str | None = None
    code: str | None = None
    message: str | None = None
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


@app.get("/orders/<orderId>", responses={200: {"description": "The order"}})
@tracer.capture_method(capture_response=False)
def get_order(orderId: OrderId) -> OrderView:
    logger.append_keys(order_id=orderId)
    return _view(find(order_store(), orderId))


@app.get("/orders")
@tracer.capture_method(capture_response=False)
def get_counter(
    status: Annotated[Literal["in preparation"], Query(description="Only these are listed")],
) -> OrderList:
    return OrderList(orders=[_view(order) for order in order_store().on_the_counter()])


@app.post("/orders/<orderId>/complete")
@tracer.capture_method(capture_response=False)
def complete(orderId: OrderId, body: Click) -> Answer:
    logger.append_keys(order_id=orderId)
    click(order_store(), workflow(), orderId, Complete(body.baristaId))
    return Answer(orderId=orderId, message="The order is completed, the customer is being told.")


@app.post("/orders/<orderId>/decline")
@tracer.capture_method(capture_response=False)
def decline(orderId: OrderId, body: DeclineClick) -> Answer:
    logger.append_keys(order_id=orderId)
    click(order_store(), workflow(), orderId, Decline(body.baristaId, body.reason))
    return Answer(orderId=orderId, message="The order is declined, the customer is being told.")


@app.post("/orders/<orderId>/heartbeat")
@tracer.capture_method(capture_response=False)
def heartbeat(orderId: OrderId, body: Click) -> Answer:
    logger.append_keys(order_id=orderId)
    prolong(order_store(), workflow(), orderId)
    return Answer(orderId=orderId, message="The order's time starts anew.")


@app.exception_handler(RequestValidationError)
def invalid_request(error: RequestValidationError) -> Response[Any]:
    fields = [
        {"field": ".".join(str(part) for part in problem["loc"]), "problem": problem["msg"]}
        for problem in error.errors()
    ]
    message = "; ".join(f"{field['field']}: {field['problem']}" for field in fields)
    return _answer(422, {"message": f"Correct the request: {message}.", "errors": fields})


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
    return _answer(status_code, {"message": str(error)})


@app.exception_handler([ClientError, BotoCoreError])
def aws_failed(error: ClientError | BotoCoreError) -> Response[Any]:
    # Only the code: the text of a Step Functions error may quote the task token.
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error)
    logger.error("An AWS call failed", error=str(code))
    return _answer(503, {"message": "The shop's systems are busy. Try again in a moment."})


def _answer(status_code: int, body: dict[str, Any]) -> Response[Any]:
    return Response(status_code=status_code, content_type=content_types.APPLICATION_JSON, body=body)


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
