"""Retries failed deliveries of EventBridge rules, and uses dead-letter queues, as AWS does.

LocalStack sends an event to a target once and reads neither `RetryPolicy` nor `DeadLetterConfig`
(services/events/provider.py and target.py). What AWS does, and its documents say:

- It retries errors that pass, for 24 hours and up to 185 times unless told otherwise, "with an
  exponential back off and jitter" (eventbridge/latest/userguide/eb-rule-retry-policy.html). Those
  are 429 and 5xx, and no other 4xx (repost.aws/knowledge-center/
  eventbridge-resolve-failedinvocation-errors), and throttling (aws.amazon.com/blogs/compute/
  improved-failure-recovery-for-amazon-eventbridge), which some services answer with 400.
- What it may not retry, as for want of a permission or of the target, or has retried in vain, goes
  to the dead-letter queue or is dropped (eventbridge/latest/userguide/eb-rule-dlq.html). The
  message's attributes, which say why, are left out here: nothing of this project reads them.

They do not say how long the pauses are, from when an event's age counts, or what becomes of an
event that the dead-letter queue does not take. Here the first pauses are short, for someone is
waiting: 185 retries take about 45 minutes.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from threading import Timer
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError
from localstack.aws.connect import InternalClientFactory
from localstack.constants import MAX_POOL_CONNECTIONS
from localstack.runtime import hooks
from localstack.services.events import target as senders
from localstack.services.events.target import SqsTargetSender, TargetSender
from localstack.utils.patch import patch
from localstack.utils.xray.trace_header import TraceHeader

from embedded_localstack.checkout import STOCK

LOG: Final = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS: Final = 30


@hooks.on_infra_start(should_load=not STOCK)
def install_deliveries() -> None:
    """Install the retries. LocalStack calls this once at its start."""
    patch(TargetSender.process_event)(deliver)
    # A try is one call. Boto would make five of it, which take 6 to 10 s, at most 15: they would
    # not count as retries, and the rule's other targets would wait for them.
    config = Config(max_pool_connections=MAX_POOL_CONNECTIONS, retries={"total_max_attempts": 1})
    module: Any = senders
    module.connect_to = InternalClientFactory(config=config)


def deliver(
    original: Callable[..., None], self: TargetSender, event: Any, trace_header: TraceHeader
) -> None:
    """Send an event to a target, and schedule a retry if that fails.

    Raises what LocalStack raises, which logs and counts it and goes on with the next target.
    """
    if isinstance(event, dict):
        event.pop("event-bus-name", None)  # LocalStack's own; no target gets it
    send = partial(original, self, trace_header=trace_header)
    delivery = Delivery(self, event, send)
    try:
        delivery.send(copy(event))
    except Exception as error:
        # The rule's other targets would wait for a dead-letter queue that does not answer.
        _later(0, delivery.failed, error)
        raise


@dataclass
class Delivery:
    """An event that a target has not accepted yet."""

    sender: TargetSender
    event: Any
    send: Callable[[Any], None]
    """Sends an event once. It may change the event to the form that the target needs."""

    began: float = field(default_factory=time.monotonic)
    retries: int = 0

    def failed(self, error: Exception) -> None:
        """Schedule a retry after an error, or give the event up."""
        policy: Mapping[str, Any] = self.sender.target.get("RetryPolicy") or {}
        left = self.began + policy.get("MaximumEventAgeInSeconds", 86400) - time.monotonic()
        more = self.retries < policy.get("MaximumRetryAttempts", 185)
        if passes(error) and more and left > 0:
            _later(min(pause(self.retries), left), self._retry)
        else:
            self._give_up(error)

    def _retry(self) -> None:
        self.retries += 1
        try:
            self.send(copy(self.event))
        except Exception as error:  # noqa: BLE001 - a sender raises whatever it comes upon
            self.failed(error)

    def _give_up(self, error: Exception) -> None:
        """Send the event to the dead-letter queue, or log it if that is impossible."""
        target: Any = self.sender.target
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        try:
            if queue:
                self._send_to(queue)
                return
            reason = "The target has no dead-letter queue."
        except Exception as refusal:  # noqa: BLE001 - boto and LocalStack raise various ones.
            reason = f"The dead-letter queue refused it: {refusal!r}"
        told = "Dropped an event for %s after %d retries: %r. %s %s"
        LOG.warning(told, self.sender.arn, self.retries, error, reason, self.event)

    def _send_to(self, queue: str) -> None:
        """Send the original event, before any transformation, to a queue."""
        rule = self.sender.rule_arn, self.sender.rule_name
        where = self.sender.region, self.sender.account_id
        sender = SqsTargetSender({"Arn": queue}, *rule, "sqs", *where)
        sender.send_event(self.event, trace_header=None)


def pause(retries: int) -> float:
    """The seconds before the next retry: at random up to 1, 2, 4 and so on (full jitter)."""
    return random.uniform(0, min(2.0**retries, LONGEST_PAUSE_SECONDS))  # noqa: S311


def passes(error: Exception) -> bool:
    """Tell whether an error may pass by itself."""
    if isinstance(error, ClientError):
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        # JSON protocols answer throttling with 400.
        name = error.response["Error"]["Code"]
        return status >= 500 or status == 429 or "Throttl" in name or "Throughput" in name  # noqa: PLR2004
    return isinstance(error, EndpointConnectionError | HTTPClientError | OSError)


def _later(seconds: float, act: Callable[..., None], *arguments: Any) -> None:
    timer = Timer(seconds, act, arguments)
    timer.daemon = True  # LocalStack ends without it.
    timer.start()
