"""Follows the workflow's events, and cleans up the executions that broke."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from aws.clients import config_table, counter_index, event_bus, numbers, order_table, workflow
from aws.environment import OrderTracking
from aws.observability import log_context, logger, metrics, tracer
from aws.queues import process_batch, read_message
from order_tracking.broken_runs import clean_up_broken_run
from order_tracking.forgetting import remove_personal_data
from order_tracking.reconciler import reconcile
from order_tracking.tracking import record_outcome, record_waiting
from orders.events import EventType, OrderEvent
from orders.model import Order, Status, iso
from orders.outcomes import Refusal
from orders.wait import estimate

OrderTracking.read()

# The reconciler stops when less is left: the messages after it in the batch need it.
MILLIS_FOR_MESSAGES = 8_000
# How long ago an order may have ended that tells how long the next ones take.
WAIT_WINDOW = timedelta(hours=1)
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
    return process_batch(event, context, process)


def process(record: SQSRecord, lambda_context: LambdaContext) -> None:
    body = read_message(record, lambda_context)
    match body["detail-type"]:
        case "Step Functions Execution Status Change":
            _process_status_change(body["detail"]["executionArn"])
        case "Scheduled Event":
            _process_schedule(datetime.fromisoformat(body["time"]), lambda_context)
        case _:
            _process_order_event(OrderEvent.parse(body))


def _process_status_change(arn: str) -> None:
    execution = workflow().describe(arn)
    bus = event_bus(OrderTracking.read().event_bus_name)
    with log_context(execution.order_input.get("orderId")):
        clean_up_broken_run(order_table(), config_table(), bus, execution)


def _process_schedule(now: datetime, context: LambdaContext) -> None:
    environment = OrderTracking.read()
    retention = timedelta(days=environment.order_retention_days)

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > MILLIS_FOR_MESSAGES

    with log_context(None):
        found = reconcile(
            order_table(),
            counter_index(),
            config_table(),
            workflow(),
            event_bus(environment.event_bus_name),
            environment.order_processor,
            now,
            has_time,
        )
        _note_wait(now)
        forgotten = remove_personal_data(order_table(), counter_index(), now - retention, has_time)
    for name, count in (
        ("OrdersForgotten", forgotten),
        ("Capacity", found.capacity),
        ("CapacityInUse", found.slots_in_use),
        ("SlotsFreed", found.slots_freed),
    ):
        metrics.add_metric(name, MetricUnit.Count, count)
    for name, time in (
        ("OldestOrderSeconds", found.oldest),
        ("UnattendedSeconds", found.unattended),
    ):
        metrics.add_metric(name, MetricUnit.Seconds, time.total_seconds())


def _note_wait(now: datetime) -> None:
    index = counter_index()
    ended = list(index.list_ended_since(iso(now - WAIT_WINDOW)))
    config_table().note_wait(estimate(ended, index.list_active()))


def _process_order_event(event: OrderEvent) -> None:
    now = datetime.now(UTC)
    with log_context(event.order_id):
        event.require_consumer("order_tracking")
        if event.type is EventType.WAITING:
            bus = event_bus(OrderTracking.read().event_bus_name)
            written = record_waiting(
                order_table(), numbers(), config_table(), workflow(), bus, event
            )
        else:
            written = record_outcome(order_table(), event, now)
        if written and event.string("code") == Refusal.FULL:
            config_table().note_refusal(now)
        if written:
            count_change(event, written.before, now)


def count_change(event: OrderEvent, before: Order | None, now: datetime) -> None:
    """Metrics of the change that ``event`` made to an order; a repeat changes nothing."""
    if before is None or before.status is Status.RECEIVED:
        metrics.add_metric("OrdersReceived", MetricUnit.Count, 1)
    status = event.type.status
    if status is Status.REJECTED:
        with single_metric("OrdersRejected", MetricUnit.Count, 1) as metric:
            metric.add_dimension("code", event.string("code") or "unknown")
    elif status in COUNTED:
        metrics.add_metric(COUNTED[status], MetricUnit.Count, 1)
    if status is Status.READY and before and before.received_at:
        waited = now - datetime.fromisoformat(before.received_at)
        metrics.add_metric("SecondsToReady", MetricUnit.Seconds, waited.total_seconds())
