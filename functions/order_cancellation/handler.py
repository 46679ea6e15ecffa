"""Cancels the orders of a queue of OrderDeleted events."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from aws.clients import order_table, workflow
from aws.environment import Environment
from aws.observability import log_context, logger, tracer
from aws.queues import process_batch, read_message
from order_cancellation.cancellation import cancel
from orders.events import OrderEvent
from orders.model import iso

Environment.read()


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a batch of SQS messages with its partial failures."""
    return process_batch(event, context, cancel_order)


def cancel_order(record: SQSRecord, lambda_context: LambdaContext) -> None:
    event = OrderEvent.parse(read_message(record, lambda_context))
    order_id = event.order_id
    with log_context(order_id):
        event.require_consumer("order_cancellation")
        if order_id is None:
            logger.warning("OrderDeleted without an order id, nothing to cancel")
            return
        cancel(order_table(), workflow(), order_id, event.sent_at, iso(datetime.now(UTC)))
