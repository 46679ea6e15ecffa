"""The alarms and the dashboard that a deployed stack declares, with its own names put in.

From the processed template: not every emulator makes every resource of it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3

from tests.metrics import Metric

from .alarms import Alarm


class Declared:
    """A stack's processed template, resolved with its parameters and its resources."""

    def __init__(self, stack_name: str) -> None:
        cloudformation = boto3.client("cloudformation")
        template: Any = cloudformation.get_template(
            StackName=stack_name, TemplateStage="Processed"
        )["TemplateBody"]
        (stack,) = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
        pages = cloudformation.get_paginator("list_stack_resources")
        _, partition, _, region, account, _ = stack["StackId"].split(":", 5)
        self._resources: dict[str, Any] = template["Resources"]
        self._names = {
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::AccountId": account,
            "AWS::StackName": stack_name,
        }
        for page in pages.paginate(StackName=stack_name):
            for resource in page["StackResourceSummaries"]:
                name, given = resource["LogicalResourceId"], resource["PhysicalResourceId"]
                self._names |= {name: given, f"{name}.QueueName": given.rpartition("/")[2]}
        for parameter in stack["Parameters"]:
            self._names[parameter["ParameterKey"]] = parameter["ParameterValue"]

    def alarms(self) -> list[Alarm]:
        return [Alarm.of(name, self._resolve(found)) for name, found in self._of("Alarm")]

    def dashboard_metrics(self) -> set[Metric]:
        """What the dashboards show."""
        bodies = [
            json.loads(self._resolve(found["DashboardBody"])) for _, found in self._of("Dashboard")
        ]
        return {
            Metric.in_row(row)
            for body in bodies
            for widget in body["widgets"]
            for row in widget["properties"].get("metrics", [])
        }

    def _of(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, resource in self._resources.items():
            if resource["Type"] == f"AWS::CloudWatch::{kind}":
                yield name, resource["Properties"]

    def _resolve(self, value: Any) -> Any:
        match value:
            case {"Ref": str(name)}:
                return self._named(name)
            case {"Fn::GetAtt": [resource, attribute]}:
                return self._named(f"{resource}.{attribute}")
            case {"Fn::Sub": str(text)}:
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._named(found[1]), text)
            case dict():
                return {key: self._resolve(inner) for key, inner in value.items()}
            case list():
                return [self._resolve(inner) for inner in value]
        return value

    def _named(self, name: str) -> str:
        """What a metric has of a resource or parameter; of others, the name in the template."""
        return self._names.get(name, f"<{name}>")
