"""The AWS clients, made once for an execution environment and handed to who needs them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from orders.order_codes import OrderCodes
from orders.store import OrderStore
from orders.workflow import Workflow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_sns.client import SNSClient

# A call that failed is tried again at once. One without an answer may have been carried out, and a
# second SNS message can't be taken back: so it gets nearly all of the function's 10 seconds.
CONFIG = Config(
    connect_timeout=1, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3}
)


@cache
def dynamodb() -> DynamoDBServiceResource:
    return boto3.resource("dynamodb", config=CONFIG)


@cache
def order_store() -> OrderStore:
    return OrderStore(dynamodb(), os.environ["ORDER_TABLE"], os.environ["CONFIG_TABLE"])


@cache
def order_codes() -> OrderCodes:
    return OrderCodes(dynamodb(), os.environ["CONFIG_TABLE"])


@cache
def workflow() -> Workflow:
    client = boto3.client("stepfunctions", config=CONFIG)
    return Workflow(client, os.environ.get("ORDER_PROCESSOR", ""))  # Who looks for none has none.


@cache
def event_bus() -> EventBridgeClient:
    return boto3.client("events", config=CONFIG)


@cache
def sns() -> SNSClient:
    return boto3.client("sns", config=CONFIG)
