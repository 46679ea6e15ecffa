"""What a deployed shop writes into its logs."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3

from harness.orders import Order
from harness.polling import until

FUNCTIONS = (
    "barista-callback",
    "customer-notification",
    "order-cancellation",
    "order-tracking",
    "storefront",
)


class Logs:
    """The log groups of a stack."""

    def __init__(self, stack_name: str) -> None:
        self._stack_name = stack_name
        self._since = datetime.now(UTC)
        self._logs = boto3.client("logs")

    def lines(self, log_group: str, since: datetime | None = None) -> list[str]:
        """The lines in a log group of the stack since then, or since the tests began."""
        since = since or self._since
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=log_group, startTime=int(since.timestamp() * 1000)
        )
        return [event["message"] for page in pages for event in page["events"]]

    def groups(self) -> list[str]:
        pages = self._logs.get_paginator("describe_log_groups").paginate()
        names = [group["logGroupName"] for page in pages for group in page["logGroups"]]
        wanted = {f"/aws/lambda/{self._stack_name}-{function}" for function in FUNCTIONS}
        wanted.add(f"/aws/vendedlogs/states/{self._stack_name}-OrderProcessor")
        assert wanted <= set(names), names
        return sorted(wanted)

    def about(self, function: str, order: Order, text: str) -> dict[str, Any]:
        """The line with that text that a function logs about an order."""

        def wanted(lines: list[str]) -> list[dict[str, Any]]:
            parsed = (json.loads(line) for line in lines if order.order_id in line)
            return [line for line in parsed if text in line["message"]]

        log_group = f"/aws/lambda/{self._stack_name}-{function}"
        lines = until(
            f"'{text}' about {order} in the log of {function}",
            lambda: [line for line in self.lines(log_group) if order.order_id in line],
            wanted,
        )
        return wanted(lines)[0]
