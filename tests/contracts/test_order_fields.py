"""The template gives away of an order what Order says, and nothing else."""

from orders.model import Use, attributes
from tests.contracts.definitions import resources

KEYS = {"orderId", "receivedAt"}


def test_the_counters_index_has_the_fields_of_the_counter() -> None:
    [index] = resources("AWS::DynamoDB::Table")["OrderTable"]["GlobalSecondaryIndexes"]
    projected = index["Projection"]["NonKeyAttributes"]
    assert set(projected) == {"status", *attributes(Use.COUNTER).values()} - KEYS


def test_the_storefront_may_read_what_a_customer_sees() -> None:
    [allowed] = [
        statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
        for policy in resources("AWS::IAM::Role")["StorefrontRole"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "dynamodb:GetItem" and "Condition" in statement
    ]
    assert set(allowed) == {"orderId", "status", *attributes(Use.CUSTOMER).values()}
