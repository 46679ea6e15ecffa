"""How a function processes a batch of messages of its queue."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders.events import read_json

# Many times what a message takes; the function has 10 seconds for the whole batch.
ENOUGH_MILLIS = 6_000

_processor = BatchProcessor(EventType.SQS)


class NotEnoughTime(Exception):
    """The rest of the batch waits for its next delivery."""


def process_batch(
    event: dict[str, Any],
    context: LambdaContext,
    process: Callable[[SQSRecord, LambdaContext], None],
) -> dict[str, Any]:
    """Process each message, and answer with those that failed, which SQS delivers again.

    Raises BatchProcessingError if all failed, which Lambda counts as an error; others count here.
    """
    answer = process_partial_response(
        event=event, record_handler=process, processor=_processor, context=context
    )
    if failed := answer["batchItemFailures"]:
        with single_metric("MessagesFailed", MetricUnit.Count, len(failed)):
            pass
    return dict(answer)


def read_message(record: SQSRecord, context: LambdaContext) -> dict[str, Any]:
    """The event in a message. Raises NotEnoughTime if too little is left to process it.

    When AWS is slow, a batch then stops between two messages. A function that times out is killed
    in the middle of one, before it has noted what it did: a customer would be notified twice.
    """
    if context.get_remaining_time_in_millis() < ENOUGH_MILLIS:
        raise NotEnoughTime
    event: dict[str, Any] = read_json(record.body)
    return event
