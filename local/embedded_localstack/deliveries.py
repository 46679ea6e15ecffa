"""Lets a rule's target have its event later, or its dead-letter queue have it.

LocalStack sends an event to a target once and reads neither `RetryPolicy` nor `DeadLetterConfig`
(services/events/provider.py and target.py). What AWS does, and its documents say:

- It retries errors that pass, for 24 hours and up to 185 times unless told otherwise, "with an
  exponential back off and jitter" (eventbridge/latest/userguide/eb-rule-retry-policy.html). Those
  are 429 and 5xx, and no other 4xx (repost.aws/knowledge-center/
  eventbridge-resolve-failedinvocation-errors), and throttling (aws.amazon.com/blogs/compute/
  improved-failure-recovery-for-amazon-eventbridge), which some services answer with 400.
- What it may not retry, as for want of a permission or of the target, or has retried in vain, goes
  to the dead-letter queue or is dropped. It names the message's attributes and a sample of error
  codes (eventbridge/latest/userguide/eb-rule-dlq.html).

They do not say how long the pauses are, from when an event's age counts, which error gets which
code, what type the attributes have, or what becomes of an event that the dead-letter queue does not
take. Here the first pauses are short, for someone is waiting: 185 retries take about 45 minutes.
"""

import logging
import random
import time
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from itertools import count
from threading import Condition, Thread
from typing import Any, Final

import requests
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - boto's, which is not Python's
    ConnectTimeoutError,
    HTTPClientError,
    ReadTimeoutError,
)
from localstack.aws.connect import InternalClientFactory, connect_to
from localstack.constants import MAX_POOL_CONNECTIONS
from localstack.runtime import hooks
from localstack.services.events import target
from localstack.services.events.target import TargetSender
from localstack.services.events.utils import to_json_str
from localstack.utils.aws.arns import sqs_queue_url_for_arn
from localstack.utils.aws.client_types import ServicePrincipal
from localstack.utils.patch import patch
from localstack.utils.xray.trace_header import TraceHeader

from embedded_localstack.checkout import STOCK

LOG: Final = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS: Final = 30

_PASSING: Final = {"CONNECTION_FAILURE", "ERROR_FROM_TARGET", "THROTTLING", "TIMEOUT"}

_CODES: Final = {
    "AWS.SimpleQueueService.NonExistentQueue": "NO_RESOURCE",
    "AccessDenied": "NO_PERMISSIONS",
    "AccessDeniedException": "NO_PERMISSIONS",
    "ExecutionAlreadyExists": "RESOURCE_ALREADY_EXISTS",
    "ProvisionedThroughputExceededException": "THROTTLING",
    "QueueDoesNotExist": "NO_RESOURCE",
    "RequestThrottled": "THROTTLING",
    "ResourceNotFoundException": "NO_RESOURCE",
    "StateMachineDoesNotExist": "NO_RESOURCE",
    "Throttling": "THROTTLING",
    "ThrottlingException": "THROTTLING",
}
"""Where the status does not tell: protocols with JSON have 400 for most of these."""

_STATUSES: Final = {403: "NO_PERMISSIONS", 404: "NO_RESOURCE", 429: "THROTTLING"}


@hooks.on_infra_start(should_load=not STOCK)
def install_deliveries() -> None:
    """Retry what targets do not take; LocalStack calls this once at its start."""
    agenda = Agenda()
    patch(TargetSender.process_event)(partial(deliver, agenda))
    # A try is one call. Boto would make five of it, which take 6 to 10 s, at most 15: they would
    # not count as retries, and the rule's other targets would wait for them.
    config = Config(max_pool_connections=MAX_POOL_CONNECTIONS, retries={"total_max_attempts": 1})
    senders: Any = target
    senders.connect_to = InternalClientFactory(config=config)


def deliver(
    agenda: "Agenda",
    original: Callable[..., None],
    self: TargetSender,
    event: Any,
    trace_header: TraceHeader,
) -> None:
    """Send an event to a target, and see to it later if that fails.

    Raises what LocalStack raises, which logs and counts it and goes on with the next target.
    """
    if isinstance(event, dict):
        event.pop("event-bus-name", None)  # LocalStack's own; no target gets it
    send = partial(original, self, trace_header=trace_header)
    delivery = Delivery(agenda, self, event, send)
    try:
        delivery.send(copy(event))
    except Exception as error:
        agenda.at(time.monotonic(), partial(delivery.failed, error))
        raise


class Agenda:
    """Carries out what is to be done at its time, on threads of its own."""

    def __init__(self, threads: int = 4) -> None:
        """Start the threads, which do not hold up LocalStack's end."""
        self._changed = Condition()
        self._entries: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        for _ in range(threads):
            Thread(target=self._work, name="deliveries", daemon=True).start()

    def at(self, due: float, action: Callable[[], None]) -> None:
        """Have an action, which raises nothing, carried out at a time of `time.monotonic`."""
        with self._changed:
            heappush(self._entries, (due, next(self._numbers), action))
            self._changed.notify()

    def _work(self) -> None:
        while True:
            self._next()()

    def _next(self) -> Callable[[], None]:
        with self._changed:
            while True:
                wait = self._entries[0][0] - time.monotonic() if self._entries else None
                if wait is not None and wait <= 0:
                    return heappop(self._entries)[2]
                self._changed.wait(wait)


@dataclass
class Delivery:
    """An event on its way to a target that did not take it yet."""

    agenda: Agenda
    sender: TargetSender
    event: Any
    send: Callable[[Any], None]
    """Tries to send the event, which it may change, as the target wants it."""

    began: float = field(default_factory=time.monotonic)
    retries: int = 0

    def failed(self, error: Exception) -> None:
        """Send the event again in a while, or give it up, after a try that ended in an error."""
        code = error_code(error)
        policy: Mapping[str, Any] = self.sender.target.get("RetryPolicy") or {}
        expires = self.began + policy.get("MaximumEventAgeInSeconds", 86400)
        now = time.monotonic()
        if code not in _PASSING:
            self._give_up(code, error)
        elif self.retries >= policy.get("MaximumRetryAttempts", 185):
            self._give_up(code, error, exhausted="MaximumRetryAttempts")
        elif now >= expires:
            self._give_up(code, error, exhausted="MaximumEventAgeInSeconds")
        else:
            self.agenda.at(min(now + pause(self.retries), expires), self._retry)

    def _retry(self) -> None:
        self.retries += 1
        try:
            self.send(copy(self.event))
        except Exception as error:  # noqa: BLE001 - a sender raises whatever it comes upon
            self.failed(error)

    def _give_up(self, code: str, error: Exception, exhausted: str | None = None) -> None:
        reason = error_message(error)
        queue = (self.sender.target.get("DeadLetterConfig") or {}).get("Arn")
        if queue is None:
            self._drop(f"{code}: {reason}")
            return
        attributes = {
            "RULE_ARN": self.sender.rule_arn,
            "TARGET_ARN": self.sender.arn,
            "ERROR_CODE": code,
            "ERROR_MESSAGE": reason,
            "RETRY_ATTEMPTS": str(self.retries),
        }
        if exhausted:
            attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
        try:
            self._send_to(queue, attributes)
        except Exception as second:  # noqa: BLE001 - of boto's or LocalStack's, and it is the end
            self._drop(f"{code}: {reason}; nor did its dead-letter queue take it: {second}")

    def _send_to(self, queue: str, attributes: dict[str, str]) -> None:
        """Put the event as it was before any transformation into a queue, with boto's retries."""
        sqs: Any = connect_to(
            aws_access_key_id=self.sender.account_id, region_name=self.sender.region
        ).sqs
        sqs.request_metadata(
            service_principal=ServicePrincipal.events, source_arn=self.sender.rule_arn
        ).send_message(
            QueueUrl=sqs_queue_url_for_arn(queue),
            MessageBody=to_json_str(self.event),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        )

    def _drop(self, reason: str) -> None:
        number = self.event.get("id") if isinstance(self.event, dict) else None
        LOG.warning("Event %s for target %s is dropped. %s", number, self.sender.arn, reason)


def pause(retries: int) -> float:
    """Give the seconds before the next retry: up to 1, 2, 4 and so on, at random (full jitter)."""
    return random.uniform(0, min(2.0**retries, LONGEST_PAUSE_SECONDS))  # noqa: S311


def error_code(error: Exception) -> str:
    """Give the code that a dead-letter queue's message would have for an error of a try."""
    match error:
        case ClientError():
            code = error.response["Error"]["Code"]
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            otherwise = "SDK_CLIENT_ERROR" if status < 500 else "ERROR_FROM_TARGET"  # noqa: PLR2004
            return _CODES.get(code) or _STATUSES.get(status) or otherwise
        case ConnectTimeoutError() | ReadTimeoutError() | requests.Timeout():
            return "TIMEOUT"
        case ConnectionError() | HTTPClientError() | requests.ConnectionError():
            return "CONNECTION_FAILURE"
        case _:
            return "UNKNOWN"


def error_message(error: Exception) -> str:
    """Give what the target said, without what boto says of retries, which are not its own here."""
    if isinstance(error, ClientError):
        said = error.response["Error"]
        return f"{said['Code']}: {said.get('Message', '')}"
    return str(error) or repr(error)
