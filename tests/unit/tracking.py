"""order_tracking, called as its queue calls it."""

from typing import Any

from order_tracking.handler import handler
from tests.unit.events import Context, make_event, sqs_batch


def follow(*events: Any) -> dict[str, Any]:
    answer: dict[str, Any] = handler(sqs_batch(*events), Context())
    return answer


def ended(detail_type: str = "OrderCompleted", **changes: Any) -> dict[str, Any]:
    return make_event(f"OrderProcessor.{detail_type}", **changes)
