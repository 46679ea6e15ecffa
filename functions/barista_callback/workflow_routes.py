"""The routes of the page of the live workflow: where its executions are, and none of their data.

The page itself is at /workflow. They are below /store and /orders, where the session's cookie goes.
"""

from collections import Counter

from aws_lambda_powertools.event_handler.router import APIGatewayRouter
from pydantic import BaseModel

from aws.clients import counter_index, order_table, workflow
from aws.observability import logger, tracer
from aws.workflow import Course
from barista_callback.answers import document_responses
from barista_callback.callback import find
from barista_callback.order_routes import OrderId
from http_api.web import Time
from orders.model import Status

router = APIGatewayRouter()

WAITING = "Awaiting order completion"
MAX_ORDERS, MAX_ENDED = 50, 20
# Only an order that is not at the counter yet needs a look at its execution, and few last a second.
MAX_LOOKS = 5


class ListedOrder(BaseModel):
    """An order, without the name of anybody."""

    orderId: str
    status: Status
    number: int | None
    drink: str | None
    receivedAt: Time
    endedAt: Time


class WorkflowView(BaseModel):
    """How many executions are in each state, and the orders, latest first.

    ``elsewhere`` are executions on their way to the counter that were not looked at.
    """

    states: dict[str, int]
    elsewhere: int
    orders: list[ListedOrder]


@router.get(
    "/store/workflow",
    operation_id="getWorkflow",
    summary="How many executions are in each state, and the latest orders",
    responses=document_responses("The executions and the orders", 401, 403, 503),
)
@tracer.capture_method(capture_response=False)
def get_workflow() -> WorkflowView:
    active = list(counter_index().list_active())
    at_counter = [order for order in active if order.status is Status.IN_PREPARATION]
    coming = [order for order in active if order.status is Status.RECEIVED and order.execution]
    looks = [workflow().follow(str(order.execution)).state for order in coming[:MAX_LOOKS]]
    states = Counter(filter(None, [WAITING] * len(at_counter) + looks))
    ended = counter_index().list_recently_ended(MAX_ENDED)
    # An order that ends between the two queries is in both.
    known = {order.order_id: order for order in [*active, *ended]}.values()
    latest = sorted(known, key=lambda order: order.received_at or "", reverse=True)
    return WorkflowView(
        states=states,
        elsewhere=len(coming[MAX_LOOKS:]),
        orders=[
            ListedOrder(orderId=order.order_id, status=order.status, **order.shown())
            for order in latest[:MAX_ORDERS]
        ],
    )


@router.get(
    "/orders/<orderId>/execution",
    operation_id="getExecution",
    summary="Which states of the workflow an order's execution entered, and its errors there",
    responses=document_responses("The execution", 401, 403, 404, 422, 503),
)
@tracer.capture_method(capture_response=False)
def get_execution(orderId: OrderId) -> Course:
    logger.append_keys(order_id=orderId)
    order = find(order_table(), orderId)
    return workflow().follow(order.execution) if order.execution else Course()
