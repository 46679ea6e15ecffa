"""Opens shops to test: each built and deployed for real, with listeners."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from .deployment import Stack, build, deploy
from .inbox import bus_listener, subscriber
from .orders import SOURCE
from .shop import Shop

LOOPBACK = {"127.0.0.1", "::1", "localhost", "localhost.localstack.cloud"}


def use_test_account() -> None:
    """Show an emulator on this machine the credentials that it takes, never the caller's own."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if urlsplit(endpoint).hostname not in LOOPBACK:
        return
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",  # pragma: allowlist secret
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


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
