"""The stack that runs on this machine, for the scripts beside this one."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_dynamodb.type_defs import TableAttributeValueTypeDef

STACK = "coffee-orders"
BARISTA = "Julia"


def outputs() -> dict[str, str]:
    """The stack's outputs; ends the script if there is no stack."""
    return {item["OutputKey"]: item["OutputValue"] for item in _stack()["Outputs"]}


def parameters() -> dict[str, str]:
    """The stack's parameters; ends the script if there is no stack."""
    return {item["ParameterKey"]: item["ParameterValue"] for item in _stack()["Parameters"]}


def require_open() -> None:
    """End the script if the store takes no orders: whoever closed it is not overruled."""
    if not _config_item("config").get("open"):
        page = outputs()["CounterPageUrl"]
        raise SystemExit(
            f"The store is closed. Open it on the barista's page, then try again: {page}"
        )


def require_no_orders() -> None:
    """End the script if drinks are in preparation."""
    if "reservations" in _config_item("reservations"):
        page = outputs()["CounterPageUrl"]
        raise SystemExit(
            f"Drinks are in preparation. Complete them on the barista's page first: {page}"
        )


def _config_item(key: str) -> "dict[str, TableAttributeValueTypeDef]":
    table = boto3.resource("dynamodb").Table(outputs()["ConfigTableName"])
    return table.get_item(Key={"PK": key}, ConsistentRead=True).get("Item", {})


@cache
def _stack() -> "StackTypeDef":
    try:
        (stack,) = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise SystemExit(f"The stack {STACK} is not deployed. Deploy it: make up") from None
    return stack
