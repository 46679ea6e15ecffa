"""One order's story, as `make trace` tells it to operators and the counter's page to staff."""

import re

import pytest

from demo import MEANING
from harness.orders import Order
from harness.polling import until
from harness.shop import DeployedShop

from .commands import trace

# The order table and the customer hear of an end by two queues, so either may be first.
ENDED = ("customer told how it ended", " ended: ", "Order ended", "Nothing is off.")


def test_a_completed_orders_story(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    assert shop.get("/store/workflow").json()["states"]["Awaiting order completion"] == 1
    shop.click(order, "heartbeat", {"baristaId": "Marco"})
    shop.complete(order)

    told = until(
        f"story of {order}",
        lambda: trace(shop.stack_name, order.order_id).stdout,
        lambda told: all(text in told for text in ENDED),
    )

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
    assert f"{shop.outputs['WorkflowPageUrl']}#order={order.order_id}" in told
    sent = shop.get(f"/orders/{order.order_id}/execution")
    shown = sent.text + shop.get("/store/workflow").text
    token = shop.workflow.token(shop.item(order)["execution"])
    assert not [word for word in (order.user_id, "Julia", "Marco", token) if word in shown]
    execution = sent.json()
    assert execution["status"] == "succeeded"
    assert [entry["state"] for entry in execution["entries"]] == list(MEANING)
    moments = shop.get(f"/orders/{order.order_id}/history").json()["moments"]
    seen = [(moment["what"], moment.get("by")) for moment in moments]
    assert seen[0] == ("received", None)
    who = {("in preparation", None), ("prolonged", "Marco"), ("completed", "Julia")}
    assert {*who, ("ended", None), ("customer told how it ended", None)} <= set(seen)


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
