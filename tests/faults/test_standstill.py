"""Something does not happen any more: nobody looks after an order, nothing calls a function."""

from datetime import timedelta

import boto3
import pytest
from botocore.config import Config

from harness.orders import WAITING, Order
from harness.polling import until
from tests.e2e.shop import DeployedShop
from tests.e2e.test_reconciler import reconcile, silenced
from tests.metrics import Metric

from .queues import Queues
from .switch import error, failing
from .watch import Watch


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


@pytest.mark.alarms("OldMessageAlarm", lasting=True)
def test_no_consumer_reads_its_queue(shop: DeployedShop, watch: Watch) -> None:
    order = Order()
    with failing(error("sqs", "AccessDenied", 403, "ReceiveMessage")):
        shop.place(order)
        shop.wait_for_event(order, WAITING)
        first = until("message that waits", watch.queues.look, bool)
        until("older message", watch.queues.look, lambda age: age > first)
        with watch.queues.as_if(timedelta(minutes=10)):
            assert watch.queues.look() > 600
    shop.wait_for_message(order, "in preparation")
    shop.wait_for_preparation(order)
    shop.complete(order)


@pytest.mark.alarms("RetriedAnnouncementAlarm")
def test_eventbridge_takes_no_outcome(shop: DeployedShop) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    with failing(error("events", "InternalException", 500, "PutEvents")):
        assert shop.click(order, "complete", {"baristaId": "Julia"}).status_code == 200
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
