"""Hears what is said about each order, and when."""

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import boto3

DEADLINE_SECONDS: Final = 120
MAX_VISIBILITY_SECONDS: Final = 43_200

type News = tuple[str, str]
"""An order's id, and an event's detail-type or a notification's status."""


class NeverHeard(Exception):
    """The deadline passed."""


class Ears:
    """What arrived at queues that listen on the bus, on the topic and to the executions' ends."""

    def __init__(self) -> None:
        self._heard: dict[News, tuple[float, dict[str, Any]]] = {}
        self._changed = threading.Condition()

    def hear(self, message: Mapping[str, Any], at: float) -> None:
        news, detail = _news(message)
        with self._changed:
            self._heard.setdefault(news, (at, detail))
            self._changed.notify_all()

    def wait(self, order_id: str, *any_of: str) -> tuple[float, str, dict[str, Any]]:
        """When, what and with which detail the first of them was heard. Raises NeverHeard."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._found(order_id, any_of), DEADLINE_SECONDS):
                raise NeverHeard(f"{' or '.join(any_of)} of order {order_id}")
            what = self._found(order_id, any_of)
            assert what is not None
            at, detail = self._heard[order_id, what]
            return at, what, detail

    def _found(self, order_id: str, any_of: tuple[str, ...]) -> str | None:
        return next((what for what in any_of if (order_id, what) in self._heard), None)


@contextmanager
def listening(ears: Ears, queue_urls: Iterable[str]) -> Iterator[None]:
    """Have all that comes into queues heard at once, for as long as the block lasts."""
    stop = threading.Event()

    def listen(sqs: Any, queue_url: str) -> None:
        while not stop.is_set():
            # Nothing is deleted, which would take LocalStack's time: the queue goes with the run.
            messages = sqs.receive_message(
                QueueUrl=queue_url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=1,
                VisibilityTimeout=MAX_VISIBILITY_SECONDS,
            ).get("Messages", [])
            at = time.perf_counter()
            for message in messages:
                ears.hear(json.loads(message["Body"]), at)

    threads = [
        threading.Thread(target=listen, args=(boto3.client("sqs"), queue_url), daemon=True)
        for queue_url in queue_urls
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _news(message: Mapping[str, Any]) -> tuple[News, dict[str, Any]]:
    if message.get("Type") == "Notification":  # Every order of the benchmark has its own customer.
        told = {name: value["Value"] for name, value in message["MessageAttributes"].items()}
        return (told["userId"], told["status"]), told
    detail = message["detail"]
    if "executionArn" in detail:
        started_with = json.loads(detail["input"])
        return (started_with["detail"]["orderId"], detail["status"]), detail
    return (detail["orderId"], message["detail-type"]), detail
