"""LocalStack enforces no IAM policy, so the calls of the whole run are held against the policies.

Both ways: what was called is allowed, and what is allowed was called.
"""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import boto3
import pytest

from harness.shop import DeployedShop
from tests.iam import allows, listed

from .call_recorder import Call, recorded_calls
from .capabilities import calls_are_recorded, need

# LocalStack does with a function's role what Lambda does with none: services/lambda_/invocation/
# logs.py asks for the group when a stream is missing.
ONLY_HERE = {"logs:CreateLogGroup"}

# Allowed, and not to be seen in a run on LocalStack.
NEVER_SEEN = {
    "OrderProcessor.OrderTimedOut": "sent by order_tracking if the event of a time-out got lost",
    "dynamodb:DeleteItem": "Powertools forgets a notification that could not be published",
    "logs:CreateLogDelivery": "Step Functions sets up its log on AWS",
    "logs:DeleteLogDelivery": "as above",
    "logs:DescribeLogGroups": "as above",
    "logs:DescribeResourcePolicies": "as above",
    "logs:GetLogDelivery": "as above",
    "logs:ListLogDeliveries": "as above",
    "logs:PutResourcePolicy": "as above",
    "logs:UpdateLogDelivery": "as above",
    "session-secret": "nobody has signed in here",  # pragma: allowlist secret
    "xray:GetSamplingRules": "traces go to a daemon that LocalStack doesn't have",
    "xray:GetSamplingTargets": "as above",
    "xray:PutTelemetryRecords": "as above",
    "xray:PutTraceSegments": "as above",
}

type Statements = dict[str, list[dict[str, Any]]]


@pytest.fixture
def statements(shop: DeployedShop) -> Statements:
    """The statements of the deployed policies, by the ARN of their role."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
    names = [
        resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=shop.stack_name)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::IAM::Role"
    ]
    iam = boto3.client("iam")
    return {
        iam.get_role(RoleName=name)["Role"]["Arn"]: [
            statement
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
            for statement in _document(iam, name, policy)["Statement"]
        ]
        for name in names
    }


@pytest.fixture
def calls(statements: Statements) -> set[Call]:
    """What the roles of the stack have called."""
    need(calls_are_recorded)
    return {
        call
        for call in recorded_calls() or ()
        if call.role in statements and call.action not in ONLY_HERE
    }


def test_every_call_is_allowed_by_its_role(calls: set[Call], statements: Statements) -> None:
    assert {call.role for call in calls} == set(statements)
    assert [call for call in calls if not _allowed(call, statements[call.role])] == []


@pytest.fixture
def whole_suite(request: pytest.FixtureRequest) -> None:
    """Skip the test if not all the files ran that call what the roles may."""
    files = {item.path for item in request.session.items}
    if missing := set(Path(__file__).parent.glob("test_*.py")) - files:
        pytest.skip(f"Only the whole suite calls everything; not run: {len(missing)} files.")


@pytest.mark.usefixtures("whole_suite")
def test_every_allowed_action_was_called(calls: set[Call], statements: Statements) -> None:
    unused = [
        (role, action, resource)
        for role, granted in statements.items()
        for statement in granted
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if action not in NEVER_SEEN
        and not any(_covers(action, resource, call) for call in calls if call.role == role)
    ]

    assert unused == []


@pytest.mark.usefixtures("whole_suite")
def test_every_value_of_a_condition_was_seen(calls: set[Call], statements: Statements) -> None:
    assert [
        unseen for role in statements for unseen in _unseen(role, calls, statements[role])
    ] == []


def test_only_what_has_no_finer_resource_is_allowed_on_all(statements: Statements) -> None:
    on_all = {
        action
        for granted in statements.values()
        for statement in granted
        for action in listed(statement["Action"])
        if "*" in listed(statement["Resource"])
    }
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    assert {action.partition(":")[0] for action in on_all} == {"logs", "xray"}
    assert on_all <= set(NEVER_SEEN)


def _allowed(call: Call, granted: list[dict[str, Any]]) -> bool:
    return call.resource is not None and allows(
        granted, call.action, call.resource, dict(call.context)
    )


def _unseen(
    role: str, calls: set[Call], granted: list[dict[str, Any]]
) -> list[tuple[str, str, str]]:
    """The values that a role's conditions let through, and that no call of it has."""
    return [
        (role, key, value)
        for statement in granted
        for operator, keys in statement.get("Condition", {}).items()
        if operator != "Null"
        for key, wanted in keys.items()
        for value in listed(wanted)
        if value not in NEVER_SEEN
        and not any(
            any(fnmatchcase(seen, value) for seen in call.values(key))
            and _allowed(call, [statement])
            for call in calls
            if call.role == role
        )
    ]


def _covers(action: str, resource: str, call: Call) -> bool:
    return _allowed(call, [{"Effect": "Allow", "Action": action, "Resource": resource}])


def _document(iam: Any, role: str, policy: str) -> dict[str, Any]:
    document: dict[str, Any] = iam.get_role_policy(RoleName=role, PolicyName=policy)[
        "PolicyDocument"
    ]
    return document
