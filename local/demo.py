"""Sends one order through the stack and prints what happens, from the event to the pick-up.

Runs against the LocalStack at AWS_ENDPOINT_URL. The exit status is 0 only if the order was
completed with the output that the exercise asks for.
"""

import json
import random
import sys
from datetime import UTC, datetime
from typing import Any

import boto3
import requests

import deployed
from deployed import BARISTA
from harness.events import put_events
from harness.inbox import Inbox, subscriber
from harness.orders import CREATED, DELETED, SOURCE, Order
from sign_in import id_token

DEADLINE_SECONDS = 30

# What happens in each state that the order may pass on its way to pick-up.
MEANING = {
    "Is order valid?": "yes, it has an id, a customer and a drink",
    "Order created": "takes the order from the event",
    "Claim order": "records the order, so that a repeated event is ignored",
    "Get store info": "reads the store's configuration",
    "Is store open?": "yes",
    "Reserve capacity": "takes a free slot at the counter, in one conditional write",
    "Awaiting order completion": "pauses with a task token until a barista calls back",
    "Order completed": "a barista has called back",
    "Release capacity": "frees the slot",
    "Announce outcome": "sends OrderCompleted to the bus",
}


class Timeline:
    """Prints what happens, with the seconds since the order was sent."""

    def __init__(self) -> None:
        self.start = datetime.now(UTC)

    @property
    def seconds(self) -> float:
        return (datetime.now(UTC) - self.start).total_seconds()

    def show(self, who: str, what: str, at: datetime | None = None) -> None:
        seconds = (at - self.start).total_seconds() if at else self.seconds
        print(f"{seconds:6.2f} s  {who:<9} {what}", flush=True)


class DeployedStack:
    """What a customer, a barista and an operator do with the stack."""

    def __init__(self) -> None:
        self.outputs = deployed.outputs()
        self.events = boto3.client("events")
        self.stepfunctions = boto3.client("stepfunctions")
        self.orders = boto3.resource("dynamodb").Table(self.outputs["OrderTableName"])
        self.api = requests.Session()
        self.api.headers["Authorization"] = f"Bearer {id_token()}"

    def send(self, detail_type: str, detail: dict[str, str]) -> None:
        entry = {"Source": SOURCE, "DetailType": detail_type, "Detail": detail}
        put_events(self.events, self.outputs["EventBusName"], entry)

    def execution_of(self, order_id: str) -> str | None:
        item = self.orders.get_item(Key={"orderId": order_id}).get("Item", {})
        return str(item["execution"]) if "execution" in item else None

    def entered_states(self, execution: str) -> list[tuple[str, datetime]]:
        """The states that the execution has entered so far, each with the time."""
        history = self.stepfunctions.get_execution_history(executionArn=execution, maxResults=1000)
        return [
            (event["stateEnteredEventDetails"]["name"], event["timestamp"])
            for event in history["events"]
            if "stateEnteredEventDetails" in event
        ]

    def shows(self, order_id: str) -> bool:
        """Whether a barista sees the order."""
        answer = self.call("GET", "/orders", params={"status": "in preparation"})
        return order_id in [order["orderId"] for order in answer.json()["orders"]]

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.api.request(method, f"{self.outputs['ApiUrl']}{path}", timeout=10, **more)


def main() -> int:
    deployed.require_open()
    stack = DeployedStack()
    number = str(random.randint(10**9, 10**10 - 1))  # noqa: S311 - no secret
    order = Order(user_id="lars.roewekamp", order_id=number)
    print(f"\nOrder {order.order_id}: {order.drink} for {order.user_id}\n")
    filter_policy = {"userId": [order.user_id]}
    with subscriber(stack.outputs["CustomerTopicArn"], filter_policy) as inbox:
        try:
            output = follow(stack, order, inbox)
        except BaseException:  # An interrupted demo cancels its order, too.
            stack.send(DELETED, {"orderId": order.order_id})
            raise
    print("\nThe workflow's output:\n")
    print(json.dumps(output, indent=2, ensure_ascii=False))
    if output != expected(order):
        print("\nThis is not the output of a completed order.", file=sys.stderr)
        return 1
    print("\nThe order was completed.")
    return 0


def follow(stack: DeployedStack, order: Order, inbox: Inbox) -> Any:
    """Send the order, complete it, and print each step; return the workflow's output."""
    timeline = Timeline()
    stack.send(CREATED, order.detail)
    timeline.show("event", f"{stack.outputs['EventBusName']} gets OrderCreated")
    seen = 0
    told = 0
    clicked = False
    execution = None
    output = None
    while told < 2 or output is None:  # noqa: PLR2004 - in preparation, and ready
        if timeline.seconds > DEADLINE_SECONDS:
            raise SystemExit(
                f"The order was not completed within {DEADLINE_SECONDS} s: the workflow entered"
                f" {seen} states, the customer got {told} of 2 messages."
                " The log: .localstack/localstack.log"
            )
        execution = execution or stack.execution_of(order.order_id)
        if execution:
            states = stack.entered_states(execution)
            for name, entered in states[seen:]:
                timeline.show("workflow", f"{name:<27}{MEANING.get(name, '')}", entered)
            seen = len(states)
        messages = inbox.received()
        for message in messages[told:]:
            timeline.show("customer", f"gets the message: {message['Message']}")
        told = len(messages)
        if told and not clicked and stack.shows(order.order_id):
            timeline.show("barista", "sees the order: GET /orders?status=in preparation")
            path = f"/orders/{order.order_id}/complete"
            at = datetime.now(UTC)
            status = stack.call("POST", path, json={}).status_code
            timeline.show("barista", f"{BARISTA} completes it: POST {path} -> {status}", at)
            clicked = True
        if execution and output is None:
            ended = stack.stepfunctions.describe_execution(executionArn=execution)
            output = json.loads(ended["output"]) if ended["status"] == "SUCCEEDED" else None
            if ended["status"] not in ("RUNNING", "SUCCEEDED"):
                raise SystemExit(f"The execution is {ended['status']}: {ended.get('cause')}")
            if output is not None and not clicked:
                break  # The workflow rejected the order.
    return output


def expected(order: Order) -> dict[str, Any]:
    """The output that the exercise asks for."""
    return {
        "orderCompleted": {
            "displayMessage": f"Order with id {order.order_id} is ready for pick up.",
            "orderCreated": {
                "orderId": order.order_id,
                "orderStatus": "ready for pickup",
                "userId": order.user_id,
                "drink": order.drink,
                "baristaId": BARISTA,
            },
        }
    }


if __name__ == "__main__":
    sys.exit(main())
