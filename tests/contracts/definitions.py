"""What the project declares: its template, its workflow and its events."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events"
DETAIL_TYPES = sorted(folder.name for folder in EVENTS.iterdir() if folder.is_dir())


class CloudFormationLoader(yaml.SafeLoader):
    """Reads ``!Ref X`` as ``{"Ref": "X"}`` and ``!GetAtt X.Arn`` as ``{"GetAtt": "X.Arn"}``."""


def _intrinsic(loader: yaml.SafeLoader, function: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {function: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {function: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {function: loader.construct_mapping(node, deep=True)}


CloudFormationLoader.add_multi_constructor("!", _intrinsic)


@cache
def template() -> dict[str, Any]:
    text = (ROOT / "template.yaml").read_text()
    loaded: dict[str, Any] = yaml.load(text, CloudFormationLoader)  # noqa: S506 (a SafeLoader)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of each of the template's resources of a type, by logical id."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template()["Resources"].items()
        if resource["Type"] == kind
    }


def statements(role: str) -> list[dict[str, Any]]:
    """The statements of a role's own policies."""
    return [
        statement
        for policy in resources("AWS::IAM::Role")[role].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


@cache
def states() -> dict[str, dict[str, Any]]:
    path = ROOT / "statemachine" / "order_processor.asl.json"
    loaded: dict[str, dict[str, Any]] = json.loads(path.read_text())["States"]
    return loaded


def schema(detail_type: str) -> dict[str, Any]:
    return _json(detail_type, "schema.json")


def example(detail_type: str) -> dict[str, Any]:
    return _json(detail_type, "example.json")


def _json(detail_type: str, name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EVENTS / detail_type / name).read_text())
    return loaded
