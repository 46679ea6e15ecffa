"""Executions that break at a bad moment: what is announced is what was decided, and said once."""

from tests.e2e.orders import COMPLETED, CREATED, FAILED, IN_PREPARATION, Order
from tests.e2e.shop import Shop

from .audit import audit
from .queues import Queues
from .switch import error, failing

JULIA = {"baristaId": "Julia"}


def test_a_drink_that_was_made_is_not_announced_as_failed(shop: Shop, queues: Queues) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    with failing(error("events", "InternalException", 500, "PutEvents")):
        assert shop.click(order, "complete", JULIA).status_code == 200
        shop.workflow.entered_one_of(execution, "Announce outcome")
        shop.workflow.stop(execution)

    assert shop.heard(order, COMPLETED)["resources"] == [execution]
    findings = audit(shop, queues, [order])
    findings.report("stopped before a made drink was announced", "1 stop")
    assert findings.counts() == {"ready for pickup": 1}
    assert shop.item(order)["baristaId"] == "Julia"


def test_an_order_that_broke_before_its_claim_is_not_made_by_a_repeat_of_its_event(
    shop: Shop, queues: Queues
) -> None:
    order = Order()
    with queues.impatient(), failing(error("dynamodb", "InternalServerError", 500, "UpdateItem")):
        shop.place(order)
        (execution,) = shop.workflow.executions(order)
        shop.workflow.entered_one_of(execution, "Claim order")
        shop.workflow.stop(execution)
    shop.told(order, "failed")

    shop.publish(CREATED, order.detail)
    _, repeat = sorted(shop.workflow.executions(order, at_least=2), key=execution.__ne__)

    assert "orderIgnored" in shop.workflow.output(repeat)
    assert shop.all_heard(order, IN_PREPARATION) == []
    assert shop.heard(order, FAILED)["resources"] == [execution]
    findings = audit(shop, queues, [order])
    findings.report("an event again after its execution broke", "1 stop, 1 repeat")
    assert findings.counts() == {"failed": 1}
