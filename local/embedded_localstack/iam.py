"""What IAM checks for a call: its action, its resource and its condition keys.

Source: the Service Authorization Reference, for the calls that the stack makes.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from localstack.aws.api import RequestContext
from localstack.services.stepfunctions.backend.store import sfn_stores

_PREFIXES: Final = {"stepfunctions": "states"}
"""Services whose IAM prefix differs from the name of their client."""

_ACTIONS: Final = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "lambda:Invoke": "lambda:InvokeFunction",
}
"""Operations whose IAM action has another name."""


def action_of(service: str, operation: str) -> str:
    """Return the action of a service's operation, by its name in boto3 and in the API."""
    action = f"{_PREFIXES.get(service, service)}:{operation}"
    return _ACTIONS.get(action, action)


def resources_of(service: str, context: RequestContext) -> set[str | None]:
    """Return the ARNs that a policy must allow, or None for a resource that is not known here."""
    request: Mapping[str, Any] = context.service_request or {}
    arns: set[str | None] = {None}
    match service, request:
        case "dynamodb", {"TableName": table, **more}:
            index = f"/index/{more['IndexName']}" if "IndexName" in more else ""
            arns = {_arn(context, "dynamodb", "table/", table) + index}
        case "events", {"Entries": entries}:
            buses = {entry.get("EventBusName", "default") for entry in entries}
            arns = {_arn(context, "events", "event-bus/", bus) for bus in buses}
        case "logs", {"logGroupName": group, **more}:
            # Without a stream too: an error of AWS says "…:log-group:NAME:log-stream:" then.
            stream = f":log-stream:{more.get('logStreamName', '')}"
            arns = {_arn(context, "logs", "log-group:", group) + stream}
        case "sqs", {"QueueUrl": url}:
            # Not every URL that is called is a queue's.
            owner, name = ["", *urlsplit(str(url)).path.split("/")][-2:]
            arns = {f"arn:{context.partition}:sqs:{context.region}:{owner}:{name}"}
        case "stepfunctions", {"taskToken": token}:
            arns = {_waiting_state_machine(token, context)}
        case "sns", {"TopicArn": arn} | {"TargetArn": arn}:
            arns = {arn}
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
                | _leading_key(request)
            ]
        case "dynamodb", "PutItem" | "UpdateItem" | "DeleteItem":
            return [_leading_key(request)]
    return [{}]


def _leading_key(request: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the partition key of a call for one item, without what is its own after a "#".

    An order's id is left out: there are too many to record each.
    """
    item = request.get("Key") or request.get("Item") or {}
    key = str(item.get("PK", item.get("orderId", {})).get("S", ""))
    kind, mark, _ = key.partition("#")
    return {"dynamodb:LeadingKeys": [kind + mark]} if mark or "PK" in item else {}


def _attributes(request: Mapping[str, Any]) -> set[str]:
    """Return the attributes that a read names; a part of a map or a list counts as the whole."""
    expressions = ("ProjectionExpression", "KeyConditionExpression", "FilterExpression")
    text = " ".join(request.get(name, "") for name in expressions)
    # No :value, no .part or [0], and no function( or operator.
    found = re.findall(r"(?<![:.#\w])(?:#\w+|[A-Za-z_]\w*)\b(?!\s*\()", text)
    names = request.get("ExpressionAttributeNames") or {}
    mentioned = {names.get(name, name) for name in found} - {"AND", "OR", "NOT", "BETWEEN", "IN"}
    return mentioned | set(request.get("Key", ()))


def _waiting_state_machine(token: str, context: RequestContext) -> str | None:
    """Find the state machine that issued a task token; None if its execution does not exist.

    LocalStack keeps the tokens of an execution for as long as the execution, which is for good.
    """
    for execution in list(sfn_stores[context.account_id][context.region].executions.values()):
        environment = execution.exec_worker and execution.exec_worker.env
        if environment and environment.callback_pool_manager.get(token):
            return str(execution.state_machine_arn)
    return None


def _arn(context: RequestContext, service: str, kind: str, name: str) -> str:
    if name.startswith("arn:"):  # An API that takes a name takes an ARN in its place.
        return name
    return f"arn:{context.partition}:{service}:{context.region}:{context.account_id}:{kind}{name}"
