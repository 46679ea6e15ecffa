"""What IAM checks for a call: its action, its resource and its condition keys.

Source: the Service Authorization Reference, for the calls that the stack makes.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

_PREFIXES: Final = {"stepfunctions": "states"}
"""Services whose IAM prefix differs from the name of their client."""

_ACTIONS: Final = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "lambda:Invoke": "lambda:InvokeFunction",
}
"""Operations whose IAM action has another name."""


@dataclass(frozen=True)
class Account:
    """The partition, the region and the id of the account that a call is made in."""

    partition: str
    region: str
    id: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource there."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"


def action_of(service: str, operation: str) -> str:
    """Return the action of a service's operation, by its name in boto3 and in the API."""
    action = f"{_PREFIXES.get(service, service)}:{operation}"
    return _ACTIONS.get(action, action)


def resources_of(service: str, request: Mapping[str, Any], account: Account) -> set[str | None]:
    """Return the ARNs that a policy must allow, or None for a resource that is not known here.

    Not for Step Functions' callbacks: a task token does not tell whose it is.
    """
    arns: set[str | None] = {None}
    match service, request:
        case "dynamodb", {"TableName": table, **more}:
            index = f"/index/{more['IndexName']}" if "IndexName" in more else ""
            arns = {_arn(account, "dynamodb", "table/", table) + index}
        case "events", {"Entries": entries}:
            buses = {entry.get("EventBusName", "default") for entry in entries}
            arns = {_arn(account, "events", "event-bus/", bus) for bus in buses}
        case "logs", {"logGroupName": group, **more}:
            # Without a stream too: an error of AWS says "…:log-group:NAME:log-stream:" then.
            stream = more.get("logStreamName", "")
            arns = {account.arn("logs", f"log-group:{group}:log-stream:{stream}")}
        case "sns", {"TopicArn": arn} | {"TargetArn": arn}:
            arns = {arn}
        case "sqs", {"QueueUrl": url}:
            # Not every URL that is called is a queue's.
            owner, name = ["", *urlsplit(str(url)).path.split("/")][-2:]
            arns = {Account(account.partition, account.region, owner).arn("sqs", name)}
        case "stepfunctions", {"executionArn": arn} | {"stateMachineArn": arn}:
            arns = {arn}
    return arns


def contexts_of(
    service: str, operation: str, request: Mapping[str, Any]
) -> list[dict[str, list[str]]]:
    """Return the condition keys that policies of the stack use, with their values.

    PutEvents is asked about once for each entry, as its keys are those of one event. Left out are
    the keys of a table or an index that a read doesn't mention.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    match service, operation:
        case "events", "PutEvents":
            keys = {"events:source": "Source", "events:detail-type": "DetailType"}
            return [
                {key: [entry[field]] for key, field in keys.items() if field in entry}
                for entry in request["Entries"]
            ]
        case "dynamodb", "GetItem" | "Query":
            specific = "ProjectionExpression" in request
            select = "SPECIFIC_ATTRIBUTES" if specific else "ALL_ATTRIBUTES"
            return [
                {"dynamodb:Attributes": sorted(_attributes(request)), "dynamodb:Select": [select]}
            ]
        case "dynamodb", "UpdateItem" if request["Key"].keys() == {"PK"}:
            # Of the config table, whose items are few; the order table has one for each order.
            return [{"dynamodb:LeadingKeys": [request["Key"]["PK"]["S"]]}]
    return [{}]


def _attributes(request: Mapping[str, Any]) -> set[str]:
    """Return the attributes that a read names; a part of a map or a list counts as the whole."""
    expressions = ("ProjectionExpression", "KeyConditionExpression", "FilterExpression")
    text = " ".join(request.get(name, "") for name in expressions)
    # No :value, no .part or [0], and no function( or operator.
    found = re.findall(r"(?<![:.#\w])(?:#\w+|[A-Za-z_]\w*)\b(?!\s*\()", text)
    names = request.get("ExpressionAttributeNames") or {}
    mentioned = {names.get(name, name) for name in found} - {"AND", "OR", "NOT", "BETWEEN", "IN"}
    return mentioned | set(request.get("Key", ()))


def _arn(account: Account, service: str, kind: str, name: str) -> str:
    # An API that takes a name takes an ARN in its place.
    return name if name.startswith("arn:") else account.arn(service, kind + name)
