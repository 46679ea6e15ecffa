"""What nobody hears of, an execution that broke or an outcome, is found all the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from harness.inbox import rules_of, settle
from harness.orders import COMPLETED, FAILED, Order, attributes
from harness.polling import until

from .capabilities import need, waits_can_be_stopped
from .shop import DeployedShop


@contextmanager
def silenced(shop: DeployedShop, *rules: str) -> Iterator[None]:
    """Have these rules, by their names in the template, lose their events.

    Their targets are taken away, for LocalStack lets a rule that is disabled go on.
    """
    events, cloudformation = boto3.client("events"), boto3.client("cloudformation")
    names = {
        # The bus's name comes before a |, on AWS: not every emulator gives it.
        cloudformation.describe_stack_resource(StackName=shop.stack_name, LogicalResourceId=rule)[
            "StackResourceDetail"
        ]["PhysicalResourceId"].rpartition("|")[2]
        for rule in rules
    }
    taken: list[dict[str, Any]] = []
    for bus in ("default", shop.outputs["EventBusName"]):
        for rule in rules_of(bus):
            if not names & {rule["Name"], rule["Arn"]}:
                continue
            where: Any = {"Rule": rule["Name"], "EventBusName": bus}
            targets = events.list_targets_by_rule(**where)["Targets"]
            events.remove_targets(**where, Ids=[target["Id"] for target in targets])
            taken.append(where | {"Targets": targets})
    assert len(taken) == len(rules)
    settle()
    try:
        yield
    finally:
        for targets_of_rule in taken:
            events.put_targets(**targets_of_rule)
        settle()


def reconcile(shop: DeployedShop, after: timedelta = timedelta(minutes=10)) -> None:
    """Let the schedule's event come as if that time had gone by."""
    sqs = boto3.client("sqs")
    (mapping,) = boto3.client("lambda").list_event_source_mappings(
        FunctionName=f"{shop.stack_name}-order-tracking:live"
    )["EventSourceMappings"]
    queue = sqs.get_queue_url(QueueName=mapping["EventSourceArn"].rpartition(":")[2])["QueueUrl"]
    event = {
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": (datetime.now(UTC) + after).isoformat(),
        "resources": [],
        "detail": {},
    }
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(event))


def test_a_broken_execution_that_nobody_reports(shop: DeployedShop) -> None:
    need(waits_can_be_stopped)
    order, other = Order(), Order()
    execution, _ = shop.prepare(order, other)
    with silenced(shop, "BrokenExecutionRule"):
        shop.workflow.stop(execution)
        shop.workflow.ended(execution)
    assert shop.reservations() == {order.order_id, other.order_id}

    reconcile(shop)

    assert shop.wait_for_event(order, FAILED)["resources"] == [execution]
    shop.wait_for_status(order, "failed")
    shop.wait_for_message(order, "failed")
    assert shop.reservations() == {other.order_id}
    assert shop.item(other)["status"] == "in preparation"
    shop.complete(other)


def test_an_outcome_that_gets_lost(shop: DeployedShop) -> None:
    order = Order()
    shop.prepare(order)
    with silenced(shop, "OrderTrackingRule", "CustomerNotificationRule"):
        shop.complete(order)
        said = shop.wait_for_event(order, COMPLETED)

    reconcile(shop)

    assert shop.wait_for_status(order, "ready for pickup")["baristaId"] == "Julia"
    shop.wait_for_message(order, "ready for pickup")
    heard = until(
        "the outcome again",
        lambda: shop.events_about(order, COMPLETED),
        lambda heard: len(heard) == 2,
    )
    assert [event["detail"] for event in heard] == [said["detail"]] * 2
    reconcile(shop)
    told = [attributes(message)["status"] for message in shop.messages_to(order)]
    assert told == ["in preparation", "ready for pickup"]
