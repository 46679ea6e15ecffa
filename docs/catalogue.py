"""Makes docs/asyncapi.json and the table of the events in events/README.md.

The senders of an event come from the template's policies.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from cfnlint.decode import decode

from orders.events import OF_THE_ORDER_SERVICE, SOURCE, EventType

ROOT = Path(__file__).parents[1]
# Senders that the template does not name.
OTHER_SENDERS = {
    EventType.ORDER_CREATED: "the order service",
    EventType.ORDER_DELETED: "the order service",
    EventType.REJECTED: "make redrive",
}

type Resources = dict[str, dict[str, Any]]


class Event(NamedTuple):
    """An event, and who sends it."""

    detail_type: EventType
    schema: dict[str, Any]
    example: dict[str, Any]
    senders: list[str]

    @property
    def other_names(self) -> list[str]:
        """Its other detail-types."""
        from_outside = self.detail_type.status is None
        return [f"{OF_THE_ORDER_SERVICE}{self.detail_type}"] if from_outside else []


def events() -> list[Event]:
    """All events. Raises ValueError if the template sends one that there is not."""
    sent = [
        *((who, event_type) for event_type, who in OTHER_SENDERS.items()),
        *((who, EventType(name)) for who, name in list_sent(_template()["Resources"])),
    ]
    return [
        Event(
            event_type,
            json.loads((ROOT / "events" / event_type / "schema.json").read_text()),
            json.loads((ROOT / "events" / event_type / "example.json").read_text()),
            [who for who, what in sent if what is event_type],
        )
        for event_type in sorted(EventType)
    ]


@cache
def _template() -> dict[str, Any]:
    template, _ = decode(str(ROOT / "template.yaml"))
    return dict(template)


def list_sent(resources: Resources) -> Iterator[tuple[str, str]]:
    """Each sender with a detail-type that its policy allows. Raises ValueError if it allows all."""
    for holder, resource in resources.items():
        role = resource.get("Properties", {}).get("Role", {}).get("Fn::GetAtt", [None])[0]
        for policy in resources.get(role, {}).get("Properties", {}).get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                if "events:PutEvents" not in statement["Action"]:
                    continue
                allowed = statement.get("Condition", {}).get("ForAllValues:StringEquals", {})
                if "events:detail-type" not in allowed:
                    raise ValueError(f"{holder} may send every event: name its detail-types.")
                for detail_type in allowed["events:detail-type"]:
                    yield service_name(resource), detail_type


def service_name(resource: dict[str, Any]) -> str:
    """The name of a resource in the documents."""
    if resource["Type"] == "AWS::Serverless::StateMachine":
        return "the workflow"
    return str(resource["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"])


def table() -> str:
    """The events in Markdown."""
    lines = ["| detail-type | meaning | senders | consumers |", "|---|---|---|---|"]
    for event in events():
        meaning = event.schema["description"].partition(". ")[0].removesuffix(".") + "."
        senders, consumers = (
            ", ".join(who if who.startswith("the ") else f"`{who}`" for who in people)
            for people in (event.senders, event.detail_type.consumers)
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
        for action, people in (
            ("send", event.senders),
            ("receive", event.detail_type.consumers),
        ):
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
