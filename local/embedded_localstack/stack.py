"""Builds and deploys the stack with the SAM CLI, and opens the store."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

import boto3

from embedded_localstack import updates
from embedded_localstack.checkout import ARTIFACT_BUCKET, REGION, Checkout
from embedded_localstack.problem import Problem
from embedded_localstack.sam import (
    ARCHITECTURE,
    build_arguments,
    deploy_arguments,
    emulator_parameters,
    sam,
)

STACK: Final = "coffee-orders"

SOURCES: Final = ("template.yaml", "samconfig.toml", "uv.lock", "functions", "statemachine")
"""What a deployment depends on; uv.lock has the version of the SAM CLI."""


@contextmanager
def run_sam(checkout: Checkout, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the SAM CLI during the block, with its output in a log.

    Raises Problem if it is not installed.
    """
    checkout.sam_files.mkdir(exist_ok=True)
    environment = checkout.sam_environment(os.environ)
    with (
        checkout.sam_log.open("ab") as log,
        sam(
            checkout.root, *arguments, environment=environment, files=checkout.sam_files, log=log
        ) as process,
    ):
        yield process


def build(checkout: Checkout) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Build the functions for this machine during the block."""
    return run_sam(checkout, *build_arguments(checkout.packages))


def require_success(checkout: Checkout, process: subprocess.Popen[bytes], doing: str) -> None:
    """Wait for the SAM CLI; raise Problem with the end of its log if it fails."""
    if process.wait() != 0:
        text = "\n".join(checkout.sam_log.read_text(errors="replace").splitlines()[-25:])
        raise Problem(f"{doing} failed.\n{text}\nThe whole log: {checkout.sam_log}")


def fingerprint(checkout: Checkout) -> str:
    """Return a hash of everything that the deployed stack depends on."""
    digest = sha256(json.dumps(_parameters(checkout)).encode())
    for source in SOURCES:
        for file in _files(checkout.root / source):
            summary = sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.relative_to(checkout.root)} {summary}\n".encode())
    return digest.hexdigest()


def note(checkout: Checkout, sources: str) -> None:
    """Note what was deployed; the note ends with this LocalStack."""
    checkout.deployed_note.write_text(_note(sources))


def deployed(checkout: Checkout, sources: str) -> dict[str, str] | None:
    """Return the stack's outputs if it was deployed from these sources and is unchanged."""
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
        with run_sam(
            checkout,
            "package",
            *("--template-file", str(checkout.packages / "template.yaml")),
            *("--region", REGION, "--s3-bucket", ARTIFACT_BUCKET),
            *("--output-template-file", str(template)),
        ) as process:
            require_success(checkout, process, "Packing the functions")
        return updates.update(STACK, template.read_text(), _parameters(checkout), tell)
    parameters = _parameters(checkout)
    arguments = deploy_arguments(checkout.packages, STACK, REGION, ARTIFACT_BUCKET, parameters)
    with run_sam(checkout, *arguments) as process:
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
        **emulator_parameters(checkout.endpoint, checkout.issuer),
    }


def _files(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        yield source
    for folder, names, files in source.walk():
        names[:] = sorted({*names} - {"node_modules", "__pycache__"})
        yield from (folder / file for file in sorted(files))


def _note(sources: str) -> str:
    """The sources and the id of the deployment, which another deployment changes."""
    return f"{sources} {updates.deployment(STACK)}\n"
