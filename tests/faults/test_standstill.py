"""Something does not happen any more: nobody looks after an order, nothing calls a function."""

from datetime import timedelta

import boto3
import pytest
from botocore.config import Config

from harness.faults import error, failing
from harness.ledger import audit
from harness.orders import WAITING, Order
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop
from tests.e2e.commands import reconcile, silenced
from tests.metrics import Metric

from .crowd import new_orders
from .watch import Watch

JULIA = {"baristaId": "Julia"}


@pytest.mark.alarms("UnattendedOrderAlarm")
def test_nobody_looks_after_an_order(shop: DeployedShop, queues: Queues) -> None:
    order = Order()
    shop.prepare(order)
    reconcile(shop, timedelta(minutes=14))  # A minute before it times out.
    queues.run_empty()
    shop.complete(order)


def test_the_reconciler_does_not_run(shop: DeployedShop, queues: Queues, watch: Watch) -> None:
    with silenced(shop, "ReconcilerRule"):
        queues.run_empty()
        fault = "the reconciler does not run"
        with watch.fault(fault, ["NoReconcilerAlarm"], lasting=True, reconciled=False):
            order = Order()
            shop.prepare(order)
            shop.complete(order)
            queues.run_empty()


@pytest.mark.alarms("BrokenExecutionAlarm", "FreedSlotAlarm")
def test_nobody_hears_of_ends(shop: DeployedShop, queues: Queues) -> None:
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


@pytest.mark.alarms("BrokenExecutionAlarm")
def test_nobody_hears_of_a_run_that_broke_before_it_had_its_order(
    shop: DeployedShop, queues: Queues
) -> None:
    order = Order()
    claims_fail = error("dynamodb", "InternalServerError", 500, "UpdateItem")
    with silenced(shop, "BrokenExecutionRule"), failing(claims_fail):
        shop.place(order)
        ((execution, _),) = until(
            f"execution of {order}",
            lambda: [run for run in shop.workflow.started() if run[1] == order.order_id],
            bool,
        )
        shop.workflow.stop(execution)
        shop.workflow.ended(execution)
    assert shop.item(order) == {}

    for _ in range(2):
        reconcile(shop)

    findings = audit(shop, queues, [order])
    findings.report("broken before its claim, and nobody heard", "1 lost report")
    assert findings.counts() == {"failed": 1}


def test_a_function_is_throttled_for_as_many_receives_as_six_minutes_have(
    shop: DeployedShop, queues: Queues
) -> None:
    """The task token is still in the queue after them, and no message is parked."""
    order = Order()
    name = f"{shop.stack_name}-order-tracking"
    functions = boto3.client("lambda")
    with queues.impatient(tries=None):
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        try:
            shop.place(order)
            shop.wait_for_event(order, WAITING)
            until("six receives", queues.receives, lambda count: count > 6, within=150)
        finally:
            functions.delete_function_concurrency(FunctionName=name)
        shop.wait_for_preparation(order)
        shop.complete(order)
    audit(shop, queues, [order]).report("throttled for six receives and more")


@pytest.mark.alarms("OldMessageAlarm", lasting=True)
def test_no_consumer_reads_its_queue(shop: DeployedShop, watch: Watch) -> None:
    order = Order()
    with failing(error("sqs", "AccessDenied", 403, "ReceiveMessage")):
        shop.place(order)
        shop.wait_for_event(order, WAITING)
        first = until("message that waits", watch.queues.look, bool)
        until("older message", watch.queues.look, lambda age: age > first)
        assert watch.queues.look(later=timedelta(minutes=10)) > 600
    shop.wait_for_message(order, "in preparation")
    shop.wait_for_preparation(order)
    shop.complete(order)


@pytest.mark.alarms("RetriedAnnouncementAlarm")
def test_eventbridge_takes_no_outcome(shop: DeployedShop) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    with failing(error("events", "InternalException", 500, "PutEvents")):
        assert shop.click(order, "complete", JULIA).status_code == 200
        until(
            "third try",
            lambda: [event["type"] for event in shop.workflow.history(execution)],
            lambda types: types.count("TaskFailed") >= 3,
        )
    shop.wait_for_message(order, "ready for pickup")


@pytest.mark.alarms("FunctionThrottleAlarm", lasting=True)
def test_a_function_gets_no_concurrency(shop: DeployedShop, watch: Watch) -> None:
    name = f"{shop.stack_name}-storefront"
    functions = boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}))
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        with pytest.raises(functions.exceptions.TooManyRequestsException):
            functions.invoke(FunctionName=name, Payload=b"{}")
        # LocalStack publishes no such metric: each call that Lambda turned away is one.
        # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        watch.saw(Metric("AWS/Lambda", "Throttles", frozenset({("FunctionName", name)})), 1)
    finally:
        functions.delete_function_concurrency(FunctionName=name)
    assert shop.get("/menu").status_code == 200
