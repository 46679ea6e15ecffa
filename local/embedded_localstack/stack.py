"""Builds and deploys the stack with the SAM CLI, and opens the store."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import boto3

from embedded_localstack import updates
from embedded_localstack.checkout import ARCHITECTURE, ARTIFACT_BUCKET, REGION, Checkout
from embedded_localstack.problem import Problem

STACK: Final = "coffee-orders"

SOURCES: Final = ("template.yaml", "samconfig.toml", "uv.lock", "functions", "statemachine")
"""What is deployed, and with which SAM CLI."""


@contextmanager
def sam(checkout: Checkout, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the SAM CLI, for no longer than the block lasts; what it prints goes to a log.

    Raises Problem if it is not installed.
    """
    program = checkout.root / ".venv" / "bin" / "sam"
    if not program.exists():
        raise Problem(
            f"{program} is missing. Run `rm .venv/ready`, then your command again: make installs"
            " what is missing."
        )
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
        text = "\n".join(checkout.sam_log.read_text(errors="replace").splitlines()[-25:])
        raise Problem(f"{doing} failed.\n{text}\nThe whole log: {checkout.sam_log}")


def create_bucket() -> None:
    """Create the bucket that functions are deployed from, if it is not there."""
    s3 = boto3.client("s3")
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(
            Bucket=ARTIFACT_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )


def fingerprint(checkout: Checkout) -> str:
    """Sum up what decides about the stack: the sources, the SAM CLI's version, the parameters."""
    digest = sha256(json.dumps(_parameters(checkout)).encode())
    for source in SOURCES:
        for file in _files(checkout.root / source):
            summary = sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.relative_to(checkout.root)} {summary}\n".encode())
    return digest.hexdigest()


def note(checkout: Checkout, sources: str) -> None:
    """Keep what was deployed, for as long as this LocalStack lasts."""
    checkout.deployed_note.write_text(_note(sources))


def deployed(checkout: Checkout, sources: str) -> dict[str, str] | None:
    """Give the stack's outputs if it was deployed from these sources and is as it was then."""
    if not checkout.deployed_note.exists() or checkout.deployed_note.read_text() != _note(sources):
        return None
    return updates.outputs(STACK)


def deploy(checkout: Checkout, tell: Callable[[str], None]) -> dict[str, str]:
    """Deploy what was built, in place if the stack is there, and return the stack's outputs.

    Raises NotInPlace before anything has changed, or Problem if the deployment fails.
    """
    checkout.deployed_note.unlink(missing_ok=True)
    if updates.deployment(STACK):
        template = checkout.sam_files / "packaged.yaml"
        with sam(
            checkout,
            "package",
            *("--template-file", str(checkout.packages / "template.yaml")),
            *("--region", REGION, "--s3-bucket", ARTIFACT_BUCKET),
            *("--output-template-file", str(template)),
        ) as process:
            require_success(checkout, process, "Packing the functions")
        return updates.update(STACK, template.read_text(), _parameters(checkout), tell)
    with sam(
        checkout,
        "deploy",
        *("--template-file", str(checkout.packages / "template.yaml")),
        *("--stack-name", STACK, "--region", REGION, "--s3-bucket", ARTIFACT_BUCKET),
        "--parameter-overrides",
        *(f"{name}={value}" for name, value in _parameters(checkout).items()),
    ) as process:
        require_success(checkout, process, "Deploying the stack")
    return updates.outputs(STACK)


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


def _parameters(checkout: Checkout) -> dict[str, str]:
    return {
        "Architecture": ARCHITECTURE,
        "LocalStackEndpoint": checkout.endpoint,
        "OidcIssuer": checkout.issuer,
    }


def _files(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        yield source
    for folder, names, files in source.walk():
        names[:] = sorted({*names} - {"node_modules", "__pycache__"})
        yield from (folder / file for file in sorted(files))


def _note(sources: str) -> str:
    """The sources, and which deployment of which stack it was, whoever deploys after that."""
    return f"{sources} {updates.deployment(STACK)}\n"
