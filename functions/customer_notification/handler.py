"""One SNS message for each news about an order, however often its event is delivered."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any, override

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
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemNotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from customer_notification.messages import STATUS, can_be_attribute, key, owner, text
from orders import messages, notifications
from orders.clients import CONFIG, sns
from orders.events import OrderEvent
from orders.model import Status
from orders.observability import about, logger, tracer

processor = BatchProcessor(EventType.SQS)
idempotency = IdempotencyConfig(expires_after_seconds=notifications.REMEMBERED_SECONDS)


class Memory(DynamoDBPersistenceLayer):
    """What was published, in the order table."""

    def has(self, key: str) -> bool:
        """Whether the news with this key was published, or is just being published."""
        try:
            self.get_record(key)  # type: ignore[arg-type] # Whatever idempotency goes by.
        except IdempotencyItemNotFoundError:
            return False
        return True

    @override
    def save_success(self, data: dict[str, Any], result: dict[str, Any]) -> None:
        """Note that the news was published; if that fails, it was published all the same.

        Failing the message for it would have the queue deliver it again, and the customer be told
        again, for certain. Without the note that takes another repeat of the event.
        """
        try:
            super().save_success(data, result)
        except (ClientError, BotoCoreError):
            logger.exception("Customer notified, but that could not be noted")


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


def notify(record: SQSRecord, lambda_context: LambdaContext) -> None:
    event = OrderEvent.parse(messages.body(record, lambda_context))
    with about(event.order_id):
        _publish_once()(key=key(event), event=event)


@cache
def _memory() -> Memory:
    return Memory(
        os.environ["ORDER_TABLE"],
        key_attr="orderId",
        status_attr=notifications.STATUS,
        expiry_attr=notifications.EXPIRATION,
        boto3_client=boto3.client("dynamodb", config=CONFIG),
    )


@cache
def _publish_once() -> Callable[..., None]:
    """``publish``, which remembers in the order table what it has published."""
    once: Callable[..., None] = idempotent_function(
        publish,
        data_keyword_argument="key",
        persistence_store=_memory(),
        config=idempotency,
        key_prefix=notifications.RECORDS,
    )
    return once


def publish(*, key: str, event: OrderEvent) -> None:
    """Publish the news, unless it is out of date; ``key`` is what idempotency goes by."""
    status = STATUS[event.detail_type]
    if status is Status.IN_PREPARATION and _memory().has(notifications.end_key(owner(event))):
        logger.info("The customer knows how the order ended, nothing more is told")
        return
    attributes = {"status": str(status), "userId": event.text("userId"), "orderId": event.order_id}
    sns().publish(
        TopicArn=os.environ["CUSTOMER_TOPIC_ARN"],
        Subject="Your coffee order",
        Message=text(event),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value}
            for name, value in attributes.items()
            if value is not None and can_be_attribute(value)
        },
    )
    logger.info("Customer notified", status=status, notification=key)
