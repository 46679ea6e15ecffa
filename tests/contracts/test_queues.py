"""Who may send to a queue: each statement of a policy is about its own queue alone.

The examples in AWS's documentation name no other, and SQS refused one that did:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-sqs-policies.html
https://github.com/remind101/stacker_blueprints/pull/71
"""

from typing import Any

import pytest

from tests.contracts.definitions import resources

POLICIES = resources("AWS::SQS::QueuePolicy")


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_policy_names_its_own_queue_alone(policy: dict[str, Any]) -> None:
    (queue,) = policy["Queues"]
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Resource"] == {"GetAtt": f"{queue['Ref']}.Arn"}


def test_each_queue_has_a_policy() -> None:
    queues = [policy["Queues"][0]["Ref"] for policy in POLICIES.values()]
    assert sorted(queues) == sorted(resources("AWS::SQS::Queue"))


def test_each_queue_keeps_its_messages_as_long_as_sqs_can() -> None:
    """14 days from when a message was first sent, whichever queue it lies in by then."""
    for name, queue in resources("AWS::SQS::Queue").items():
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, name
