"""Each event reaches those who must hear of it, and nobody else."""

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from orders.events import EventType
from tests.contracts.definitions import DETAIL_TYPES, example, resources

RULES = resources("AWS::Events::Rule")
RULE_OF = {
    "the workflow": "OrderCreatedRule",
    "order_cancellation": "OrderDeletedRule",
    "order_tracking": "OrderTrackingRule",
    "customer_notification": "CustomerNotificationRule",
}
WORKFLOW = "arn:aws:states:eu-central-1:123456789012:stateMachine:coffee-orders-OrderProcessor"


def rules_that_match(event: dict[str, Any]) -> set[str]:
    return {
        name
        for name, rule in RULES.items()
        if "EventPattern" in rule and matches(rule["EventPattern"], event)
    }


def matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    text = json.dumps(pattern).replace('{"Ref": "OrderProcessor"}', json.dumps(WORKFLOW))
    return EventPattern(text, json.loads(text)).matches_event(event)  # type: ignore[arg-type]


def status_change(status: str, workflow: str = WORKFLOW) -> dict[str, Any]:
    return example("OrderCreated") | {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {"stateMachineArn": workflow, "status": status},
    }


@pytest.mark.parametrize("event_type", EventType)
def test_an_event_reaches_its_consumers_and_nobody_else(event_type: EventType) -> None:
    expected = {RULE_OF[consumer] for consumer in event_type.consumers}
    assert rules_that_match(example(event_type)) == expected


@pytest.mark.parametrize("consumer", sorted(RULE_OF.keys() - {"the workflow"}))
def test_a_consumer_reads_the_queue_of_its_rule(consumer: str) -> None:
    [source] = [
        source["Properties"]
        for function in resources("AWS::Serverless::Function").values()
        if function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == consumer
        for source in function["Events"].values()
    ]
    assert source["Queue"] in [target["Arn"] for target in RULES[RULE_OF[consumer]]["Targets"]]


@pytest.mark.parametrize("detail_type", ["OrderCreated", "OrderDeleted"])
def test_the_order_service_may_use_its_own_name(detail_type: str) -> None:
    event = example(detail_type) | {"detail-type": f"OrderManagementService.{detail_type}"}
    assert rules_that_match(event) == rules_that_match(example(detail_type))


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_events_of_another_source_match_no_rule(detail_type: str) -> None:
    assert rules_that_match(example(detail_type) | {"source": "somebody.else"}) == set()


@pytest.mark.parametrize(
    ("status", "is_broken"),
    [
        *(("FAILED", True), ("TIMED_OUT", True), ("ABORTED", True)),
        *(("RUNNING", False), ("SUCCEEDED", False)),
    ],
)
def test_a_broken_execution_of_the_workflow_is_cleaned_up_after(
    status: str, is_broken: bool
) -> None:
    expected = {"BrokenExecutionRule"} if is_broken else set()
    assert rules_that_match(status_change(status)) == expected
    assert rules_that_match(status_change(status, f"{WORKFLOW}-2")) == set()


def test_each_rule_listens_on_the_bus_where_its_events_are() -> None:
    buses = {name: rule.get("EventBusName") for name, rule in RULES.items()}
    # AWS's own events, and schedules, are of the default bus.
    assert buses.pop("BrokenExecutionRule") is None
    assert buses.pop("ReconcilerRule") is None
    assert all(bus == {"Ref": "EventBus"} for bus in buses.values())


def test_an_undelivered_event_with_a_token_is_parked_where_tokens_may_be() -> None:
    event = example("OrderProcessor.WaitingCompletion")
    parked = {
        target["DeadLetterConfig"]["Arn"]["GetAtt"]
        for name in rules_that_match(event)
        for target in RULES[name]["Targets"]
    }
    assert parked == {"OrderTrackingDeadLetterQueue.Arn"}


def test_a_message_outlives_the_wait_for_a_barista_while_its_function_is_throttled() -> None:
    """Each receive of a throttled function counts, and a task token must not be parked by then."""
    queues = resources("AWS::SQS::Queue").values()
    receives = [
        queue["RedrivePolicy"]["maxReceiveCount"] for queue in queues if "RedrivePolicy" in queue
    ]
    timeouts = {queue["VisibilityTimeout"] for queue in queues if "RedrivePolicy" in queue}
    assert len(receives) == 3
    assert min(receives) * min(timeouts) > 900
