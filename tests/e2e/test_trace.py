"""One order's story, as `make trace` tells it to operators and the counter's page to staff."""

import re
import subprocess

import boto3
import pytest

from harness.orders import COMPLETED, CREATED, Order
from harness.polling import until

from .capabilities import heartbeats_end, need
from .commands import operate
from .shop import DeployedShop
from .test_redrive import park

WELL = "Nothing is off."
# The order table and the customer hear of an end by two queues, so either may be first.
ENDED = ("customer was told how the order ended", " ended: ")


def trace(stack_name: str, order_id: str) -> subprocess.CompletedProcess[str]:
    """Run what `make trace` runs."""
    return operate("trace", stack_name, "--", order_id)


def traced(shop: DeployedShop, order: Order, *awaited: str) -> str:
    """The order's story, once all is in it that is awaited."""
    return until(
        f"story of {order} with {awaited}",
        lambda: trace(shop.stack_name, order.order_id).stdout,
        lambda told: all(text in told for text in awaited),
    )


def sources(told: str) -> set[str]:
    """The sources of a story's lines."""
    return set(re.findall(r"^2.*?  (workflow|table|log|notification|queue) ", told, re.MULTILINE))


def moments(shop: DeployedShop, order: Order) -> list[tuple[str, str | None]]:
    """What the staff's route says that happened, and who did it."""
    answer = shop.get(f"/orders/{order.order_id}/history")
    assert answer.status_code == 200, answer.text
    return [(moment["what"], moment.get("by")) for moment in answer.json()["moments"]]


def moments_with(shop: DeployedShop, order: Order, *awaited: str) -> list[tuple[str, str | None]]:
    return until(
        f"history of {order} with {awaited}",
        lambda: moments(shop, order),
        lambda seen: set(awaited) <= {what for what, _ in seen},
    )


def clear(shop: DeployedShop, queue: str, order: Order) -> None:
    """Take an order's event out of a dead-letter queue."""
    url, sqs = shop.outputs[f"{queue}DeadLetterQueueUrl"], boto3.client("sqs")
    (message,) = until(
        f"event of {order} in the dead-letter queue {queue}",
        lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []),
        bool,
    )
    assert order.order_id in message["Body"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


TOLD_END = "customer told how it ended"
TOLD_PREPARING = "customer told that it is in preparation"


def test_a_completed_orders_story(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    shop.click(order, "heartbeat", {"baristaId": "Marco"})
    shop.complete(order)

    told = traced(shop, order, *ENDED, "Order ended", WELL)

    assert sources(told) == {"workflow", "table", "log", "notification"}
    for text in (
        "Claim order: took",
        "Awaiting order completion: took",
        f"received: {order.drink} for {order.user_id}",
        "prolonged by Marco",
        "decided by Julia: completed",
        "customer_notification: Customer notified (status=ready for pickup)",
        "ExecutionSucceeded",
    ):
        assert text in told
    assert "Julia completed it, and the customer was told." in told
    times = re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", told, re.MULTILINE)
    assert times == sorted(times)
    seen = moments_with(shop, order, TOLD_END, TOLD_PREPARING)
    assert seen[0] == ("received", None)
    who = {("in preparation", None), ("prolonged", "Marco"), ("completed", "Julia")}
    assert {*who, ("ended", None)} <= set(seen)


def test_a_declined_orders_story(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    shop.click(order, "decline", {"baristaId": "Julia", "reason": "no milk"})
    told = traced(shop, order, *ENDED, WELL)
    assert "decided by Julia: declined (no milk)" in told
    assert "OrderDeclined: no milk" in told
    assert "ended: rejected, ERROR-104" in told
    assert ("declined", "Julia") in moments_with(shop, order, TOLD_END)


def test_the_story_of_an_order_that_was_canceled_early(shop: DeployedShop) -> None:
    order = Order()
    shop.cancel(order)
    shop.logs.about("order-cancellation", order, "Cancellation kept")
    shop.place(order)
    shop.wait_for_status(order, "canceled")
    told = traced(shop, order, *ENDED, WELL)
    early, received, ended = (
        told.index(text)
        for text in ("Cancellation kept until", "received: ", "ended: canceled, Your order")
    )
    assert early < received < ended
    assert moments_with(shop, order, TOLD_END)[0] == ("canceled", None)


def test_a_timed_out_orders_story(impatient_shop: DeployedShop) -> None:
    need(heartbeats_end)
    order = Order()
    impatient_shop.place(order)
    impatient_shop.wait_for_status(order, "timed out")
    told = traced(impatient_shop, order, *ENDED, WELL)
    assert "Awaiting order completion: TaskTimedOut" in told or "TaskFailed States." in told
    assert "Barista timed out" in told


def test_the_story_of_an_order_that_ran_again_by_hand_tells_both_runs(shop: DeployedShop) -> None:
    order = Order()
    (first,) = shop.prepare(order)
    shop.complete(order, barista="Julia")
    shop.wait_for_status(order, "ready for pickup")
    shop.logs.about("order-tracking", order, "Order ended")
    second = shop.order_by_hand(order)
    until("second run", lambda: shop.item(order), lambda item: item["execution"] == second)
    shop.wait_for_preparation(order)
    assert moments(shop, order)[0] == ("an earlier run was over", None)
    shop.complete(order, barista="Marco")
    shop.wait_for_status(order, "ready for pickup")
    told = traced(shop, order, "Marco completed it, and the customer was told.", WELL)
    for execution in (first, second):
        assert f"execution {execution.rpartition(':')[2]} started" in told
    assert told.count("customer was told how the order ended") == 2
    seen = moments_with(shop, order, TOLD_END)
    assert ("completed", "Julia") not in seen
    assert ("completed", "Marco") in seen


def test_a_story_that_begins_in_a_dead_letter_queue(shop: DeployedShop) -> None:
    order = Order()
    park(shop, "OrderCreated", CREATED, order.detail)

    told = traced(shop, order, "lies in the dead-letter queue OrderCreated")
    again = trace(shop.stack_name, order.order_id).stdout
    clear(shop, "OrderCreated", order)  # It was there as before.

    for story in (told, again):
        assert "The order table has no such order; an event of it lies" in story
        assert "! 1 of its events in the dead-letter queue OrderCreated" in story
        assert "make redrive" in story
    assert trace(shop.stack_name, order.order_id).returncode == 1


def test_an_order_whose_customer_was_not_told(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    shop.complete(order)
    park(shop, "CustomerNotification", COMPLETED, order.detail)
    told = traced(shop, order, "! 1 of its events in the dead-letter queue CustomerNotification")
    assert "OrderProcessor.OrderCompleted of this time lies" in told
    clear(shop, "CustomerNotification", order)
    traced(shop, order, WELL)


def test_an_unknown_order_says_so(shop: DeployedShop) -> None:
    told = trace(shop.stack_name, "no such order")
    assert told.returncode == 1
    assert told.stderr == (
        f"Nothing is known of an order no such order in {shop.stack_name}. Check its id.\n"
    )


@pytest.mark.parametrize("order_id", ["", "  "])
def test_who_names_no_order_is_told_how(shop: DeployedShop, order_id: str) -> None:
    told = trace(shop.stack_name, order_id)
    assert told.returncode == 1
    assert "make trace ORDER=" in told.stderr


def test_a_stack_that_is_not_there_is_named() -> None:
    told = trace("no-such-stack", "1")
    assert told.returncode == 1
    assert "Is no-such-stack deployed in eu-central-1" in told.stderr


def test_ended_orders_are_listed_latest_first(shop: DeployedShop) -> None:
    orders = [Order(), Order()]
    for order in orders:
        shop.prepare(order)
        shop.complete(order)
        shop.wait_for_status(order, "ready for pickup")
    answer = shop.get("/orders?status=ended")
    assert answer.status_code == 200, answer.text
    listed = [order["orderId"] for order in answer.json()["orders"]]
    assert listed[:2] == [order.order_id for order in reversed(orders)]
