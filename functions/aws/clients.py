"""The AWS clients and the tables, made once for an execution environment."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from aws.config_table import ConfigTable
from aws.counter_index import CounterIndex
from aws.environment import Environment
from aws.event_bus import EventBus
from aws.numbers import Numbers
from aws.order_codes import OrderCodes
from aws.order_table import OrderTable
from aws.secret import make_secret
from aws.workflow import Workflow

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource
    from mypy_boto3_sns.client import SNSClient

# A call that failed is retried at once. A call without an answer may have been carried out, and a
# second SNS message can't be taken back, so it gets nearly all of the function's 10 seconds.
CONFIG = Config(
    connect_timeout=1, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3}
)


@cache
def dynamodb() -> DynamoDBServiceResource:
    return boto3.resource("dynamodb", config=CONFIG)


@cache
def order_table() -> OrderTable:
    return OrderTable(dynamodb(), Environment.read().order_table)


@cache
def counter_index() -> CounterIndex:
    return CounterIndex(dynamodb(), Environment.read().order_table)


@cache
def config_table() -> ConfigTable:
    return ConfigTable(dynamodb(), Environment.read().config_table)


@cache
def order_codes() -> OrderCodes:
    return OrderCodes(dynamodb(), Environment.read().config_table, order_table())


@cache
def numbers() -> Numbers:
    return Numbers(dynamodb(), Environment.read().config_table, order_table())


@cache
def session_secret() -> bytes:
    return make_secret(dynamodb().Table(Environment.read().config_table), "session-secret")


@cache
def workflow() -> Workflow:
    return Workflow(boto3.client("stepfunctions", config=CONFIG))


@cache
def event_bus(name: str) -> EventBus:
    return EventBus(boto3.client("events", config=CONFIG), name)


@cache
def sns() -> SNSClient:
    return boto3.client("sns", config=CONFIG)
