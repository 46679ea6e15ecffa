"""Publishes one SNS message for each notification, however often its event is delivered."""

from collections.abc import Callable
from functools import cache
from typing import Any, override

import boto3
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import IdempotencyItemNotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from aws.clients import CONFIG, order_table, sns
from aws.environment import CustomerNotification
from aws.observability import log_context, logger, tracer
from aws.queues import process_batch, read_message
from customer_notification.notification import (
    idempotency_key,
    owner,
    write_text,
)
from orders import notifications
from orders.events import OrderEvent
from orders.model import RESERVED, Status
from orders.texts import is_storable

CustomerNotification.read()
idempotency = IdempotencyConfig(expires_after_seconds=notifications.KEPT_SECONDS)


class OutOfDate(Exception):
    """The customer knows the order's end. Raised, because then no record says that it was sent."""


class Records(DynamoDBPersistenceLayer):
    """The records of what was published, in the order table."""

    def has(self, key: str) -> bool:
        """Whether the notification with this key was published, or is being published."""
        try:
            self.get_record(key)  # type: ignore[arg-type] # Whatever idempotency goes by.
        except IdempotencyItemNotFoundError:
            return False
        return True

    @override
    def save_success(self, data: dict[str, Any], result: dict[str, Any]) -> None:
        """Note that the notification was published. If that fails, the message succeeds anyway.

        If it failed, the queue would deliver it again, and the customer would certainly be notified
        twice. Without the note that takes another repeat of the event.
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
    return process_batch(event, context, notify)


def notify(record: SQSRecord, lambda_context: LambdaContext) -> None:
    event = OrderEvent.parse(read_message(record, lambda_context))
    with log_context(event.order_id):
        event.require_consumer("customer_notification")
        try:
            _publish_once()(key=idempotency_key(event), event=event)
        except OutOfDate:
            logger.info("The customer knows how the order ended and is not notified")


@cache
def _records() -> Records:
    return Records(
        CustomerNotification.read().order_table,
        key_attr="orderId",
        status_attr=notifications.STATUS,
        expiry_attr=notifications.EXPIRATION,
        boto3_client=boto3.client("dynamodb", config=CONFIG),
    )


@cache
def _publish_once() -> Callable[..., None]:
    """``publish``, made idempotent by the records in the order table."""
    once: Callable[..., None] = idempotent_function(
        publish,
        data_keyword_argument="key",
        persistence_store=_records(),
        config=idempotency,
        key_prefix=RESERVED.removesuffix("#"),
    )
    return once


def publish(*, key: str, event: OrderEvent) -> None:
    """Publish the notification; ``key`` is the idempotency key. Raises OutOfDate."""
    status = event.type.status
    if status is Status.IN_PREPARATION and _records().has(notifications.end_key(owner(event))):
        raise OutOfDate
    number = order_table().load_number(event.order_id) if event.order_id else None
    attributes = {
        "status": ("String", str(status)),
        "userId": ("String", event.string("userId")),
        "orderId": ("String", event.order_id),
        "number": ("Number", str(number) if number else None),
    }
    sns().publish(
        TopicArn=CustomerNotification.read().customer_topic_arn,
        Subject="Your coffee order",
        Message=write_text(event, number),
        MessageAttributes={
            name: {"DataType": kind, "StringValue": value}
            for name, (kind, value) in attributes.items()
            if value is not None and is_storable(value)
        },
    )
    logger.info("Customer notified", status=status, notification=key)
