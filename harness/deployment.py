"""Builds and deploys a stack with sam, from the project's template, on an emulator."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import boto3

from coffee_shop import emulator_parameters
from embedded_localstack.locks import exclusive
from embedded_localstack.sam import (
    ARCHITECTURE,
    build_arguments,
    create_bucket,
    deploy_arguments,
    sam,
)
from harness.aws import ON_AWS, prefix
from operations.stack import outputs

ROOT = Path(__file__).resolve().parents[1]
# An emulator that runs functions as processes of this machine sets it; others run Lambda's Linux.
_HERE = "FUNCTIONS_RUN_HERE" in os.environ
PACKAGES = ROOT / (".localstack/functions/build" if _HERE else ".aws-sam/build")
# sam waits forever for a stack whose update LocalStack has rolled back.
SAM_SECONDS = 180
BUCKET = "sam-artifacts"  # As in samconfig.toml.
# Held while something is built or deployed in this checkout, as embedded_localstack does.
BUILD_LOCK = ROOT / ".localstack" / "build.lock"


@dataclass(frozen=True)
class Stack:
    """A stack under a name of its own, which leaves the developer's stack alone."""

    suffix: str
    issuer: str = ""

    @property
    def name(self) -> str:
        return f"{prefix()}-{self.suffix}"

    @property
    def parameters(self) -> dict[str, str]:
        own = self.name.removeprefix("coffee-orders-")
        return {
            "EventBusName": f"sw-event-bus-{own}",
            "ConfigTableName": f"sw-config-table-{own}",
            "OrderTableName": f"sw-order-table-{own}",
            "Architecture": ARCHITECTURE,
            "OidcIssuer": self.issuer,
            **({} if ON_AWS else emulator_parameters(os.environ["AWS_ENDPOINT_URL"], self.issuer)),
        }


def build(log: int | None = subprocess.PIPE) -> None:
    """Build the functions. sam prints to ``log``, to this terminal if that is None."""
    _sam(build_arguments(PACKAGES, {"Architecture": ARCHITECTURE}), log)
    create_bucket(BUCKET, region())


def deploy(stack: Stack, log: int | None = subprocess.PIPE) -> dict[str, str]:
    """Deploy what was built, and delete an older stack of this name first. Returns the outputs."""
    delete(stack.name)
    _sam(deploy_arguments(PACKAGES, stack.name, region(), BUCKET, stack.parameters), log)
    return outputs(stack.name)


def region() -> str:
    return str(boto3.session.Session().region_name)


def _sam(arguments: list[str], log: int | None) -> None:
    poll_delay = {"SAM_CLI_POLL_DELAY": "0.5"}
    try:
        with (
            exclusive(BUILD_LOCK),
            tempfile.TemporaryDirectory() as folder,
            sam(
                ROOT, *arguments, environment=poll_delay | os.environ, files=Path(folder), log=log
            ) as process,
        ):
            output, _ = process.communicate(timeout=SAM_SECONDS)
    except subprocess.TimeoutExpired as error:
        text = (error.output or b"").decode()
        raise RuntimeError(f"sam {arguments[0]} did not end in {SAM_SECONDS} s:\n{text}") from error
    if process.returncode:
        text = (output or b"").decode()
        raise RuntimeError(f"sam {arguments[0]} failed with {process.returncode}:\n{text}")


def delete(stack_name: str) -> None:
    """Delete a stack: LocalStack's updates skip some resources, such as rules."""
    cloudformation = boto3.client("cloudformation")
    cloudformation.delete_stack(StackName=stack_name)
    waiter = cloudformation.get_waiter("stack_delete_complete")
    delay, most = (10, 180) if ON_AWS else (1, 60)
    waiter.wait(StackName=stack_name, WaiterConfig={"Delay": delay, "MaxAttempts": most})
