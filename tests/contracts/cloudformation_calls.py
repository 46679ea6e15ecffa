"""What CloudFormation calls to deploy the stack: with which actions, and on what.

The actions are those of its own schemas, the resources those of the Service Authorization
Reference. cfn-lint has both.
"""

import re
from collections.abc import Iterator
from functools import cache

from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.contracts.stages import ACCOUNT, REGION, STACKS, arns, boundary_arn, deployed

REFERENCE = load_resource(AdditionalSpecs, "Policies.json")
PASSED_TO = {
    "AWS::CodeDeploy::DeploymentGroup": "codedeploy.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::StepFunctions::StateMachine": "states.amazonaws.com",
}
LIMITED = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"

# In the schemas, and not called for what the template has.
NOT_CALLED = {
    "iam:DeleteRolePermissionsBoundary",  # Every role keeps it.
    # For properties that no resource has.
    "codedeploy:RegisterOnPremisesInstance",
    "events:PutPermission",
    "events:RemovePermission",
    "lambda:AssociateRuntimeAlias",
    "lambda:GetCodeSigningConfig",
    "lambda:GetLayerVersion",
    "lambda:PassCapacityProvider",
    "logs:DeleteIndexPolicy",
    "logs:DeleteResourcePolicy",
    "logs:PutIndexPolicy",
    "iam:CreateServiceLinkedRole AWS::DynamoDB::Table",
    "iam:GetRole AWS::SNS::Topic",
    "iam:PassRole AWS::ApiGateway::RestApi",
    "iam:PassRole AWS::SNS::Topic",
}
# Not in the schemas.
CALLED_AS_WELL = {
    # For its traces. https://docs.aws.amazon.com/apigateway/latest/developerguide/using-service-linked-roles.html
    "AWS::ApiGateway::Stage": {"iam:CreateServiceLinkedRole"},
    # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
    "AWS::StepFunctions::StateMachine": {"logs:CreateLogDelivery", "logs:PutResourcePolicy"},
}
CANARY = (
    f"arn:aws:codedeploy:{REGION}:{ACCOUNT}"
    ":deploymentconfig:CodeDeployDefault.LambdaCanary10Percent15Minutes"
)
MAPPING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:0a1b"
LINKED_ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ops.apigateway.amazonaws.com"
    "/AWSServiceRoleForAPIGateway"
)


def context(stage: str, kind: str = "") -> dict[str, list[str]]:
    """The condition keys of a call that CloudFormation makes for a stage's own stack."""
    stack, _ = STACKS[stage]
    return {
        "aws:ResourceTag/aws:cloudformation:stack-name": [stack],
        "iam:AWSServiceName": ["ops.apigateway.amazonaws.com"],
        "iam:PassedToService": [PASSED_TO.get(kind, "")],
        "iam:PermissionsBoundary": [boundary_arn(stage)],
        "iam:PolicyARN": [LIMITED],
        "lambda:FunctionArn": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{stack}-storefront"],
    }


@cache
def calls(stage: str) -> set[tuple[str, str, str]]:
    """The actions that CloudFormation needs: for which type of the stack's, and on which ARN."""
    resources = deployed(stage)
    services = {service(each["Type"]) for each in resources.values()} | {"iam"}
    return {
        (action, kind, arn)
        for kind in {each["Type"] for each in resources.values()}
        for action in handlers(kind) | CALLED_AS_WELL.get(kind, set())
        if action.partition(":")[0] in services and not NOT_CALLED & {action, f"{action} {kind}"}
        for arn in resources_of(action, kind, stage)
    }


def service(kind: str) -> str:
    """The prefix of a type's actions."""
    name = kind.split("::")[1].lower()
    return {"stepfunctions": "states"}.get(name, name)


def handlers(kind: str) -> set[str]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    return {
        action
        for name, handler in schema["handlers"].items()
        if name != "list"  # Of all resources of an account.
        for action in handler["permissions"]
    }


def resources_of(action: str, kind: str, stage: str) -> list[str]:
    """On which ARNs of the stack an action is called for a type, or on "*"."""
    prefix, _, name = action.lower().partition(":")
    known = REFERENCE[prefix]
    types = known["Actions"][name].get("Resources", [])
    if not types:
        return ["*"]
    if action == "iam:CreateServiceLinkedRole":
        return [LINKED_ROLE]
    forms = [form for each in types for form in known["Resources"][each.lower()]["ARNFormats"]]
    pattern = "|".join(re.sub(r"\$\{\w+\}", "[^:]*", form) for form in forms)
    own, others = (
        [arn for arn in found if re.fullmatch(pattern, arn)]
        for found in (stack_arns(stage, kind), stack_arns(stage))
    )
    assert own or others, f"On what is {action} called for {kind}?"
    return own or others


def stack_arns(stage: str, kind: str = "") -> Iterator[str]:
    resources = deployed(stage)
    for name, arn in arns(stage).items():
        if resources[name]["Type"] == kind or not kind:
            yield arn
            if ":apigateway:" in arn:
                yield f"{arn}/stages/v1"
                yield f"{arn.partition('/')[0]}/tags/{arn.replace(':', '%3A').replace('/', '%2F')}"
    yield CANARY
