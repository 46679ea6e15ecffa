"""Opens shops to test: each built and deployed for real, with listeners."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .deployment import Stack, build, deploy
from .inbox import bus_listener, subscriber
from .orders import SOURCE
from .shop import Shop


def build_for_localstack() -> None:
    """Build what is deployed, unless there is nothing to deploy it to."""
    if not os.environ.get("AWS_ENDPOINT_URL"):
        pytest.fail(
            "AWS_ENDPOINT_URL is not set, so there is no LocalStack to test on:"
            " run make localstack-test or make test-faults.",
            pytrace=False,
        )
    build()


@contextmanager
def opened(stack: Stack) -> Iterator[Shop]:
    # One after the other: LocalStack's SAM transform of one stack takes the region away from
    # that of another (AWS_DEFAULT_REGION in its own process's environment).
    outputs = deploy(stack)
    with (
        bus_listener(outputs["EventBusName"], {"source": [SOURCE]}) as bus,
        subscriber(outputs["CustomerTopicArn"]) as customers,
    ):
        shop = Shop(stack.name, outputs, bus, customers)
        shop.open()
        yield shop
