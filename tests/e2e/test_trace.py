"""One order's story, as `make trace` tells it to operators and the counter's page to staff."""

import re

import pytest

from harness.orders import CREATED, Order
from harness.polling import until

from .commands import park, trace, unpark
from .shop import DeployedShop

WELL = "Nothing is off."
TOLD_END = "customer told how it ended"
TOLD_PREPARING = "customer told that it is in preparation"
# The order table and the customer hear of an end by two queues, so either may be first.
ENDED = (TOLD_END, " ended: ")


def traced(shop: DeployedShop, order: Order, *awaited: str) -> str:
    """The order's story, once all is in it that is awaited."""
    return until(
        f"story of {order} with {awaited}",
        lambda: trace(shop.stack_name, order.order_id).stdout,
        lambda told: all(text in told for text in awaited),
    )


def history(shop: DeployedShop, order: Order, *awaited: str) -> list[tuple[str, str | None]]:
    """What the staff's route says that happened, and who did it, once it has what is awaited."""

    def moments() -> list[tuple[str, str | None]]:
        answer = shop.get(f"/orders/{order.order_id}/history")
        assert answer.status_code == 200, answer.text
        return [(moment["what"], moment.get("by")) for moment in answer.json()["moments"]]

    return until(
        f"history of {order} with {awaited}",
        moments,
        lambda seen: set(awaited) <= {what for what, _ in seen},
    )


def test_a_completed_orders_story(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    shop.click(order, "heartbeat", {"baristaId": "Marco"})
    shop.complete(order)

    told = traced(shop, order, *ENDED, "Order ended", WELL)

    sources = set(re.findall(r"^2.*?  (workflow|table|log) ", told, re.MULTILINE))
    assert sources == {"workflow", "table", "log"}
    for text in (
        "Claim order: took",
        "Awaiting order completion: took",
        f"received: {order.drink} for {order.user_id}",
        "prolonged by Marco",
        "completed by Julia",
        "customer_notification: Customer notified (status=ready for pickup)",
        ": ExecutionSucceeded",
    ):
        assert text in told
    assert "ago: Julia completed it." in told
    times = re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", told, re.MULTILINE)
    assert times == sorted(times)
    seen = history(shop, order, TOLD_END, TOLD_PREPARING)
    assert seen[0] == ("received", None)
    who = {("in preparation", None), ("prolonged", "Marco"), ("completed", "Julia")}
    assert {*who, ("ended", None)} <= set(seen)


def test_the_story_of_an_order_that_ran_again_by_hand_tells_both_runs(shop: DeployedShop) -> None:
    order = Order()
    (first,) = shop.prepare(order)
    shop.complete(order, barista="Julia")
    shop.wait_for_status(order, "ready for pickup")
    shop.logs.about("order-tracking", order, "Order ended")
    second = shop.order_by_hand(order)
    until("second run", lambda: shop.item(order), lambda item: item["execution"] == second)
    shop.wait_for_preparation(order)
    assert history(shop, order)[0] == ("an earlier run was over", None)
    shop.complete(order, barista="Marco")
    shop.wait_for_status(order, "ready for pickup")
    seen = history(shop, order, TOLD_END)
    told = traced(shop, order, "ago: Marco completed it.", WELL)
    for execution in (first, second):
        assert f"execution {execution.rpartition(':')[2]}: ExecutionStarted" in told
    assert told.count(TOLD_END) == 2
    assert ("completed", "Julia") not in seen
    assert ("completed", "Marco") in seen


def test_a_story_that_begins_in_a_dead_letter_queue(shop: DeployedShop) -> None:
    order = Order()
    park(shop, "OrderCreated", CREATED, order.detail)

    traced(shop, order, "lies in the dead-letter queue OrderCreated")
    again = trace(shop.stack_name, order.order_id)
    unpark(shop, "OrderCreated", order)  # It was there as before.

    assert "The order table has no such order." in again.stdout
    assert "! 1 of its events in the dead-letter queue OrderCreated" in again.stdout
    assert "make redrive" in again.stdout
    assert trace(shop.stack_name, order.order_id).returncode == 1


@pytest.mark.parametrize(
    ("order_id", "said"),
    [
        ("no such order", "Nothing is known of an order no such order in {stack}. Check its id."),
        ("  ", "Say which order: make trace ORDER=…, with the id that its event carries."),
    ],
)
def test_who_names_no_order_is_told_so(shop: DeployedShop, order_id: str, said: str) -> None:
    told = trace(shop.stack_name, order_id)
    assert told.returncode == 1
    assert told.stderr == f"{said.format(stack=shop.stack_name)}\n"
