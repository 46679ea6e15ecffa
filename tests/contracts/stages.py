"""The stack as it stands in an account: each resource's ARN, and policies without a placeholder."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from samcli.yamlhelper import yaml_parse

from tests.contracts.definitions import ROOT, template
from tests.contracts.sam_output import processed

REGION, ACCOUNT = "eu-central-1", "111122223333"
STACKS = {
    "dev": ("coffee-orders", ""),
    "prod": ("coffee-orders-prod", "-prod"),
    # Two shops of a chain, as docs/chain.md deploys them.
    "bern": ("shop-bern", "-bern-prod"),
    "zug": ("shop-zug", "-zug-prod"),
}
"""Each stage's stack, and what its bus and its tables end with. A shop is one, too."""
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}

OF_THE_ACCOUNT = f"{REGION}:{ACCOUNT}"
FORMS = {
    "AWS::ApiGateway::RestApi": f"apigateway:{REGION}::/restapis/0a1b2c",
    "AWS::CloudWatch::Alarm": f"cloudwatch:{OF_THE_ACCOUNT}:alarm:{{}}",
    "AWS::CloudWatch::Dashboard": f"cloudwatch::{ACCOUNT}:dashboard/{{}}",
    "AWS::CodeDeploy::Application": f"codedeploy:{OF_THE_ACCOUNT}:application:{{}}",
    "AWS::CodeDeploy::DeploymentGroup": f"codedeploy:{OF_THE_ACCOUNT}:deploymentgroup:{{}}/{{}}",
    "AWS::DynamoDB::Table": f"dynamodb:{OF_THE_ACCOUNT}:table/{{}}",
    "AWS::Events::EventBus": f"events:{OF_THE_ACCOUNT}:event-bus/{{}}",
    "AWS::Events::Rule": f"events:{OF_THE_ACCOUNT}:rule/{{}}",
    "AWS::IAM::Role": f"iam::{ACCOUNT}:role/{{}}",
    "AWS::Lambda::EventSourceMapping": f"lambda:{OF_THE_ACCOUNT}:event-source-mapping:0a1b",
    "AWS::Lambda::Function": f"lambda:{OF_THE_ACCOUNT}:function:{{}}",
    "AWS::Logs::LogGroup": f"logs:{OF_THE_ACCOUNT}:log-group:{{}}",
    "AWS::SNS::Topic": f"sns:{OF_THE_ACCOUNT}:{{}}",
    "AWS::SQS::Queue": f"sqs:{OF_THE_ACCOUNT}:{{}}",
    "AWS::StepFunctions::StateMachine": f"states:{OF_THE_ACCOUNT}:stateMachine:{{}}",
    "AWS::XRay::SamplingRule": f"xray:{OF_THE_ACCOUNT}:sampling-rule/{{}}",
    "AWS::WAFv2::WebACL": f"wafv2:{OF_THE_ACCOUNT}:regional/webacl/{{}}/0a1b2c",
}
"""The ARNs of each type, without their beginning and the resource's name."""
NAMED_BY_PARAMETER = ("EventBusName", "ConfigTableName", "OrderTableName")
REF_IS_ARN = {"AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"}


def deployed(stage: str) -> dict[str, dict[str, Any]]:
    """The resources of a stage's stack, with all that there may be."""
    kind = "dev" if stage == "dev" else "prod"
    return processed(Deployment="gradual", RequestsPerSource="10", RoleBoundary="on", Stage=kind)


@cache
def arns(stage: str) -> dict[str, str]:
    """The ARNs of those of a stage's resources that have one, by logical id."""
    names = names_in(stage)
    return {name: arn for name in deployed(stage) if (arn := names.get(f"{name}.Arn"))}


@cache
def names_in(stage: str) -> dict[str, str]:
    """What ``Ref`` and ``Fn::GetAtt`` give in a stage's stack."""
    stack, suffix = STACKS[stage]
    names = {name: str(each.get("Default")) for name, each in template()["Parameters"].items()}
    names |= {name: names[name] + suffix.removesuffix("-prod") for name in NAMED_BY_PARAMETER}
    names |= PSEUDO | {"AWS::StackName": stack}
    for logical_id, resource in deployed(stage).items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        properties = properties | properties.get("SamplingRule", {})  # X-Ray has it a level down.
        # CloudFormation draws the name of what has none by lot.
        written = [f"{kind.rpartition('::')[2]}Name", "Name", "RuleName", "StateMachineName"]
        own = [properties[key] for key in written if key in properties]
        name = resolved(own[0], names) if own else f"{stack}-{logical_id}-0A1B2C"
        names |= {logical_id: name, f"{logical_id}.Name": name}
        if kind in FORMS:
            bus = properties.get("EventBusName")
            path = f"{resolved(bus, names)}/{name}" if kind == "AWS::Events::Rule" and bus else name
            arn = f"arn:aws:{FORMS[kind].format(path, path)}"
            names |= {f"{logical_id}.Arn": arn} | ({logical_id: arn} if kind in REF_IS_ARN else {})
    return names


def resolved(value: Any, names: Mapping[str, str]) -> Any:
    """A value of a template with its references replaced."""
    match value:
        case {"Ref": name}:
            return names[name]
        case {"Fn::GetAtt": [name, attribute]}:
            return names[f"{name}.{attribute}"]
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w.:]+)\}", lambda found: names[found[1]], text)
        case list():
            return [resolved(each, names) for each in value]
        case dict():
            return {key: resolved(each, names) for key, each in value.items()}
    return value


def boundary_arn(stage: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/boundary-{STACKS[stage][0]}"


@cache
def deployer(stage: str) -> dict[str, dict[str, Any]]:
    """The properties of what deployer.yaml sets up for a stage, by logical id."""
    stack, suffix = STACKS[stage]
    names = PSEUDO | {"Stack": stack, "Suffix": suffix, "Boundary": boundary_arn(stage)}
    made = yaml_parse((ROOT / "deployer.yaml").read_text())["Resources"]
    names |= {name: name for name in made if name != "Boundary"} | {"GitHubSubject": "repo:o/r"}
    return {name: resolved(each["Properties"], names) for name, each in made.items()}


def statements(stage: str, *policies: str) -> list[dict[str, Any]]:
    """The statements of policies of deployer.yaml, for a stage."""
    made = deployer(stage)
    return [each for name in policies for each in made[name]["PolicyDocument"]["Statement"]]
