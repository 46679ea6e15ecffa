"""The template as CloudFormation gets to see it: what SAM makes of it, for given parameters."""

import json
import re
from functools import cache
from typing import Any

import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.contracts.definitions import ROOT

ABSENT = object()


@cache
def processed(*, code: str = "package", **parameters: str) -> dict[str, dict[str, Any]]:
    """The resources that these parameters bring about, with each ``Fn::If`` decided.

    ``code`` stands for what the packages hold.
    """
    template = yaml_parse((ROOT / "template.yaml").read_text())
    template["Globals"]["Function"]["CodeUri"] = f"s3://bucket/{code}"
    template["Resources"]["OrderProcessor"]["Properties"]["DefinitionUri"] = "s3://bucket/file"
    given = {name: each.get("Default", "") for name, each in template["Parameters"].items()}
    given |= parameters
    # Of anchors YAML makes one object, in which SAM would replace the same thing twice.
    template = json.loads(json.dumps(template))
    session = boto3.Session(region_name="eu-central-1")
    made = Translator({}, Parser(), boto_session=session).translate(template, dict(parameters))
    # SAM gives each deployment of the API a name of its own.
    made = json.loads(re.sub(r"(ApiDeployment|deployment id: )[0-9a-f]+", r"\1", json.dumps(made)))
    conditions = made["Conditions"]
    return {
        name: _decided(resource, conditions, given)
        for name, resource in made["Resources"].items()
        if "Condition" not in resource
        or _holds(conditions[resource["Condition"]], conditions, given)
    }


def _holds(condition: Any, conditions: dict[str, Any], given: dict[str, str]) -> bool:
    (kind, operands) = next(iter(condition.items()))
    if kind == "Condition":
        return _holds(conditions[operands], conditions, given)
    if kind == "Fn::Equals":
        first, second = (
            given[each["Ref"]] if isinstance(each, dict) else each for each in operands
        )
        return bool(first == second)
    results = [_holds(each, conditions, given) for each in operands]
    return {"Fn::Not": not results[0], "Fn::And": all(results), "Fn::Or": any(results)}[kind]


def _decided(value: Any, conditions: dict[str, Any], given: dict[str, str]) -> Any:
    if isinstance(value, list):
        decided = [_decided(each, conditions, given) for each in value]
        return [each for each in decided if each is not ABSENT]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": "AWS::NoValue"}:
        return ABSENT
    if "Fn::If" in value:
        name, then, otherwise = value["Fn::If"]
        chosen = then if _holds(conditions[name], conditions, given) else otherwise
        return _decided(chosen, conditions, given)
    entries = {key: _decided(each, conditions, given) for key, each in value.items()}
    return {key: each for key, each in entries.items() if each is not ABSENT}
