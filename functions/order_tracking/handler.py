"""Follows the workflow's events, and the executions that ended without one."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from order_tracking.clean_up import clean_up
from order_tracking.forgetting import forget
from order_tracking.reconciler import reconcile
from order_tracking.tracking import OUTCOMES, WAITING, outcome, waiting
from orders import messages
from orders.clients import event_bus, order_store, workflow
from orders.events import OrderEvent
from orders.model import Order, Status
from orders.observability import about, logger, metrics, tracer

processor = BatchProcessor(EventType.SQS)

STATUS_CHANGE = "Step Functions Execution Status Change"
SCHEDULED = "Scheduled Event"

# What a look at all executions leaves to the messages after it in the batch.
REST_MILLIS = 8_000
COUNTED = {
    Status.READY: "OrdersCompleted",
    Status.TIMED_OUT: "OrdersTimedOut",
    Status.CANCELED: "OrdersCanceled",
    Status.FAILED: "OrdersFailed",
}


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a batch of SQS messages with its partial failures."""
    return dict(
        process_partial_response(
            event=event, record_handler=follow, processor=processor, context=context
        )
    )


def follow(record: SQSRecord, lambda_context: LambdaContext) -> None:
    body = messages.body(record, lambda_context)
    bus_name = os.environ["EVENT_BUS_NAME"]
    if body["detail-type"] == STATUS_CHANGE:
        execution = workflow().describe(body["detail"]["executionArn"])
        with about(execution.ordered.get("orderId")):
            clean_up(order_store(), event_bus(), bus_name, execution)
        return
    if body["detail-type"] == SCHEDULED:
        now = datetime.fromisoformat(body["time"])
        kept = timedelta(days=int(os.environ["ORDER_RETENTION_DAYS"]))

        def has_time() -> bool:
            return lambda_context.get_remaining_time_in_millis() > REST_MILLIS

        with about(None):
            found = reconcile(order_store(), workflow(), event_bus(), bus_name, now, has_time)
            forgotten = forget(order_store(), now - kept, has_time)
        metrics.add_metric("OrdersForgotten", MetricUnit.Count, forgotten)
        metrics.add_metric("Capacity", MetricUnit.Count, found.capacity)
        metrics.add_metric("CapacityInUse", MetricUnit.Count, found.slots_in_use)
        metrics.add_metric("SlotsFreed", MetricUnit.Count, found.slots_freed)
        for name, time in (
            ("OldestOrderSeconds", found.oldest),
            ("UnattendedSeconds", found.unattended),
        ):
            metrics.add_metric(name, MetricUnit.Seconds, time.total_seconds())
        return
    event = OrderEvent.parse(body)
    now = datetime.now(UTC)
    with about(event.order_id):
        if event.detail_type == WAITING:
            before = waiting(order_store(), workflow(), event, now)
        else:
            before = outcome(order_store(), event, now)
        if before:
            count(event, before, now)


def count(event: OrderEvent, before: Order, now: datetime) -> None:
    """Metrics of the change that ``event`` made to an order; repeats don't come this far."""
    if before.status is Status.RECEIVED:
        metrics.add_metric("OrdersReceived", MetricUnit.Count, 1)
    status = OUTCOMES.get(event.detail_type)
    if status is Status.REJECTED:
        with single_metric("OrdersRejected", MetricUnit.Count, 1) as metric:
            metric.add_dimension("code", event.text("code") or "unknown")
    elif status:
        metrics.add_metric(COUNTED[status], MetricUnit.Count, 1)
    if status is Status.READY and before.received_at:
        waited = now - datetime.fromisoformat(before.received_at)
        metrics.add_metric("SecondsToReady", MetricUnit.Seconds, waited.total_seconds())
