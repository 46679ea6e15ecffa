"""Records when each event and notification about an order arrives."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import boto3

from harness.inbox import Message
from harness.orders import attributes

DEADLINE_SECONDS: Final = 120
MAX_VISIBILITY_SECONDS: Final = 43_200

type Key = tuple[str, str]
"""An order's id, and an event's detail-type, a notification's status or an execution's status."""


class NeverArrived(Exception):
    """The deadline passed."""


class Listener:
    """The first message of each key, with its arrival in seconds of ``time.perf_counter()``."""

    def __init__(self) -> None:
        self._arrived: dict[Key, tuple[float, dict[str, Any]]] = {}
        self._changed = threading.Condition()
        self._stop = threading.Event()

    def wait(self, order_id: str, *any_of: str) -> tuple[float, str, dict[str, Any]]:
        """The time, name and detail of the first of ``any_of`` that is there.

        Raises NeverArrived.
        """

        def find() -> str | None:
            return next((name for name in any_of if (order_id, name) in self._arrived), None)

        with self._changed:
            name = self._changed.wait_for(find, DEADLINE_SECONDS)
            if name is None:
                raise NeverArrived(f"{' or '.join(any_of)} of order {order_id}")
            at, detail = self._arrived[order_id, name]
            return at, name, detail

    @contextmanager
    def receiving(self, *queue_urls: str) -> Iterator[None]:
        """Record what comes into the queues for as long as the block lasts."""
        with ThreadPoolExecutor(len(queue_urls)) as pool:
            receivers = [
                pool.submit(self._receive, boto3.client("sqs"), queue_url)
                for queue_url in queue_urls
            ]
            try:
                yield
            finally:
                self._stop.set()
                for receiver in receivers:
                    receiver.result()  # Raises what ended it too early.

    def _receive(self, sqs: Any, queue_url: str) -> None:
        while not self._stop.is_set():
            # Deleting messages would take LocalStack's time; the queue is deleted at the end.
            messages = sqs.receive_message(
                QueueUrl=queue_url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                VisibilityTimeout=MAX_VISIBILITY_SECONDS,
            ).get("Messages", [])
            at = time.perf_counter()
            with self._changed:
                for message in messages:
                    key, detail = _read(json.loads(message["Body"]))
                    self._arrived.setdefault(key, (at, detail))
                self._changed.notify_all()


def _read(message: Message) -> tuple[Key, dict[str, Any]]:
    if message.get("Type") == "Notification":  # Every order of the benchmark has its own customer.
        told = attributes(message)
        return (told["userId"], told["status"]), told
    detail = message["detail"]
    if "executionArn" in detail:
        execution_input = json.loads(detail["input"])
        return (execution_input["detail"]["orderId"], detail["status"]), detail
    return (detail["orderId"], message["detail-type"]), detail
