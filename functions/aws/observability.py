"""One logger, tracer and set of metrics for every function.

The service's name comes from POWERTOOLS_SERVICE_NAME, the metrics' namespace from
POWERTOOLS_METRICS_NAMESPACE. Events and answers are never logged or traced whole, because an event
may hold a task token.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger, Metrics, Tracer

logger = Logger()
metrics = Metrics()
tracer = Tracer()

# Many invocations have nothing to count.
warnings.filterwarnings("ignore", "No application metrics to publish")


@contextmanager
def log_context(order_id: str | None) -> Iterator[None]:
    """Put the order id on each log line of the block, and log why a message is not processed."""
    with logger.append_context_keys(order_id=order_id):
        try:
            yield
        except Exception:  # Any error: the batch processor reports the message as failed.
            logger.exception("Not processed; the queue delivers it again")
            raise
