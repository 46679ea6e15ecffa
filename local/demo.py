"""Sends one order through the stack and prints what happens, from the event to the pick-up.

Runs against the LocalStack at AWS_ENDPOINT_URL. The exit status is 0 only if the order was
completed with the output that the exercise asks for.
"""

import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import deployed
from deployed import BARISTA
from harness.orders import Order
from harness.shop import DeployedShop, listening
from sign_in import id_token

ROOT = Path(__file__).parents[1]
DEADLINE = timedelta(seconds=30)

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


def main() -> int:
    deployed.require_open()
    number = str(random.randint(10**9, 10**10 - 1))  # noqa: S311 - no secret
    order = Order(user_id="lars.roewekamp", order_id=number)
    print(f"\nOrder {order.order_id}: {order.drink} for {order.user_id}\n")
    with listening(deployed.STACK_NAME, deployed.outputs()) as shop:
        shop.sign_in(id_token())
        try:
            output = follow(shop, order)
        except BaseException:  # An interrupted demo cancels its order, too.
            shop.cancel(order)
            raise
    print("\nThe workflow's output:\n")
    print(json.dumps(output, indent=2, ensure_ascii=False))
    if output != expected(order):
        print("\nThis is not the output of a completed order.", file=sys.stderr)
        return 1
    print("\nThe order was completed.")
    if (ROOT / ".localstack/server/stay").exists():  # After make up the stack runs on.
        print(f"See its way: {shop.outputs['WorkflowPageUrl']}#order={order.order_id}")
    return 0


def show(start: datetime, who: str, what: str, at: datetime | None = None) -> None:
    """Print what happened, now or then, with the seconds since the start."""
    seconds = ((at or datetime.now(UTC)) - start).total_seconds()
    print(f"{seconds:6.2f} s  {who:<9} {what}", flush=True)


def follow(shop: DeployedShop, order: Order) -> Any:
    """Send the order, complete it, and print each step; return the workflow's output."""
    start = datetime.now(UTC)
    shop.place(order)
    show(start, "event", f"{shop.outputs['EventBusName']} gets OrderCreated")
    seen = 0
    told = 0
    clicked = False
    execution = None
    output = None
    while told < 2 or output is None:  # noqa: PLR2004 - in preparation, and ready
        if datetime.now(UTC) - start > DEADLINE:
            raise SystemExit(
                f"The order was not completed within {DEADLINE.seconds} s: the workflow entered"
                f" {seen} states, the customer got {told} of 2 messages."
                " The log: .localstack/localstack.log"
            )
        execution = execution or shop.item(order).get("execution")
        if execution:
            states = shop.workflow.entered(execution)
            for name, entered in states[seen:]:
                show(start, "workflow", f"{name:<27}{MEANING.get(name, '')}", entered)
            seen = len(states)
        messages = shop.messages_to(order)
        for message in messages[told:]:
            show(start, "customer", f"gets the message: {message['Message']}")
        told = len(messages)
        if told and not clicked and order.order_id in shop.counter():
            show(start, "barista", "sees the order: GET /orders?status=in preparation")
            path = f"/orders/{order.order_id}/complete"
            at = datetime.now(UTC)
            status = shop.click(order, "complete", {}).status_code
            show(start, "barista", f"{BARISTA} completes it: POST {path} -> {status}", at)
            clicked = True
        if execution and output is None:
            ended = shop.workflow.described(execution)
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
