"""A new workflow is deployed while orders wait: each goes on with the one that it began with.

On AWS that is documented of UpdateStateMachine, which running executions don't hear of, and of an
alias, whose executions keep the version that they began with:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
https://docs.aws.amazon.com/step-functions/latest/dg/execution-alias-version-associate.html
"""

from harness.ledger import audit
from harness.orders import Order
from harness.queues import Queues
from harness.shop import DeployedShop

from .crowd import at_once, decided, new_orders, place_at_once

HEARTBEAT_SECONDS = 40
"""Long enough to let twenty orders in, to deploy and to click; four orders wait for its end."""

JULIA = {"baristaId": "Julia"}
NO_MILK = JULIA | {"reason": "No milk."}


def renamed(definition: str) -> str:
    """The definition with another name for the order in its data.

    An execution that began before has the data under the old name: with this definition it would
    break at the state after its wait, whatever becomes of the order.
    """
    for name in ('"orderToCreate"', "'orderToCreate'", "$order", '"order":'):
        definition = definition.replace(name, name.replace("order", "other"))
    return definition


def name_of_order_in(shop: DeployedShop, order: Order) -> str:
    """What the order's execution calls the order in its data."""
    outputs = shop.workflow.state_outputs(shop.item(order)["execution"])
    return str(next(iter(outputs["Order created"])))


def test_orders_that_wait_end_by_the_workflow_that_they_began_with(
    shop: DeployedShop, queues: Queues
) -> None:
    shop.configure(capacity=30)
    waiting, later = new_orders(20), new_orders(4)
    with shop.workflow.impatient(HEARTBEAT_SECONDS):
        place_at_once(shop, waiting)
        assert len(decided(shop, waiting)[0]) == 20
        with shop.workflow.redefined(renamed):
            place_at_once(shop, later)
            assert len(decided(shop, later)[0]) == 4

            ends = {
                "ready for pickup": waiting[:8] + later[:1],
                "rejected": waiting[8:13] + later[1:2],
                "canceled": waiting[13:17] + later[2:3],
                "timed out": waiting[17:] + later[3:],
            }
            at_once(lambda order: shop.click(order, "complete", JULIA), ends["ready for pickup"])
            at_once(lambda order: shop.click(order, "decline", NO_MILK), ends["rejected"])
            at_once(shop.cancel, ends["canceled"])
            findings = audit(shop, queues, waiting + later)
    findings.report("a new workflow deployed while 20 orders wait")
    assert findings.ends == {order.order_id: end for end in ends for order in ends[end]}
    assert {name_of_order_in(shop, order) for order in waiting} == {"orderToCreate"}
    assert {name_of_order_in(shop, order) for order in later} == {"otherToCreate"}
