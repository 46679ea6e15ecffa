"""One SNS message for each news about an order, however often its event is delivered."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer_notification.messages import STATUS, key, text
from orders.clients import CONFIG, sns
from orders.events import OrderEvent
from orders.observability import about, logger, tracer

# Longer than a message can lie in its queue and then in the dead-letter queue: 14 days each.
REMEMBERED_SECONDS = 30 * 24 * 3600

processor = BatchProcessor(EventType.SQS)
idempotency = IdempotencyConfig(expires_after_seconds=REMEMBERED_SECONDS)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a batch of SQS messages with its partial failures."""
    idempotency.register_lambda_context(context)
    return dict(
        process_partial_response(
            event=event, record_handler=notify, processor=processor, context=context
        )
    )


def notify(record: SQSRecord) -> None:
    event = OrderEvent.parse(record.json_body)
    with about(event.order_id):
        _publish_once()(key=key(event), event=event)


@cache
def _publish_once() -> Callable[..., None]:
    """``publish``, which remembers in the order table what it has published."""
    memory = DynamoDBPersistenceLayer(
        os.environ["ORDER_TABLE"],
        key_attr="orderId",
        status_attr="idempotencyStatus",
        boto3_client=boto3.client("dynamodb", config=CONFIG),
    )
    once: Callable[..., None] = idempotent_function(
        publish, data_keyword_argument="key", persistence_store=memory, config=idempotency
    )
    return once


def publish(*, key: str, event: OrderEvent) -> None:
    """Publish the news; ``key`` is what idempotency goes by."""
    status = STATUS[event.detail_type]
    attributes = {"status": str(status), "userId": event.text("userId")}
    sns().publish(
        TopicArn=os.environ["CUSTOMER_TOPIC_ARN"],
        Subject="Your coffee order",
        Message=text(event),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value}
            for name, value in attributes.items()
            if value is not None
        },
    )
    logger.info("Customer notified", status=status, notification=key)
