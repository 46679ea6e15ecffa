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
    named = made["Conditions"]
    holds = {name: _holds(condition, given, named) for name, condition in named.items()}
    return {
        name: _decided(resource, holds)
        for name, resource in made["Resources"].items()
        if "Condition" not in resource or holds[resource["Condition"]]
    }


def _holds(condition: Any, given: dict[str, str], named: dict[str, Any]) -> bool:
    match condition:
        case {"Fn::Equals": [{"Ref": name}, value]}:
            return bool(given[name] == value)
        case {"Fn::Not": [other]}:
            return not _holds(other, given, named)
        case {"Fn::And": others}:
            return all(_holds(other, given, named) for other in others)
        case {"Fn::Or": others}:
            return any(_holds(other, given, named) for other in others)
        case {"Condition": name}:
            return _holds(named[name], given, named)
    raise ValueError(f"Not known: {condition}")


def _decided(value: Any, holds: dict[str, bool]) -> Any:
    match value:
        case {"Ref": "AWS::NoValue"}:
            return ABSENT
        case {"Fn::If": [name, then, otherwise]}:
            return _decided(then if holds[name] else otherwise, holds)
        case list():
            decided = [_decided(each, holds) for each in value]
            return [each for each in decided if each is not ABSENT]
        case dict():
            entries = {key: _decided(each, holds) for key, each in value.items()}
            return {key: each for key, each in entries.items() if each is not ABSENT}
    return value
