"""What a stage's deployer may do: all that a deployment needs, and nothing to another stage."""

import json
import re
from itertools import permutations
from typing import Any

import pytest

from tests.contracts.cloudformation_calls import (
    CANARY,
    LINKED_ROLE,
    MAPPING,
    REFERENCE,
    calls,
    context,
    stack_arns,
)
from tests.contracts.stages import (
    ACCOUNT,
    REGION,
    STACKS,
    arns,
    boundary_arn,
    deployed,
    deployer,
    names_in,
    resolved,
    statements,
)
from tests.iam import allows, listed

STAGES = pytest.mark.parametrize("stage", STACKS)
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


@STAGES
def test_it_may_call_what_cloudformation_calls(stage: str) -> None:
    granted = statements(stage, "DeployerPolicy", "RolePolicy")
    missing = {
        f"{action} on {arn}"
        for action, kind, arn in calls(stage)
        if not allows(granted, action, arn, context(stage, kind))
    }
    assert missing == set()


@pytest.mark.parametrize(
    "gap",
    [
        f"lambda:TagResource on {MAPPING}",
        f"lambda:UntagResource on {MAPPING}",
        f"lambda:ListTags on {MAPPING}",
        f"iam:CreateServiceLinkedRole on {LINKED_ROLE}",
        "logs:DescribeIndexPolicies on *",
        "codedeploy:StopDeployment on *",
    ],
)
def test_the_comparison_knows_of_what_once_was_missing(gap: str) -> None:
    assert gap in {f"{action} on {arn}" for action, _, arn in calls("prod")}


@STAGES
def test_it_may_call_no_other_services(stage: str) -> None:
    allowed = {
        action.partition(":")[0]
        for statement in statements(stage, "DeployerPolicy", "RolePolicy")
        for action in listed(statement["Action"])
        if statement["Effect"] == "Allow"
    }
    # CloudFormation itself, SAM's bucket, and what sam looks up.
    called = {action.partition(":")[0] for action, _, _ in calls(stage)}
    assert allowed - {"cloudformation", "s3", "tag"} == called


@STAGES
def test_iam_takes_the_policies(stage: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    for name, made in deployer(stage).items():
        if "PolicyDocument" in made:
            assert len(re.sub(r"\s", "", json.dumps(made["PolicyDocument"]))) <= 6144, name


# --- The most that a role may do ---


def roles(stage: str) -> dict[str, dict[str, Any]]:
    return {
        name: each["Properties"]
        for name, each in deployed(stage).items()
        if each["Type"] == "AWS::IAM::Role"
    }


@STAGES
def test_every_role_carries_the_boundary(stage: str) -> None:
    carried = {
        resolved(role.get("PermissionsBoundary"), names_in(stage)) for role in roles(stage).values()
    }
    assert carried == {boundary_arn(stage)}


@STAGES
def test_the_boundary_leaves_the_roles_what_they_need(stage: str) -> None:
    boundary, names = statements(stage, "Boundary"), names_in(stage)
    needed = [
        (action, arn)
        for role in roles(stage).values()
        for policy in resolved(role.get("Policies", []), names)
        for statement in policy["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
        for arn in listed(statement["Resource"])
    ]
    assert ("states:StartExecution", names["OrderProcessor"]) in needed
    assert [each for each in needed if not allows(boundary, *each)] == []


# --- What it may not ---

ESCALATIONS: dict[str, tuple[str, str, dict[str, list[str]]]] = {
    "attaches AdministratorAccess to itself": (
        "iam:AttachRolePolicy", "role/deployer-coffee-orders", {"iam:PolicyARN": [ADMINISTRATOR]}),
    "and to a role of the stack": (
        "iam:AttachRolePolicy", "role/coffee-orders-x", {"iam:PolicyARN": [ADMINISTRATOR]}),
    "and to one without a boundary": (
        "iam:AttachRolePolicy", "role/coffee-orders-x", {"iam:PermissionsBoundary": []}),
    "creates a role without a boundary": (
        "iam:CreateRole", "role/coffee-orders-x", {"iam:PermissionsBoundary": []}),
    "or with another": (
        "iam:CreateRole", "role/coffee-orders-x", {"iam:PermissionsBoundary": [ADMINISTRATOR]}),
    "or with that of prod": (
        "iam:CreateRole", "role/coffee-orders-x",
        {"iam:PermissionsBoundary": [boundary_arn("prod")]}),
    "exchanges a boundary": (
        "iam:PutRolePermissionsBoundary", "role/coffee-orders-x",
        {"iam:PermissionsBoundary": [ADMINISTRATOR]}),
    "takes it off": ("iam:DeleteRolePermissionsBoundary", "role/coffee-orders-x", {}),
    "gives a role without one a policy": (
        "iam:PutRolePolicy", "role/coffee-orders-x", {"iam:PermissionsBoundary": []}),
    "gives itself a policy": ("iam:PutRolePolicy", "role/deployer-coffee-orders", {}),
    "changes who may be the deployer": (
        "iam:UpdateAssumeRolePolicy", "role/deployer-coffee-orders", {}),
    "changes the boundary": ("iam:CreatePolicyVersion", "policy/boundary-coffee-orders", {}),
    "sets it back": ("iam:SetDefaultPolicyVersion", "policy/boundary-coffee-orders", {}),
    "deletes it": ("iam:DeletePolicy", "policy/boundary-coffee-orders", {}),
    "changes its own policy": ("iam:CreatePolicyVersion", "policy/deployer-coffee-orders", {}),
    "creates a user": ("iam:CreateUser", "user/eve", {}),
    "and a key": ("iam:CreateAccessKey", "user/eve", {}),
    "runs a machine as a role": (
        "iam:PassRole", "role/coffee-orders-x", {"iam:PassedToService": ["ec2.amazonaws.com"]}),
    "has CloudFormation be a role": (
        "iam:PassRole", "role/coffee-orders-x",
        {"iam:PassedToService": ["cloudformation.amazonaws.com"]}),
    "makes an administrator's role a function's": ("iam:PassRole", "role/Admin", {}),
    "has another role for a service created": (
        "iam:CreateServiceLinkedRole", "role/aws-service-role/support.amazonaws.com/x",
        {"iam:AWSServiceName": ["support.amazonaws.com"]}),
}  # fmt: skip


@pytest.mark.parametrize("escalation", ESCALATIONS)
def test_it_can_not_become_more_than_it_is(escalation: str) -> None:
    action, name, differs = ESCALATIONS[escalation]
    given = context("dev", "AWS::Lambda::Function") | differs
    granted = statements("dev", "DeployerPolicy", "RolePolicy")
    assert not allows(granted, action, f"arn:aws:iam::{ACCOUNT}:{name}", given)


@STAGES
def test_a_deployment_changes_nothing_of_who_deploys(stage: str) -> None:
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{{}}/0a1b"
    granted = statements(stage, "DeployerPolicy", "RolePolicy")
    assert allows(granted, "cloudformation:ExecuteChangeSet", stack.format(STACKS[stage][0]))
    other = f"deployer-{STACKS[stage][0]}"
    assert not allows(granted, "cloudformation:ExecuteChangeSet", stack.format(other))


@pytest.mark.parametrize(("stage", "other"), list(permutations(STACKS, 2)))
def test_a_role_with_every_policy_creates_no_user_and_leaves_other_stages_alone(
    stage: str, other: str
) -> None:
    boundary = statements(stage, "Boundary")
    assert not allows(boundary, "iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/eve")
    actions = [action for each in boundary[:1] for action in each["Action"]]
    assert [
        (action, arn)
        for action in actions
        for arn in arns(other).values()
        if allows(boundary, action, arn)
    ] == []


@pytest.mark.parametrize(("stage", "other"), list(permutations(STACKS, 2)))
def test_a_stage_can_not_touch_the_other(stage: str, other: str) -> None:
    granted = statements(stage, "DeployerPolicy", "RolePolicy")
    theirs = {(action, arn, kind) for action, kind, arn in calls(other)}
    theirs |= {(f"{arn.split(':')[2]}:AnyOther", arn, "") for arn in stack_arns(other)}
    touched = {
        (action, arn)
        for action, arn, kind in theirs
        if arn not in {CANARY, LINKED_ROLE}  # They belong to all.
        and action not in on_all(stage)  # IAM can't tell by stage.
        and allows(granted, action, arn, context(other, kind))
    }
    assert touched == set()
    package = "arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-0a1b/{}/0123456789abcdef"
    assert allows(granted, "s3:PutObject", package.format(STACKS[stage][0]))
    assert not allows(granted, "s3:PutObject", package.format(STACKS[other][0]))
    assert not allows(granted, "s3:PutBucketPolicy", package.partition("/")[0])


def on_all(stage: str) -> set[str]:
    return {
        action
        for statement in statements(stage, "DeployerPolicy", "RolePolicy")
        if "*" in listed(statement["Resource"]) and "Condition" not in statement
        for action in listed(statement["Action"])
    }


@STAGES
def test_only_what_has_no_finer_resource_is_allowed_on_all(stage: str) -> None:
    finer = {
        action
        for action in on_all(stage)
        for prefix, _, name in [action.lower().partition(":")]
        if REFERENCE[prefix]["Actions"][name].get("Resources")
    }
    # Of templates that are no stack yet; and sam asks for the state of all alarms.
    assert finer <= {"cloudwatch:DescribeAlarms", "cloudformation:GetTemplateSummary"}
