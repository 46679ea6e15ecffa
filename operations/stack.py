"""Finds the stack that an operator's command works on."""

from __future__ import annotations

import tomllib
from argparse import ArgumentParser
from pathlib import Path

import boto3

_PARAMETERS = tomllib.loads((Path(__file__).parents[1] / "samconfig.toml").read_text())["default"][
    "global"
]["parameters"]
REGION: str = _PARAMETERS["region"]
DEAD_LETTER_QUEUE = "DeadLetterQueueUrl"  # The suffix of the outputs that have their URLs.


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
