"""Events about one order, as the functions get them."""

import json
from dataclasses import dataclass
from typing import Any

from tests.contracts.definitions import states

STATE_MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:coffee-orders-OrderProcessor"
EXECUTIONS = STATE_MACHINE.replace("stateMachine", "execution")
RUN, ANOTHER_RUN = f"{EXECUTIONS}:first", f"{EXECUTIONS}:second"
ORDER_ID, USER_ID, DRINK = "1234567890", "lars.roewekamp", "Americano grande latte"
NAME = "Ada"
# Every token of a test holds this, so that whatever is printed can be searched for it.
SECRET = "a-secret-of-step-functions"  # noqa: S105 (of no account)  # pragma: allowlist secret
TOKEN = f"AQB8{SECRET}"
RECEIVED_AT, NOW = "2026-03-02T08:15:00.000Z", "2026-03-02T08:20:00.000Z"


@dataclass
class Context:
    """What the handlers look at in Lambda's context."""

    function_name: str = "function-of-a-test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:123456789012:function:of-a-test"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"
    remaining_millis: int = 10_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_millis


def make_event(
    detail_type: str,
    *,
    order_id: Any = ORDER_ID,
    run: str | None = RUN,
    event_id: str = "0f4c9a3e-5d21-4c0b-8a67-91be3f2d7c05",
    **detail: Any,
) -> dict[str, Any]:
    """An event of the bus. ``run`` None stands for the order service as the sender."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": detail_type,
        "source": "ok.serverlessworkshop",
        "account": "123456789012",
        "time": "2026-03-02T08:15:02Z",
        "region": "eu-central-1",
        "resources": [STATE_MACHINE, run] if run else [],
        "detail": {"orderId": order_id, "userId": USER_ID, "drink": DRINK} | detail,
    }


def waiting_event(
    order_id: str = ORDER_ID,
    run: str = RUN,
    token: str = TOKEN,
    attempt: int = 0,
    since: str = "2026-03-02T08:15:01.874Z",
) -> dict[str, Any]:
    message = states()["Awaiting order completion"]["Arguments"]["Entries"][0]["Detail"]["Message"]
    return make_event(
        "OrderProcessor.WaitingCompletion",
        order_id=order_id,
        run=run,
        TaskToken=token,
        attempt=attempt,
        since=since,
        Message=message,
    )


def with_a_long_number(event: Any) -> str:
    """The event in JSON, with an integer that Python's own reader refuses where it says LONG."""
    return json.dumps(event).replace('"LONG"', "9" * 5000)


def sqs_batch(*events: Any) -> dict[str, Any]:
    """A batch of SQS messages, with the ids message-0, message-1 and so on."""
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "handle",
                "body": event if isinstance(event, str) else json.dumps(event),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:queue-of-a-test",
                "awsRegion": "eu-central-1",
            }
            for number, event in enumerate(events)
        ]
    }


def batch_failures(*numbers: int) -> dict[str, Any]:
    """The answer that has SQS deliver these messages of a batch again."""
    return {"batchItemFailures": [{"itemIdentifier": f"message-{number}"} for number in numbers]}
