"""Makes docs/asyncapi.json and the table of the events in events/README.md.

The senders of an event come from the template's policies, its consumers from the rules.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cfnlint.decode import decode

from orders.events import SOURCE, plain

ROOT = Path(__file__).parents[1]
# Senders that the template does not name.
OTHER_SENDERS = {
    "OrderCreated": "the order service",
    "OrderDeleted": "the order service",
    "OrderProcessor.OrderRejected": "make redrive",
}

type Resources = dict[str, dict[str, Any]]


class Event(NamedTuple):
    """An event, who sends it, its consumers, and its other detail-types."""

    detail_type: str
    schema: dict[str, Any]
    example: dict[str, Any]
    senders: list[str]
    consumers: list[str]
    other_names: list[str]


def events() -> list[Event]:
    """All events that have a folder. Raises ValueError for an event without one."""
    template = _template()
    sent = list(list_sent(template["Resources"]))
    delivered = list(list_delivered(template["Resources"]))
    folders = sorted(path.parent for path in (ROOT / "events").glob("*/schema.json"))
    names = {folder.name for folder in folders}
    if unknown := {name for _, name in sent + delivered if plain(name) not in names}:
        raise ValueError(f"The template has events without a folder in events/: {unknown}.")
    return [
        Event(
            name,
            json.loads((folder / "schema.json").read_text(encoding="utf-8")),
            json.loads((folder / "example.json").read_text(encoding="utf-8")),
            [
                *filter(None, [OTHER_SENDERS.get(name)]),
                *(who for who, what in sent if what == name),
            ],
            list(dict.fromkeys(who for who, what in delivered if plain(what) == name)),
            [what for _, what in delivered if plain(what) == name != what],
        )
        for folder in folders
        for name in [folder.name]
    ]


@cache
def _template() -> dict[str, Any]:
    template, _ = decode(str(ROOT / "template.yaml"))
    return dict(template)


def list_sent(resources: Resources) -> Iterator[tuple[str, str]]:
    """Each sender with a detail-type that its policy allows. Raises ValueError if it allows all."""
    for holder, resource in resources.items():
        role = resources.get(referred(resource.get("Properties", {}).get("Role")) or "", {})
        for policy in role.get("Properties", {}).get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "events:PutEvents" not in listed(statement["Action"]):
                    continue
                allowed = statement.get("Condition", {}).get("ForAllValues:StringEquals", {})
                if "events:detail-type" not in allowed:
                    raise ValueError(f"{holder} may send every event: name its detail-types.")
                for detail_type in listed(allowed["events:detail-type"]):
                    yield service_name(holder, resource), detail_type


def list_delivered(resources: Resources) -> Iterator[tuple[str, str]]:
    """Each consumer with a detail-type that a rule delivers to it or to its queue."""
    for rule in resources.values():
        pattern = rule.get("Properties", {}).get("EventPattern", {})
        if rule["Type"] != "AWS::Events::Rule" or pattern.get("source") != [SOURCE]:
            continue
        for target in rule["Properties"]["Targets"]:
            name = referred(target["Arn"]) or ""
            for who in list_readers(resources, name) or [service_name(name, resources[name])]:
                yield from ((who, detail_type) for detail_type in pattern["detail-type"])


def list_readers(resources: Resources, queue: str) -> list[str]:
    """The functions that read the queue."""
    return [
        service_name(name, resource)
        for name, resource in resources.items()
        for source in resource.get("Properties", {}).get("Events", {}).values()
        if referred(source["Properties"].get("Queue")) == queue
    ]


def service_name(name: str, resource: dict[str, Any]) -> str:
    """The name of a resource in the documents."""
    if resource["Type"] == "AWS::Serverless::StateMachine":
        return "the workflow"
    variables = resource["Properties"].get("Environment", {}).get("Variables", {})
    return str(variables.get("POWERTOOLS_SERVICE_NAME", name))


def referred(value: object) -> str | None:
    """The logical id in a Ref or a GetAtt, of an If in its last one, None for all else."""
    if isinstance(value, dict) and len(value) == 1:
        (argument,) = value.values()
        if "Fn::If" in value:  # The workflow's alias or the workflow: the workflow.
            return referred(argument[-1])
        return str(argument[0] if isinstance(argument, list) else argument)
    return None


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def table() -> str:
    """The events in Markdown."""
    lines = ["| detail-type | meaning | senders | consumers |", "|---|---|---|---|"]
    for event in events():
        meaning = event.schema["description"].partition(". ")[0].removesuffix(".") + "."
        senders, consumers = (
            ", ".join(who if who.startswith("the ") else f"`{who}`" for who in people)
            for people in (event.senders, event.consumers)
        )
        lines.append(f"| `{event.detail_type}` | {meaning} | {senders} | {consumers} |")
    return "\n".join(lines)


def asyncapi() -> str:
    """The AsyncAPI document: one channel, and two operations for each sender and consumer."""
    all_events = events()
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Coffee orders: events",
            "version": "1",
            "description": "The events on the bus, as events/README.md lists them.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "bus": {
                "address": _template()["Parameters"]["EventBusName"]["Default"],
                "description": "An event bus of Amazon EventBridge, by its name.",
                "messages": {
                    event.detail_type: {"$ref": f"#/components/messages/{event.detail_type}"}
                    for event in all_events
                },
            }
        },
        "operations": operations(all_events),
        "components": {
            "messages": {event.detail_type: message(event) for event in all_events},
            "schemas": {
                # An AsyncAPI schema is in a dialect of its own, and says nothing of it.
                event.detail_type: {k: v for k, v in event.schema.items() if k != "$schema"}
                for event in all_events
            },
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def operations(all_events: list[Event]) -> dict[str, Any]:
    """The operations by ids such as order_tracking-receives."""
    found: dict[str, Any] = {}
    for event in all_events:
        for action, people in (("send", event.senders), ("receive", event.consumers)):
            for who in people:
                identifier = f"{who.removeprefix('the ').replace(' ', '_')}-{action}s"
                operation = found.setdefault(
                    identifier,
                    {
                        "action": action,
                        "title": f"Events that {who} {action}s",
                        "channel": {"$ref": "#/channels/bus"},
                        "messages": [],
                    },
                )
                operation["messages"].append(
                    {"$ref": f"#/channels/bus/messages/{event.detail_type}"}
                )
    return dict(sorted(found.items()))


def message(event: Event) -> dict[str, Any]:
    """A message is the whole event, as EventBridge delivers it."""
    also = "".join(f" Also accepted as {name}." for name in event.other_names)
    text = {"type": "string"}
    payload = {
        "type": "object",
        "properties": dict.fromkeys(event.example, text)
        | {
            "detail-type": {"enum": [event.detail_type, *event.other_names]},
            "source": {"const": SOURCE},
            "time": {"type": "string", "format": "date-time"},
            "resources": {"type": "array", "items": text},
            "detail": {"$ref": f"#/components/schemas/{event.detail_type}"},
        },
        "required": list(event.example),
    }
    return {
        "name": event.detail_type,
        "title": event.detail_type,
        "summary": event.schema["description"] + also,
        "payload": payload,
        "examples": [{"payload": event.example}],
    }
