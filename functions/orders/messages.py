"""The messages of a function's queue."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from orders.events import read

# Many times what a message takes; a function has 10 seconds for all of a batch.
ENOUGH_MILLIS = 6_000


class NotEnoughTime(Exception):
    """The rest of the batch waits for its next delivery."""


def body(record: SQSRecord, context: LambdaContext) -> dict[str, Any]:
    """The event in a message that is begun now. Raises NotEnoughTime.

    When AWS is slow, a batch is so cut between two messages. A function that runs into its time-out
    is killed in the middle of one, and with it goes what it did but did not note: a customer would
    be told again.
    """
    if context.get_remaining_time_in_millis() < ENOUGH_MILLIS:
        raise NotEnoughTime
    event: dict[str, Any] = read(record.body)
    return event
