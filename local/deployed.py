"""The stack that runs on this machine, for the scripts beside this one."""

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3

from coffee_shop import BARISTAS, STACK
from embedded_localstack import stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_dynamodb.type_defs import TableAttributeValueTypeDef

BARISTA = BARISTAS[0]
STACK_NAME = os.environ.get("AWS_SAM_STACK_NAME", STACK)


def outputs() -> dict[str, str]:
    """The stack's outputs; ends the script if there is no stack."""
    return {item["OutputKey"]: item["OutputValue"] for item in _stack()["Outputs"]}


def parameters() -> dict[str, str]:
    """The stack's parameters; ends the script if there is no stack."""
    return {item["ParameterKey"]: item["ParameterValue"] for item in _stack()["Parameters"]}


def require_open() -> None:
    """End the script if the store takes no orders: whoever closed it is not overruled."""
    _require(_config_item("config").get("open"), "The store is closed. Open it")


def require_no_orders() -> None:
    """End the script if drinks are in preparation."""
    slots = _config_item("reservations").get("reservations")
    _require(not slots, "Drinks are in preparation. Complete them")


def _require(holds: object, otherwise: str) -> None:
    if not holds:
        page = outputs()["CounterPageUrl"]
        raise SystemExit(f"{otherwise} on the barista's page, then try again: {page}")


def _config_item(key: str) -> "dict[str, TableAttributeValueTypeDef]":
    table = boto3.resource("dynamodb").Table(outputs()["ConfigTableName"])
    return table.get_item(Key={"PK": key}, ConsistentRead=True).get("Item", {})


@cache
def _stack() -> "StackTypeDef":
    found = stack.described(STACK_NAME)
    if found is None:
        raise SystemExit(f"The stack {STACK_NAME} is not deployed. Deploy it: make up")
    return found
