"""A new workflow is deployed while orders wait: each goes on with the one that it began with.

On AWS that is documented of UpdateStateMachine, which running executions don't hear of, and of an
alias, whose executions keep the version that they began with:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
https://docs.aws.amazon.com/step-functions/latest/dg/execution-alias-version-associate.html
"""

from collections.abc import Iterator

import boto3
import pytest

from harness.deployment import Stack
from harness.orders import Order
from tests.e2e.deploying import deployed_shop
from tests.e2e.shop import DeployedShop

from .audit import audit
from .crowd import at_once, decided, new_orders, place_at_once
from .queues import Queues

HEARTBEAT_SECONDS = 40
"""Long enough to let twenty orders in, to deploy and to click; three orders wait for its end."""

JULIA = {"baristaId": "Julia"}


@pytest.fixture
def patient_shop(_built: None) -> Iterator[DeployedShop]:
    stack = Stack("faults-deployed", heartbeat_seconds=HEARTBEAT_SECONDS)
    with deployed_shop(stack) as shop:
        yield shop
        shop.close_up()


def deploy_workflow(arn: str) -> None:
    """Give the order another name in the workflow's data, as CloudFormation deploys a change.

    An execution that began before has the data under the old name: with the new definition it would
    break at the state after its wait, whatever becomes of the order.
    """
    stepfunctions = boto3.client("stepfunctions")
    definition = stepfunctions.describe_state_machine(stateMachineArn=arn)["definition"]
    changed = definition
    for name in ('"orderToCreate"', "$order", '"order":'):
        assert name in definition
        changed = changed.replace(name, name.replace("order", "other"))
    stepfunctions.update_state_machine(stateMachineArn=arn, definition=changed)


def name_of_order_in(shop: DeployedShop, order: Order) -> str:
    """What the order's execution calls the order in its data."""
    outputs = shop.workflow.state_outputs(shop.item(order)["execution"])
    return str(next(iter(outputs["Order created"])))


def test_orders_that_wait_end_by_the_workflow_that_they_began_with(
    patient_shop: DeployedShop,
) -> None:
    shop, queues = patient_shop, Queues(patient_shop.stack_name)
    shop.configure(capacity=30)
    waiting = new_orders(20)
    place_at_once(shop, waiting)
    let_in, _ = decided(shop, waiting)
    assert len(let_in) == 20

    deploy_workflow(shop.outputs["OrderProcessorArn"])
    later = new_orders(4)
    place_at_once(shop, later)
    assert len(decided(shop, later)[0]) == 4
    completed, declined, canceled, forgotten = (
        waiting[:8], waiting[8:13], waiting[13:17], waiting[17:],
    )  # fmt: skip
    at_once(lambda order: shop.click(order, "complete", JULIA), completed + later[:1])
    no_milk = JULIA | {"reason": "No milk."}
    at_once(lambda order: shop.click(order, "decline", no_milk), declined + later[1:2])
    at_once(shop.cancel, canceled + later[2:3])

    findings = audit(shop, queues, waiting + later)
    findings.report("a new workflow deployed while 20 orders wait")
    assert [findings.ends[order.order_id] for order in [*completed, *later[:1]]] == (
        ["ready for pickup"] * 9
    )
    assert [findings.ends[order.order_id] for order in [*declined, *later[1:2]]] == ["rejected"] * 6
    assert [findings.ends[order.order_id] for order in [*canceled, *later[2:3]]] == ["canceled"] * 5
    assert [findings.ends[order.order_id] for order in [*forgotten, *later[3:]]] == (
        ["timed out"] * 4
    )
    assert {name_of_order_in(shop, order) for order in waiting} == {"orderToCreate"}
    assert {name_of_order_in(shop, order) for order in later} == {"otherToCreate"}
    assert shop.reservations() == set()
