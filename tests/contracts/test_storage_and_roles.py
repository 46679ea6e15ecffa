"""How the template keeps messages and orders, and what its roles may do with them.

policies/ looks at the statements of each queue and role.
"""

from fnmatch import fnmatchcase

from orders.model import Use, attributes
from tests.contracts.definitions import resources, statements, template

KEYS = {"orderId", "receivedAt"}


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


# --- Roles ---


def test_no_role_may_redrive_an_execution() -> None:
    """It would go on though its order has ended: docs/decisions/broken-executions.md."""
    actions = {
        action
        for role in resources("AWS::IAM::Role")
        for statement in statements(role)
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
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
        for statement in statements("StorefrontRole")
        if "OrderTable" in str(statement["Resource"])
    }
    assert {
        action: set(condition["ForAllValues:StringEquals"]["dynamodb:Attributes"])
        for action, condition in conditions.items()
    } == {
        "dynamodb:GetItem": {"orderId", "status", *attributes(Use.CUSTOMER).values()},
        "dynamodb:Query": KEYS | {"counter", "status"},
    }
    for condition in conditions.values():
        assert condition["StringEquals"] == {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
        assert condition["Null"] == {"dynamodb:Attributes": "false"}
