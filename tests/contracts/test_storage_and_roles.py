"""How the template keeps messages and orders, and what its roles may do with them.

policies/ looks at the statements of each queue and role.
"""

from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest

from orders.model import Use, attributes
from tests.contracts.definitions import resources, template
from tests.contracts.stages import ACCOUNT, STACKS, arns, deployed, names_in, resolved, statements
from tests.iam import allows, listed, meets

KEYS = {"orderId", "sortedAt"}
STAGES = pytest.mark.parametrize("stage", STACKS)


def test_topics_queues_and_tables_are_encrypted() -> None:
    assert resources("AWS::SNS::Topic")["CustomerTopic"]["KmsMasterKeyId"] == "alias/aws/sns"
    for queue in resources("AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is True
    # A table always is. With this it would be with a key of KMS, whose requests cost money.
    for table in resources("AWS::DynamoDB::Table").values():
        assert "SSESpecification" not in table


# --- Queues ---


def test_each_queue_takes_messages_from_each_rule() -> None:
    """And from nobody else, as a rule of cfn-lint sees to."""
    [policy] = resources("AWS::SQS::QueuePolicy").values()
    [statement] = policy["PolicyDocument"]["Statement"]
    queues = [queue["Ref"] for queue in policy["Queues"]]
    assert sorted(queues) == sorted(resources("AWS::SQS::Queue"))
    assert statement["Action"] == "sqs:SendMessage"
    senders = [sender["GetAtt"] for sender in statement["Condition"]["ArnEquals"]["aws:SourceArn"]]
    assert sorted(senders) == sorted(f"{rule}.Arn" for rule in resources("AWS::Events::Rule"))


def test_a_message_is_processed_before_it_is_received_again() -> None:
    """Six times the function's time-out, as AWS advises.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    limit = template()["Globals"]["Function"]["Timeout"]
    for name, queue in resources("AWS::SQS::Queue").items():
        if "RedrivePolicy" in queue:
            assert queue["VisibilityTimeout"] >= 6 * limit, name


def test_each_queue_keeps_its_messages_as_long_as_sqs_can() -> None:
    """14 days from when a message was first sent, whichever queue it lies in by then."""
    for name, queue in resources("AWS::SQS::Queue").items():
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, name


@STAGES
def test_a_dead_letter_queue_takes_no_letters_of_other_queues(stage: str) -> None:
    """They would come past its policy: nobody asks whether SQS itself may send there."""
    queues = {
        name: resolved(each["Properties"], names_in(stage))
        for name, each in deployed(stage).items()
        if each["Type"] == "AWS::SQS::Queue"
    }
    sources = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]: arns(stage)[name]
        for name, queue in queues.items()
        if "RedrivePolicy" in queue
    }
    allowed = {
        arns(stage)[name]: queue["RedriveAllowPolicy"]
        for name, queue in queues.items()
        if "RedrivePolicy" not in queue
    }
    assert sources.keys() < allowed.keys()
    assert allowed == {
        arn: {"redrivePermission": "byQueue", "sourceQueueArns": [sources[arn]]}
        if arn in sources
        else {"redrivePermission": "denyAll"}
        for arn in allowed
    }


# --- Roles ---


@cache
def granted(role: str) -> list[dict[str, Any]]:
    policies = resolved(deployed("dev")[role]["Properties"]["Policies"], names_in("dev"))
    return [each for policy in policies for each in policy["PolicyDocument"]["Statement"]]


def test_services_take_on_a_role_for_its_own_account_only() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""
    for name, role in deployed("dev").items():
        if role["Type"] == "AWS::IAM::Role":
            trust = resolved(role["Properties"]["AssumeRolePolicyDocument"], names_in("dev"))
            [statement] = trust["Statement"]
            for account in (ACCOUNT, "999999999999"):
                met = meets({"aws:SourceAccount": [account]}, statement.get("Condition", {}))
                assert met is (account == ACCOUNT), name


@pytest.mark.parametrize("action", ["GetItem", "PutItem", "UpdateItem", "DeleteItem"])
@pytest.mark.parametrize(
    ("keys", "allowed"), [(["notification#"], True), (["order 1"], False), ([], False)]
)
def test_notifications_are_recorded_without_a_look_at_orders(
    action: str, keys: list[str], allowed: bool
) -> None:
    table = arns("dev")["OrderTable"]
    context = {"dynamodb:LeadingKeys": keys}
    role = granted("CustomerNotificationRole")
    assert allows(role, f"dynamodb:{action}", table, context) is allowed


@pytest.mark.parametrize(
    ("select", "allowed"), [([], True), (["SPECIFIC_ATTRIBUTES"], True), (["COUNT"], False)]
)
def test_a_read_without_a_select_is_allowed(select: list[str], allowed: bool) -> None:
    """GetItem has none; DynamoDB's own example of such a policy takes it so.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    context = {"dynamodb:Attributes": ["orderId", "status"], "dynamodb:Select": select}
    for action, index in (("dynamodb:GetItem", ""), ("dynamodb:Query", "/index/counter")):
        table = arns("dev")["OrderTable"] + index
        assert allows(granted("StorefrontRole"), action, table, context) is allowed


@pytest.mark.parametrize(
    ("action", "key", "roles"),
    [
        ("GetItem", "order-code-secret", {"BaristaCallbackRole", "StorefrontRole"}),
        ("UpdateItem", "order-code-secret", {"BaristaCallbackRole"}),
        ("GetItem", "session-secret", {"BaristaCallbackRole"}),
        ("UpdateItem", "session-secret", {"BaristaCallbackRole"}),
    ],
)
def test_only_a_function_that_needs_it_has_a_secret(action: str, key: str, roles: set[str]) -> None:
    table = arns("dev")["ConfigTable"]
    context = {"dynamodb:LeadingKeys": [key]}
    assert {
        name
        for name, role in resources("AWS::IAM::Role").items()
        if "Policies" in role and allows(granted(name), f"dynamodb:{action}", table, context)
    } == roles


@pytest.mark.parametrize(
    ("source", "detail_type", "allowed"),
    [
        (["ok.serverlessworkshop"], ["OrderCreated"], True),
        (["ok.serverlessworkshop"], ["OrderManagementService.OrderDeleted"], True),
        (["ok.serverlessworkshop"], ["OrderProcessor.OrderCompleted"], False),
        (["another"], ["OrderCreated"], False),
        ([], ["OrderCreated"], False),
        (["ok.serverlessworkshop"], [], False),
    ],
)
def test_an_order_service_may_send_its_own_events_only(
    source: list[str], detail_type: list[str], allowed: bool
) -> None:
    policy = statements("dev", "OrderServicePolicy")
    context = {"events:source": source, "events:detail-type": detail_type}
    assert allows(policy, "events:PutEvents", arns("dev")["EventBus"], context) is allowed
    assert not allows(policy, "events:PutEvents", arns("prod")["EventBus"], context)


def test_no_role_may_redrive_an_execution() -> None:
    """It would go on though its order has ended: docs/decisions/broken-executions.md."""
    actions = {
        action
        for name, role in resources("AWS::IAM::Role").items()
        if "Policies" in role
        for statement in granted(name)
        for action in listed(statement["Action"])
    }
    assert not [action for action in actions if fnmatchcase("states:RedriveExecution", action)]
    assert "states:SendTaskFailure" in actions


def test_one_role_has_a_policy_of_aws_and_it_is_not_the_shops() -> None:
    """CodeDeploy's, which may do nothing with a workflow."""
    roles = resources("AWS::IAM::Role")
    assert [name for name in roles if "ManagedPolicyArns" in roles[name]] == ["DeploymentsRole"]


# --- An order's fields are given away as Order says, and no others ---


def test_the_counters_index_has_the_fields_of_the_counter() -> None:
    [index] = resources("AWS::DynamoDB::Table")["OrderTable"]["GlobalSecondaryIndexes"]
    projected = index["Projection"]["NonKeyAttributes"]
    assert set(projected) == {"status", *attributes(Use.COUNTER).values()} - KEYS


def test_the_storefront_may_read_what_a_customer_sees() -> None:
    conditions = {
        statement["Action"]: statement["Condition"]
        for statement in granted("StorefrontRole")
        if arns("dev")["OrderTable"] in statement["Resource"]
    }
    assert {
        action: set(condition["ForAllValues:StringEquals"]["dynamodb:Attributes"])
        for action, condition in conditions.items()
    } == {
        "dynamodb:GetItem": {"orderId", "status", "againAs", *attributes(Use.CUSTOMER).values()},
        "dynamodb:Query": KEYS | {"counter", "status", "number", "takenBy", "againAs"},
    }
    for condition in conditions.values():
        assert condition["StringEqualsIfExists"] == {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
        assert condition["Null"] == {"dynamodb:Attributes": "false"}
