"""How a deployment reaches the stack: by stage, and by versions that alarms roll back."""

import json
import re
import shutil
import subprocess
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.definitions import ROOT, resources, template
from tests.contracts.sam_output import processed

DEV = processed(Deployment="gradual")
PROD = processed(Deployment="gradual", Stage="prod")
AT_ONCE = processed()
ON_LOCALSTACK = processed(LocalStackEndpoint="http://127.0.0.1:4566")
FUNCTIONS = sorted(resources("AWS::Serverless::Function"))
INTRINSIC = {"Ref", "Fn::Sub", "Fn::GetAtt"}
ROLL_BACK = [
    "FunctionErrorAlarm",
    "BrokenExecutionAlarm",
]
NO_NAME_OF_OURS = {"DisplayName", "MetricName", "DeploymentConfigName"}
VERSIONS = {"AWS::Lambda::Version", "AWS::StepFunctions::StateMachineVersion"}


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


def test_a_stage_changes_names_and_what_is_kept_and_limits_sources_and_nothing_else() -> None:
    limit = {"WebAcl", "WebAclAssociation"}
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
    assert different == names | policies | retention | limit


def test_the_tables_stay_when_a_prod_stack_goes() -> None:
    """But not if the first deployment fails, else they would be in the way of the second."""
    for stack, policies in (
        (PROD, ("RetainExceptOnCreate", "Retain")),
        (DEV, ("Delete", "Delete")),
    ):
        for table in (stack["ConfigTable"], stack["OrderTable"]):
            assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == policies
    others = {
        name for name, each in PROD.items() if each.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert {PROD[name]["Type"] for name in others} == VERSIONS | {"AWS::DynamoDB::Table"}


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
                assert shared or own or key in NO_NAME_OF_OURS, f"{name}.{key}: {text}"


def test_an_emulator_gets_nothing_that_it_lacks() -> None:
    lacking = r"AWS::(CodeDeploy::.*|StepFunctions::StateMachine(Alias|Version))"
    types = {each["Type"] for each in ON_LOCALSTACK.values()}
    assert not [name for name in types if re.fullmatch(lacking, name)]
    (target,) = ON_LOCALSTACK["OrderCreatedRule"]["Properties"]["Targets"]
    assert target["Arn"] == {"Ref": "OrderProcessor"}


def test_an_order_starts_by_the_alias() -> None:
    (target,) = DEV["OrderCreatedRule"]["Properties"]["Targets"]
    assert target["Arn"] == {"Ref": "OrderProcessorAlias"}


def test_all_else_names_the_workflow_without_a_version() -> None:
    """Step Functions authorizes by the ARN of the state machine, and reports by it.

    https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
    """
    by_alias = {name for name, each in DEV.items() if mentions(each, "OrderProcessorAlias")}
    assert by_alias == {"OrderCreatedRule"}
    detail = DEV["BrokenExecutionRule"]["Properties"]["EventPattern"]["detail"]
    assert detail["stateMachineArn"] == [{"Ref": "OrderProcessor"}]


def test_the_workflows_traffic_moves_to_each_new_revision() -> None:
    version = DEV["OrderProcessorVersion"]
    assert version["Properties"] == {
        "StateMachineArn": {"Ref": "OrderProcessor"},
        "StateMachineRevisionId": {"Fn::GetAtt": ["OrderProcessor", "StateMachineRevisionId"]},
    }
    # Without the old one there is nothing to go back to.
    assert version["UpdateReplacePolicy"] == "Retain"
    preference = DEV["OrderProcessorAlias"]["Properties"]["DeploymentPreference"]
    assert preference["Alarms"] == [{"Ref": alarm} for alarm in ROLL_BACK]
    assert preference["StateMachineVersionArn"] == {"Ref": "OrderProcessorVersion"}
    assert (preference["Type"], preference["Percentage"], preference["Interval"]) == (
        "CANARY", 10, 15,
    )  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_functions_traffic_moves_gradually_unless_an_alarm_is_raised(function: str) -> None:
    update = DEV[f"{function}Aliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    group = DEV[update["DeploymentGroupName"]["Ref"]]["Properties"]
    assert group["DeploymentConfigName"] == {
        "Fn::Sub": [
            "CodeDeployDefault.Lambda${ConfigName}", {"ConfigName": "Canary10Percent15Minutes"},
        ]
    }  # fmt: skip
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert group["AlarmConfiguration"] == {
        "Enabled": True,
        "Alarms": [{"Name": {"Ref": alarm}} for alarm in ROLL_BACK],
    }


def version(function: str, stack: dict[str, Any]) -> str:
    """The logical id of the version that gets a function's traffic; a new one is published."""
    alias = stack[f"{function}Aliaslive"]["Properties"]
    name, attribute = alias["FunctionVersion"]["Fn::GetAtt"]
    assert attribute == "Version"
    # Without the old one there is nothing to go back to.
    assert stack[name]["DeletionPolicy"] == "Retain"
    return str(name)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_release_publishes_a_version_of_each_function(function: str) -> None:
    """Lambda publishes one only of what has changed, so the release is in the description, too.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
    """
    first, second = (processed(Release=f"{number}000000000abc") for number in (1, 2))
    assert version(function, first) != version(function, second)
    assert first[function]["Properties"]["Description"] == "1000000000abc"


def make(*arguments: str, cwd: Path) -> str:
    files = ["-I", str(ROOT), "-f", str(ROOT / "Makefile")]
    command = [shutil.which("make") or "make", *files, *arguments]
    done = subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.mark.parametrize(
    ("target", "variable"),
    [
        ("deploy", "RELEASE"),
        ("deploy", "STAGE"),
        ("deploy", "ARCHITECTURE"),
        ("deploy", "DEPLOYMENT"),
        ("deploy", "PARAMETERS"),
        ("deployer", "STAGE"),
        ("deployer", "GITHUB"),
        ("redrive", "STACK"),
        ("redrive", "OLDER_THAN"),
        ("trace", "STACK"),
        ("trace", "ORDER"),
    ],
)
def test_make_runs_nothing_that_a_variable_holds(
    tmp_path: Path, target: str, variable: str
) -> None:
    """All of it but the line break is valid in the name of a tag."""
    name = "v1'\"$(touch${IFS}ran)`touch${IFS}ran`;touch${IFS}ran\ntouch ran"
    for file in ("pyproject.toml", "uv.lock", ".venv/bin/sam", ".venv/bin/python", ".venv/ready"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text('#!/bin/bash\nprintf "%s\\n" "$@"\n')
        (tmp_path / file).chmod(0o755)
    (tmp_path / ".venv/ready").write_text(str(tmp_path))

    made = make("--silent", target, f"{variable}={name.replace('$', '$$')}", cwd=tmp_path)

    assert not (tmp_path / "ran").exists()
    assert name in made.replace("$$", "$")


@pytest.mark.parametrize("target", ["deploy", "deployer"])
def test_what_a_shell_has_under_a_name_deploys_nothing_else(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """STACK is what the runbook sets, to look after the stack of prod."""
    before = make("--dry-run", target, "RELEASE=1", cwd=ROOT)
    for name in ("STACK", "STAGE", "ARCHITECTURE", "DEPLOYMENT", "PARAMETERS", "GITHUB"):
        monkeypatch.setenv(name, "of-something-else")

    assert make("--dry-run", target, "RELEASE=1", cwd=ROOT) == before
    assert "of-something-else" in make("--dry-run", "trace", "ORDER=1", cwd=ROOT)


def test_make_deploy_gives_a_new_release_each_second() -> None:
    made = make("--dry-run", "deploy", cwd=ROOT)
    (release,) = re.findall(r" Release='(\S+)'", made)
    assert abs(int(release[:10]) - time.time()) < 60
    assert re.fullmatch(template()["Parameters"]["Release"]["AllowedPattern"], release)


@pytest.mark.parametrize("stage", ["default", "prod"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_plain_sam_deploy_leaves_no_traffic_at_old_code(function: str, stage: str) -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())[stage]["deploy"]["parameters"]
    given = dict(each.split("=") for each in settings["parameter_overrides"].split())
    # What is not given stays as it was.
    given = {name: value.strip('"') for name, value in ({"Release": "123"} | given).items()}
    assert given["Deployment"] == "gradual"
    before, after = (processed(code=code, **given) for code in ("before", "after"))
    assert version(function, before) != version(function, after)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_everybody_calls_a_function_by_its_alias(function: str) -> None:
    alias = f"{function}Aliaslive"
    by_function = {
        name
        for name, each in DEV.items()
        if name not in {version(function, DEV), alias}
        and each["Type"] != "AWS::CloudWatch::Alarm"  # Its metrics are those of all versions.
        and re.search(rf'"(Ref": "|GetAtt": \["){function}"', json.dumps(each))
    }
    assert not by_function
    callers = {name for name, each in DEV.items() if mentions(each, alias)}
    # The API names it by the ending :live, as test_routes.py has it.
    assert callers == {f"{function}Messages", f"{function}RoutesPermissionv1"} & {*DEV}


def test_a_repair_gets_all_traffic_at_once() -> None:
    preference = AT_ONCE["OrderProcessorAlias"]["Properties"]["DeploymentPreference"]
    assert preference == {
        "StateMachineVersionArn": {"Ref": "OrderProcessorVersion"}, "Type": "ALL_AT_ONCE",
    }  # fmt: skip
    assert not [name for name, each in AT_ONCE.items() if "UpdatePolicy" in each]
