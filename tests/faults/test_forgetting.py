"""Forgetting people goes on where it broke off."""

from typing import Any

from harness.orders import CREATED, Order
from harness.polling import until
from tests.e2e.shop import DeployedShop
from tests.e2e.test_forgetting import MONTH, OF_A_PERSON
from tests.e2e.test_reconciler import reconcile

from .audit import audit
from .crowd import new_orders
from .queues import Queues
from .switch import error, failed, failing

# As many as the SDK tries a call, so that the function gives up at the first order.
CALLS = 3


def test_personal_data_is_removed_on_the_next_run_after_a_failure(
    shop: DeployedShop, queues: Queues
) -> None:
    made, canceled, refused = new_orders(3), new_orders(2), [Order(drink=" "), Order(user_id="")]
    ended = made + canceled
    shop.prepare(*ended)
    shop.place(*refused)
    for order in canceled:
        shop.cancel(order)
    shop.complete(*made)
    findings = audit(shop, queues, [*ended, refused[0]])
    shop.wait_for_status(refused[1], "rejected")

    with (
        queues.impatient(),
        failing(error("dynamodb", "InternalServerError", 500, "UpdateItem", calls=CALLS)),
    ):
        reconcile(shop, MONTH)
        queues.run_empty()
        assert failed() == CALLS

    def look() -> list[dict[str, Any]]:
        """One look stops when its time runs short; the other tests' orders have ended before."""
        reconcile(shop, MONTH)
        queues.run_empty()
        return [shop.item(order) for order in ended + refused]

    items = until(
        "orders that are forgotten",
        look,
        lambda items: not any(OF_A_PERSON & item.keys() for item in items),
    )
    assert all({"orderId", "status", "endedAt"} <= item.keys() for item in items)
    runs = {order: len(shop.workflow.executions(order)) for order in ended}
    shop.publish(CREATED, *(order.detail for order in ended))
    for order in ended:
        shop.workflow.executions(order, at_least=runs[order] + 1)
    queues.run_empty()

    assert not any(OF_A_PERSON & shop.item(order).keys() for order in ended + refused)
    findings.report("forgotten after a month", f"{CALLS} failed calls, {len(ended)} repeats")
    assert findings.counts() == {"ready for pickup": 3, "canceled": 2, "rejected": 1}
