"""Builds and deploys the stack with the SAM CLI, and opens the store."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Final

import boto3

from embedded_localstack.checkout import ARCHITECTURE, REGION, Checkout
from embedded_localstack.problem import Problem

STACK: Final = "coffee-orders"
ARTIFACT_BUCKET: Final = "sam-artifacts"


@contextmanager
def sam(checkout: Checkout, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the SAM CLI, for no longer than the block lasts; what it prints goes to a log.

    Raises Problem if it is not installed.
    """
    program = checkout.root / ".venv" / "bin" / "sam"
    if not program.exists():
        raise Problem(f"{program} is missing: `uv sync` in {checkout.root}.")
    checkout.sam_files.mkdir(exist_ok=True)
    with checkout.sam_log.open("ab") as log:
        process = subprocess.Popen(
            [
                *(str(program), *arguments, "--config-env", "local"),
                # By itself sam looks for it next to the template, wherever that is.
                *("--config-file", str(checkout.root / "samconfig.toml")),
            ],
            cwd=checkout.root,
            env=checkout.sam_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # it has children, which end with it
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def build(checkout: Checkout) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Build the functions for this machine, for no longer than the block lasts."""
    folder = str(checkout.packages)
    override = f"Architecture={ARCHITECTURE}"
    return sam(checkout, "build", "--build-dir", folder, "--parameter-overrides", override)


def require_success(checkout: Checkout, process: subprocess.Popen[bytes], doing: str) -> None:
    """Wait for the SAM CLI; raise Problem with the end of its log if it fails."""
    if process.wait() != 0:
        lines = checkout.sam_log.read_text(errors="replace").splitlines()[-25:]
        text = "\n".join(lines)
        raise Problem(f"{doing} failed.\n{text}\nAll of it: {checkout.sam_log}")


def create_bucket() -> None:
    """Create the bucket that functions are deployed from, if it is not there."""
    s3 = boto3.client("s3")
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(
            Bucket=ARTIFACT_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )


def deploy(checkout: Checkout) -> dict[str, str]:
    """Deploy what was built, and return the stack's outputs. Raises Problem if that fails."""
    with sam(
        checkout,
        "deploy",
        *("--template-file", str(checkout.packages / "template.yaml")),
        *("--stack-name", STACK, "--region", REGION, "--s3-bucket", ARTIFACT_BUCKET),
        "--parameter-overrides",
        f"Architecture={ARCHITECTURE}",
        f"LocalStackEndpoint={checkout.endpoint}",
        f"OidcIssuer={checkout.issuer}",
    ) as process:
        require_success(checkout, process, "Deploying the stack")
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def open_store(config_table: str) -> bool:
    """Open the store unless it has a configuration already; return whether it had none."""
    dynamodb = boto3.client("dynamodb")
    try:
        dynamodb.put_item(
            TableName=config_table,
            Item={"PK": {"S": "config"}, "open": {"BOOL": True}},
            ConditionExpression="attribute_not_exists(PK)",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True
