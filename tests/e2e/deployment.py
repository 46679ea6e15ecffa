"""Builds and deploys the stack under test as anybody would: with sam, from the real template."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "sam-artifacts"  # As in samconfig.toml.

# A stack in one of these states can't be updated.
_STUCK = {
    "CREATE_FAILED",
    "DELETE_FAILED",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_COMPLETE",
    "ROLLBACK_FAILED",
}


@dataclass(frozen=True)
class Stack:
    """A stack of the tests' own, so that the developer's is left alone."""

    suffix: str
    heartbeat_seconds: int = 900

    @property
    def name(self) -> str:
        return f"coffee-orders-{self.suffix}"

    @property
    def parameters(self) -> dict[str, str]:
        return {
            "EventBusName": f"sw-event-bus-{self.suffix}",
            "ConfigTableName": f"sw-config-table-{self.suffix}",
            "OrderTableName": f"sw-order-table-{self.suffix}",
            "HeartbeatSeconds": str(self.heartbeat_seconds),
            "LocalStackEndpoint": os.environ["AWS_ENDPOINT_URL"],
        }


def build() -> None:
    _sam("build")
    _make_bucket()


def deploy(stack: Stack) -> dict[str, str]:
    """Deploy what was built, or update what is there. Returns the stack's outputs."""
    _delete_if_stuck(stack.name)
    overrides = [f"{name}={value}" for name, value in stack.parameters.items()]
    _sam("deploy", "--stack-name", stack.name, "--parameter-overrides", *overrides)
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def _sam(command: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("sam")), command, "--config-env", "local", *arguments],
        cwd=ROOT,
        env={"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5"} | os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"sam {command} failed with {done.returncode}:\n{done.stdout}")


def _make_bucket() -> None:
    s3 = boto3.client("s3")
    try:
        s3.head_bucket(Bucket=BUCKET)
    except ClientError:
        s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )


def _delete_if_stuck(stack_name: str) -> None:
    cloudformation = boto3.client("cloudformation")
    try:
        (described,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError:
        return  # There is none.
    if described["StackStatus"] in _STUCK:
        cloudformation.delete_stack(StackName=stack_name)
        waiter = cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
