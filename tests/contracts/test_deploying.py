"""How a deployment reaches the stack: by stage, and with versions where there are any."""

import json
import re
import tomllib
from typing import Any

import pytest

from tests.contracts.definitions import ROOT
from tests.contracts.sam_output import processed

DEV = processed()
PROD = processed(Stage="prod")
ON_AWS = processed(Release="1")
AT_ONCE = processed(Release="1", Deployment="at-once")
ON_LOCALSTACK = processed(Release="1", LocalStackEndpoint="http://127.0.0.1:4566")
FUNCTIONS = [
    "BaristaCallback",
    "CustomerNotification",
    "OrderCancellation",
    "OrderTracking",
    "Storefront",
]
INTRINSIC = {"Ref", "Fn::Sub", "Fn::GetAtt"}
ROLL_BACK = [
    "FunctionErrorAlarm",
    "BrokenExecutionAlarm",
    "OrderCreatedDeadLetterAlarm",
    "OrderDeletedDeadLetterAlarm",
    "CustomerNotificationDeadLetterAlarm",
    "OrderTrackingDeadLetterAlarm",
]
VERSIONED = {
    "AWS::Lambda::Version",
    "AWS::Lambda::Alias",
    "AWS::StepFunctions::StateMachineVersion",
    "AWS::StepFunctions::StateMachineAlias",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
}


def differences(one: Any, other: Any, path: str = "") -> set[str]:
    """Where two values differ."""
    if not (isinstance(one, dict) and isinstance(other, dict)) or INTRINSIC & {*one, *other}:
        return set() if one == other else {path}
    return {
        place
        for key in {*one, *other}
        for place in differences(one.get(key), other.get(key), f"{path}.{key}".lstrip("."))
    }


def mentions(resource: Any, name: str) -> bool:
    text = json.dumps(resource)
    return f'"Ref": "{name}"' in text or f"${{{name}}}" in text


def test_a_stage_changes_names_and_what_is_kept_and_nothing_else() -> None:
    different = differences(DEV, PROD)
    names = {
        "EventBus.Properties.Name",
        "ConfigTable.Properties.TableName",
        "OrderTable.Properties.TableName",
    }
    policies = {
        f"{table}.{policy}"
        for table in ("ConfigTable", "OrderTable")
        for policy in ("DeletionPolicy", "UpdateReplacePolicy")
    }
    retention = {
        f"{name}.Properties.RetentionInDays"
        for name, resource in DEV.items()
        if resource["Type"] == "AWS::Logs::LogGroup"
    } | {"OrderTracking.Properties.Environment.Variables.ORDER_RETENTION_DAYS"}
    assert different == names | policies | retention


def test_the_tables_stay_when_a_prod_stack_goes() -> None:
    kept = {name for name, resource in PROD.items() if resource.get("DeletionPolicy") == "Retain"}
    assert kept == {"ConfigTable", "OrderTable"}
    assert {PROD[name]["UpdateReplacePolicy"] for name in kept} == {"Retain"}
    assert not [name for name, each in DEV.items() if each.get("DeletionPolicy") == "Retain"]


def test_the_retention_times_are_parameters() -> None:
    given = processed(Stage="prod", LogRetentionDays="90", OrderRetentionDays="60")
    assert given["StorefrontLogs"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    variables = given["OrderTracking"]["Properties"]["Environment"]["Variables"]
    assert variables["ORDER_RETENTION_DAYS"] == {"Ref": "OrderRetentionDays"}


def test_each_name_says_which_stack_or_which_stage() -> None:
    """Else two stages would collide in one account."""
    for name, resource in PROD.items():
        for key, value in resource.get("Properties", {}).items():
            if re.fullmatch(r"\w*Name", key) and isinstance(value, str | dict):
                text = json.dumps(value)
                shared = {"v1", "live"} & {value} if isinstance(value, str) else set()
                own = re.search(r"AWS::StackName|-prod|\"Ref\"", text)
                assert shared or own or key in {"DisplayName", "MetricName"}, (
                    f"{name}.{key}: {text}"
                )


@pytest.mark.parametrize("stack", [DEV, ON_LOCALSTACK], ids=["no release", "LocalStack"])
def test_there_are_no_versions_without_a_release_and_none_on_localstack(
    stack: dict[str, Any],
) -> None:
    assert not [name for name, each in stack.items() if each["Type"] in VERSIONED]
    assert stack["OrderCreatedRule"]["Properties"]["Targets"][0]["Arn"] == {"Ref": "OrderProcessor"}
    for function in FUNCTIONS:
        assert not mentions(stack, f"{function}Alias")


def test_an_order_starts_by_the_alias() -> None:
    (target,) = ON_AWS["OrderCreatedRule"]["Properties"]["Targets"]
    assert target["Arn"] == {"Ref": "OrderProcessorAlias"}


def test_all_else_names_the_workflow_without_a_version() -> None:
    """Step Functions authorizes by the ARN of the state machine, and reports by it.

    https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
    """
    by_alias = {name for name, each in ON_AWS.items() if mentions(each, "OrderProcessorAlias")}
    assert by_alias == {"OrderCreatedRule"}
    detail = ON_AWS["BrokenExecutionRule"]["Properties"]["EventPattern"]["detail"]
    assert detail["stateMachineArn"] == [{"Ref": "OrderProcessor"}]


def test_the_workflows_traffic_moves_to_each_new_revision() -> None:
    version = ON_AWS["OrderProcessorVersion"]
    assert version["Properties"] == {
        "StateMachineArn": {"Ref": "OrderProcessor"},
        "StateMachineRevisionId": {"Fn::GetAtt": ["OrderProcessor", "StateMachineRevisionId"]},
    }
    # Without the old one there is nothing to go back to.
    assert version["UpdateReplacePolicy"] == "Retain"
    preference = ON_AWS["OrderProcessorAlias"]["Properties"]["DeploymentPreference"]
    assert preference["Alarms"] == [{"Ref": alarm} for alarm in ROLL_BACK]
    assert preference["StateMachineVersionArn"] == {"Ref": "OrderProcessorVersion"}
    assert (preference["Type"], preference["Percentage"], preference["Interval"]) == (
        "CANARY", 10, 15,
    )  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_traffic_moves_to_each_new_release(function: str) -> None:
    version, alias = ON_AWS[f"{function}Version"], ON_AWS[f"{function}Alias"]
    # A new description replaces the version, and Lambda publishes one only of what has changed.
    assert version["Properties"] == {
        "FunctionName": {"Ref": function}, "Description": {"Ref": "Release"},
    }  # fmt: skip
    variables = ON_AWS[function]["Properties"]["Environment"]["Variables"]
    assert variables["RELEASE"] == {"Ref": "Release"}
    assert version["UpdateReplacePolicy"] == "Retain"
    assert alias["Properties"]["FunctionVersion"] == {
        "Fn::GetAtt": [f"{function}Version", "Version"]
    }
    update = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    group = ON_AWS[update["DeploymentGroupName"]["Ref"]]["Properties"]
    assert update["DeploymentGroupName"] == {"Ref": f"{function}Deployments"}
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent15Minutes"
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert group["AlarmConfiguration"] == {
        "Enabled": True,
        "Alarms": [{"Name": {"Ref": alarm}} for alarm in ROLL_BACK],
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_everybody_calls_a_function_by_its_alias(function: str) -> None:
    machinery = {f"{function}Version", f"{function}Alias"}
    by_function = {
        name
        for name, each in ON_AWS.items()
        if name not in machinery
        and each["Type"] != "AWS::CloudWatch::Alarm"  # Its metrics are those of all versions.
        and re.search(rf'"(Ref": "|GetAtt": \["){function}"', json.dumps(each))
    }
    assert not by_function
    callers = {name for name, each in ON_AWS.items() if mentions(each, f"{function}Alias")}
    # The API names it by the ending :live, as test_routes.py has it.
    assert callers == {f"{function}Messages", f"{function}Permission"} & {*ON_AWS}


@pytest.mark.parametrize("stage", ["default", "prod"])
def test_a_plain_sam_deploy_leaves_no_traffic_at_an_old_version(stage: str) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())[stage]["deploy"]["parameters"]
    given = dict(each.split("=") for each in settings["parameter_overrides"].split())
    made = processed(**{"Release": "the last one"} | given)
    assert not VERSIONED & {resource["Type"] for resource in made.values()}


def test_a_repair_gets_all_traffic_at_once() -> None:
    preference = AT_ONCE["OrderProcessorAlias"]["Properties"]["DeploymentPreference"]
    assert preference == {
        "StateMachineVersionArn": {"Ref": "OrderProcessorVersion"}, "Type": "ALL_AT_ONCE",
    }  # fmt: skip
    for function in FUNCTIONS:
        group = AT_ONCE[f"{function}Deployments"]["Properties"]
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
        assert group["AlarmConfiguration"]["Enabled"] is False


def test_the_deployer_policy_covers_exactly_the_services_of_the_template() -> None:
    everything = processed(Release="1", OrdersPerSource="10").values()
    types = {resource["Type"].split("::")[1].lower() for resource in everything}
    called = {"stepfunctions": "states"}
    services = {called.get(service, service) for service in types}
    statements = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())["Statement"]
    allowed = {
        action.partition(":")[0]
        for statement in statements
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    # CloudFormation itself, SAM's bucket, what sam looks up, and the first order.
    assert allowed - {"cloudformation", "s3", "tag", "execute-api"} == services


def test_the_deployer_policy_names_no_resource_of_another_stack() -> None:
    statements = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())["Statement"]
    ours = re.compile(
        r"coffee-orders|sw-|aws-sam-cli-managed-default|:aws:transform/|CodeDeployDefault"
        # What has no name that could be told in advance.
        r"|/restapis|/tags|webacl|execute-api"
    )
    for statement in statements:
        resources = statement["Resource"]
        for arn in [resources] if isinstance(resources, str) else resources:
            wildcards = [each for each in statement["Action"] if each.endswith("*")]
            assert ours.search(arn) or (arn == "*" and not wildcards), arn
