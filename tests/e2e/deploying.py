"""Opens shops to test: each built and deployed for real, with listeners."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest

from harness.aws import ON_AWS, is_deployed
from harness.deployment import Stack, build, deploy
from harness.orders import SOURCE
from harness.shop import DeployedShop, listening
from operations.stack import outputs

SHOP = Stack("e2e")


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
    with listening(stack.name, made) as shop:
        if ON_AWS:
            _stop_schedule(stack)
            shop.bus.hears_from_now_on(made["EventBusName"], SOURCE)
        shop.open()
        yield shop


def _stop_schedule(stack: Stack) -> None:
    """Leave the reconciler's schedule to the tests, which are quicker than it on an emulator."""
    described = boto3.client("cloudformation").describe_stack_resource(
        StackName=stack.name, LogicalResourceId="ReconcilerRule"
    )
    rule = described["StackResourceDetail"]["PhysicalResourceId"]
    boto3.client("events").disable_rule(Name=rule)
