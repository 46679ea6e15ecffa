"""Executions that break at a bad moment: what is announced is what was decided, and said once."""

import pytest

from harness.orders import (
    COMPLETED,
    CREATED,
    FAILED,
    IN_PREPARATION,
    SOURCE,
    Order,
    attributes,
)
from tests.e2e.shop import DeployedShop
from tests.e2e.test_reconciler import reconcile, silenced

from .audit import NOT_NOTIFIED, audit
from .crowd import new_orders
from .figures import say
from .queues import Queues
from .switch import error, failing

JULIA = {"baristaId": "Julia"}


@pytest.mark.alarms("BrokenExecutionAlarm")
def test_a_drink_that_was_made_is_not_announced_as_failed(
    shop: DeployedShop, queues: Queues
) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    with failing(error("events", "InternalException", 500, "PutEvents")):
        assert shop.click(order, "complete", JULIA).status_code == 200
        shop.workflow.entered_one_of(execution, "Announce outcome")
        shop.workflow.stop(execution)

    assert shop.wait_for_event(order, COMPLETED)["resources"] == [execution]
    findings = audit(shop, queues, [order])
    findings.report("stopped before a made drink was announced", "1 stop")
    assert findings.counts() == {"ready for pickup": 1}
    assert shop.item(order)["baristaId"] == "Julia"


@pytest.mark.alarms("BrokenExecutionAlarm")
def test_an_order_that_broke_before_its_claim_is_not_made_by_a_repeat_of_its_event(
    shop: DeployedShop, queues: Queues
) -> None:
    order = Order()
    with queues.impatient(), failing(error("dynamodb", "InternalServerError", 500, "UpdateItem")):
        shop.place(order)
        (execution,) = shop.workflow.executions(order)
        shop.workflow.entered_one_of(execution, "Claim order")
        shop.workflow.stop(execution)
    shop.wait_for_message(order, "failed")

    shop.publish(CREATED, order.detail)
    _, repeat = sorted(shop.workflow.executions(order, at_least=2), key=execution.__ne__)

    assert "orderIgnored" in shop.workflow.output(repeat)
    assert shop.events_about(order, IN_PREPARATION) == []
    assert shop.wait_for_event(order, FAILED)["resources"] == [execution]
    findings = audit(shop, queues, [order])
    findings.report("an event again after its execution broke", "1 stop, 1 repeat")
    assert findings.counts() == {"failed": 1}

    before = shop.item(order)
    for detail_type, more in ((IN_PREPARATION, {}), (COMPLETED, JULIA | {"message": "Ready."})):
        # As if the execution had been redriven.
        shop.send_again(
            {
                "source": SOURCE,
                "detail-type": detail_type,
                "detail": order.detail | more,
                "resources": [execution],
            }
        )
    shop.logs.about("customer-notification", order, NOT_NOTIFIED)
    queues.run_empty()
    assert [attributes(message)["status"] for message in shop.messages_to(order)] == ["failed"]
    assert shop.item(order) == before
    say("An execution that goes on after its order's end: 2 events sent, 0 told to the customer")


@pytest.mark.alarms("BrokenExecutionAlarm", "FreedSlotAlarm")
def test_ends_that_were_not_reported_are_found(shop: DeployedShop, queues: Queues) -> None:
    broken, made, declined, untouched = (new_orders(2) for _ in range(4))
    orders = broken + made + declined + untouched
    executions = dict(zip(orders, shop.prepare(*orders), strict=True))
    with silenced(shop, "BrokenExecutionRule", "OrderTrackingRule", "CustomerNotificationRule"):
        for order in broken:
            shop.workflow.stop(executions[order])
        for order in made:
            assert shop.click(order, "complete", JULIA).status_code == 200
        for order in declined:
            answer = shop.click(order, "decline", JULIA | {"reason": "no milk"})
            assert answer.status_code == 200
        for order in broken + made + declined:
            shop.workflow.ended(executions[order])

    assert {shop.item(order)["status"] for order in orders} == {"in preparation"}
    for _ in range(3):  # As often as it likes: the first finds all, the others nothing.
        reconcile(shop)
    shop.complete(*untouched)

    findings = audit(shop, queues, orders)
    findings.report("ends that nobody heard of", "4 lost outcomes, 2 lost reports")
    assert findings.counts() == {"failed": 2, "ready for pickup": 4, "rejected": 2}
