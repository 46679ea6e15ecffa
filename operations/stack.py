"""Finds the stack that an operator's command works on."""

from __future__ import annotations

import tomllib
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

import boto3

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


def dead_letter_queues(outputs: Mapping[str, str]) -> dict[str, str]:
    """The URL of each dead-letter queue, by the name of what leaves messages there."""
    suffix = "DeadLetterQueueUrl"
    return {
        output.removesuffix(suffix): url
        for output, url in sorted(outputs.items())
        if output.endswith(suffix)
    }


def advice(stack_name: str) -> str:
    """What to check if the stack can't be reached."""
    return f"Is {stack_name} deployed in {REGION}, and are the credentials of its account set?"
