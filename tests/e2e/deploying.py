"""Opens shops to test: each built and deployed for real, with listeners."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import boto3
import pytest

from harness.aws import ON_AWS, is_deployed
from harness.deployment import Stack, build, deploy
from harness.inbox import bus_listener, subscriber
from harness.orders import SOURCE
from operations.stack import outputs

from .shop import DeployedShop

SHOP = Stack("e2e")
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
    """Build what is deployed, unless there is nothing to deploy it to, or it is there."""
    if is_deployed():
        return
    if ON_AWS:
        pytest.fail(
            "AWS_ENDPOINT_URL is not set, so there is no LocalStack to test on:"
            " run make localstack-test or make test-faults, and make aws-check for AWS.",
            pytrace=False,
        )
    build()


@contextmanager
def deployed_shop(stack: Stack) -> Iterator[DeployedShop]:
    # One after the other: LocalStack's SAM transform of one stack takes the region away from
    # that of another (AWS_DEFAULT_REGION in its own process's environment).
    made = outputs(stack.name) if is_deployed() else deploy(stack)
    with (
        bus_listener(made["EventBusName"], {"source": [SOURCE]}) as bus,
        subscriber(made["CustomerTopicArn"]) as customers,
    ):
        if ON_AWS:
            _stop_schedule(stack)
            bus.hears_from_now_on(made["EventBusName"], SOURCE)
        shop = DeployedShop(stack.name, made, bus, customers)
        shop.open()
        yield shop


def _stop_schedule(stack: Stack) -> None:
    """Leave the reconciler's schedule to the tests, which are quicker than it on an emulator."""
    described = boto3.client("cloudformation").describe_stack_resource(
        StackName=stack.name, LogicalResourceId="ReconcilerRule"
    )
    rule = described["StackResourceDetail"]["PhysicalResourceId"]
    boto3.client("events").disable_rule(Name=rule)
