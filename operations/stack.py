"""The stack that an operator's command works on, and what the commands have in common."""

from __future__ import annotations

import sys
import tomllib
from argparse import ArgumentParser
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

_PARAMETERS = tomllib.loads((Path(__file__).parents[1] / "samconfig.toml").read_text())["default"][
    "global"
]["parameters"]
REGION: str = _PARAMETERS["region"]


def add_stack_name(parser: ArgumentParser) -> None:
    parser.add_argument("--stack-name", default=_PARAMETERS["stack_name"])


def outputs(stack_name: str) -> dict[str, str]:
    """The outputs of a deployed stack. Raises ClientError or BotoCoreError."""
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def advice(stack_name: str) -> str:
    """What to check if the stack can't be reached."""
    return f"Is {stack_name} deployed in {REGION}, and are the credentials of its account set?"


def confirm(question: str, *, declined: str, unattended: str) -> None:
    """Return if the person at the terminal says yes, otherwise exit with status 1 and a text.

    ``unattended`` is the text where standard input is no terminal.
    """
    if sys.stdin is None or not sys.stdin.isatty():  # None if it is closed.
        sys.exit(unattended)
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        sys.exit(declined)


def reason(error: Exception) -> str:
    """Why a call failed. AWS's own message is left out, for it might quote personal data."""
    if not isinstance(error, ClientError):
        return str(error)
    code = error.response["Error"]["Code"]
    if code == "ExecutionDoesNotExist":
        return "Step Functions has deleted it (90 days after its end)"
    return f"{error.operation_name} failed ({code})"
