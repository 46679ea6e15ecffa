"""Updates a deployed stack in place, where LocalStack carries the change out.

LocalStack reports the update of a resource as complete also where it has no such update, or one
that leaves out what changed (localstack/services/cloudformation/resource_provider.py and the
services' resource_providers/). So the changes are looked at first, in a change set, and only those
are carried out that are known to arrive.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import ClientError

from embedded_localstack.checkout import ARTIFACT_BUCKET
from embedded_localstack.problem import Problem

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceTypeDef, StackTypeDef

IN_PLACE: Final = {
    "AWS::Lambda::Function": {"Code", "Environment", "Handler", "MemorySize", "Timeout"},
    "AWS::StepFunctions::StateMachine": {"DefinitionS3Location", "DefinitionSubstitutions"},
}
"""The properties whose change LocalStack applies to a running stack."""

TEMPLATE: Final = "packaged.yaml"
"""Where a template is put in the bucket: a request itself takes 51,200 bytes of one.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

LIMIT_SECONDS: Final = 120
"""Longer than any deployment takes."""


class NotInPlace(Exception):
    """The update is impossible without deleting the stack's data; the text says why."""


def outputs(name: str) -> dict[str, str]:
    """Return the outputs of a deployed stack."""
    stack = _described(name)
    found = stack.get("Outputs", []) if stack else []
    return {each["OutputKey"]: each["OutputValue"] for each in found}


def deployment(name: str) -> str:
    """Return an id of the stack and its latest operation, empty if there is no stack."""
    stack = _described(name)
    return f"{stack.get('StackId')} {stack.get('ChangeSetId')}" if stack else ""


def update(
    name: str, template: str, parameters: Mapping[str, str], tell: Callable[[str], None]
) -> dict[str, str]:
    """Update a stack to a template and parameters, tell what changes, and return its outputs.

    Parameters that are not given get the template's defaults, unlike with `sam deploy`, which keeps
    the values that the stack has. Raises NotInPlace before anything has changed, and Problem if the
    template is refused or the update fails.
    """
    cloudformation = boto3.client("cloudformation")
    stack = _described(name)
    if not stack or stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise NotInPlace("The last deployment did not succeed.")
    change_set = _change_set(name, template, parameters)
    changes = [each for each in _changes(change_set) if not _belongs_to_deployment(each)]
    if others := sorted(each["LogicalResourceId"] for each in changes if not _arrives(each)):
        raise NotInPlace(f"LocalStack can't update {', '.join(others)} in place.")
    for change in changes:
        if change["ResourceType"] == "AWS::StepFunctions::StateMachine":
            _require_valid(change)
    changed = ", ".join(sorted(each["LogicalResourceId"] for each in changes))
    tell(f"updating {changed}" if changed else "no resource has changed")
    _keep_api(cloudformation.describe_stack_resources(StackName=name)["StackResources"])
    cloudformation.execute_change_set(ChangeSetName=change_set)
    stack = _eventually(
        "The update",
        lambda: _described(name),
        # The stack names the change set last, when it has its outputs.
        lambda found: found is None or _failed(found) or found.get("ChangeSetId") == change_set,
    )
    if _failed(stack):
        raise Problem(f"Updating the stack failed.\n{_reasons(name)}")
    return outputs(name)


def _described(name: str) -> "StackTypeDef | None":
    try:
        (stack,) = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # As if there were none.
            raise
        return None
    return stack


def _failed(stack: "StackTypeDef | None") -> bool:
    # LocalStack says ROLLBACK_COMPLETE where AWS says UPDATE_ROLLBACK_COMPLETE.
    return stack is None or stack["StackStatus"].endswith(("ROLLBACK_COMPLETE", "FAILED"))


def _eventually[T](what: str, look: Callable[[], T], done: Callable[[T], bool]) -> T:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not done(seen := look()):
        if time.monotonic() > deadline:
            raise Problem(
                f"{what} took more than {LIMIT_SECONDS} s. Run `make down`, then `make up`."
            )
        time.sleep(0.1)
    return seen


def _change_set(name: str, template: str, parameters: Mapping[str, str]) -> str:
    cloudformation, s3 = boto3.client("cloudformation"), boto3.client("s3")
    s3.put_object(Bucket=ARTIFACT_BUCKET, Key=TEMPLATE, Body=template.encode())
    try:
        change_set = cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=f"up-{uuid.uuid4().hex}",
            TemplateURL=f"{s3.meta.endpoint_url}/{ARTIFACT_BUCKET}/{TEMPLATE}",
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            Capabilities=["CAPABILITY_IAM"],
        )["Id"]
    except ClientError as error:
        raise Problem(f"The template is invalid: {error.response['Error']['Message']}") from error
    found = _eventually(
        "Comparing the templates",
        lambda: cloudformation.describe_change_set(ChangeSetName=change_set),
        lambda found: found["Status"] in {"CREATE_COMPLETE", "FAILED"},
    )
    if found["Status"] == "FAILED":
        raise Problem(f"The template is invalid: {found.get('StatusReason')}")
    return change_set


def _changes(change_set: str) -> list[dict[str, Any]]:
    found = boto3.client("cloudformation").describe_change_set(
        ChangeSetName=change_set, IncludePropertyValues=True
    )
    return [dict(change["ResourceChange"]) for change in found["Changes"]]


def _belongs_to_deployment(change: Mapping[str, Any]) -> bool:
    """Whether a change comes with every deployment (SAM's AlwaysDeploy)."""
    kind = change["ResourceType"]
    if kind == "AWS::ApiGateway::Stage":
        return _differing(change) == {"DeploymentId"}
    return bool(kind == "AWS::ApiGateway::Deployment")


def _arrives(change: Mapping[str, Any]) -> bool:
    if change["Action"] != "Modify":
        return False
    differing = _differing(change)
    # A property that is gone keeps its value in LocalStack.
    return differing <= IN_PLACE.get(change["ResourceType"], set()) & _after(change).keys()


def _differing(change: Mapping[str, Any]) -> set[str]:
    before, after = _properties(change, "BeforeContext"), _after(change)
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def _after(change: Mapping[str, Any]) -> dict[str, Any]:
    return _properties(change, "AfterContext")


def _properties(change: Mapping[str, Any], context: str) -> dict[str, Any]:
    properties: dict[str, Any] = json.loads(change.get(context, "{}")).get("Properties", {})
    return properties


def _require_valid(machine: Mapping[str, Any]) -> None:
    """Raise Problem for an invalid definition, which would break the stack during the update."""
    place = _after(machine)["DefinitionS3Location"]
    body = boto3.client("s3").get_object(Bucket=place["Bucket"], Key=place["Key"])["Body"]
    definition = body.read().decode()
    for name, value in _after(machine).get("DefinitionSubstitutions", {}).items():
        definition = definition.replace(f"${{{name}}}", str(value))
    verdict = boto3.client("stepfunctions").validate_state_machine_definition(definition=definition)
    if verdict["result"] != "OK":
        reasons = "\n".join(each["message"][:300] for each in verdict["diagnostics"])
        raise Problem(f"The definition of {machine['LogicalResourceId']} is invalid.\n{reasons}")


def _keep_api(resources: Sequence["StackResourceTypeDef"]) -> None:
    """Give the API's stage a deployment that no update deletes.

    An update deletes the old deployment, and in LocalStack the stage with it, whose own update it
    does not know (services/apigateway/resource_providers/aws_apigateway_deployment.py).
    https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html
    """
    ids = {each["ResourceType"]: each["PhysicalResourceId"] for each in resources}
    if "AWS::ApiGateway::Stage" in ids:
        boto3.client("apigateway").create_deployment(
            restApiId=ids["AWS::ApiGateway::RestApi"], stageName=ids["AWS::ApiGateway::Stage"]
        )


def _reasons(name: str) -> str:
    events = boto3.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join(
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events
        if event.get("ResourceStatusReason") and event["ResourceStatus"].endswith("FAILED")
    )
