"""Rules for cfn-lint: what each resource of a type must have in this project's template.

`.cfnlintrc.yaml` adds them to cfn-lint's own rules. They read the template as it is written, with
SAM's Globals merged into the functions.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch

type Path = list[str | int]
type Resources = dict[str, dict[str, Any]]
type Problems = Iterator[tuple[Path, str]]

FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
# SAM makes rules and schedules from these.
EVENT_SOURCES = ("EventBridgeRule", "CloudWatchEvent", "Schedule", "ScheduleV2")


def rule(number: str, shortdesc: str, source: str = "") -> Callable[..., type[Any]]:
    """Make a rule of cfn-lint from a function that finds what breaks it, and where."""

    def make(find: Callable[[Resources], Problems]) -> type[Any]:
        def match(_: object, cfn: Any) -> list[RuleMatch]:
            return [RuleMatch(*problem) for problem in find(cfn.template["Resources"])]

        described = {"shortdesc": shortdesc, "description": find.__doc__, "source_url": source}
        return type(
            find.__name__, (CloudFormationLintRule,), {"id": number, "match": match, **described}
        )

    return make


@rule(
    "E9001",
    "Every function writes to a log group of the template",
    "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
)
def functions_without_log_group(resources: Resources) -> Problems:
    """For a function without a log group, Lambda creates one that keeps logs for ever."""
    for name, properties in of(resources, *FUNCTIONS):
        group = referred(properties.get("LoggingConfig", {}).get("LogGroup"))
        if type_of(resources, group) != "AWS::Logs::LogGroup":
            message = (
                f"{name} has no log group of its own: add an AWS::Logs::LogGroup with"
                " RetentionInDays and name it in LoggingConfig.LogGroup"
            )
            yield ["Resources", name, "Properties"], message


@rule("E9002", "Every function and every state machine is traced")
def untraced(resources: Resources) -> Problems:
    """A trace shows where the time of an order went."""
    on: dict[str, tuple[str, Any]] = {
        "AWS::Serverless::Function": ("Tracing", "Active"),
        "AWS::Lambda::Function": ("TracingConfig", {"Mode": "Active"}),
        "AWS::Serverless::StateMachine": ("Tracing", {"Enabled": True}),
        "AWS::StepFunctions::StateMachine": ("TracingConfiguration", {"Enabled": True}),
    }
    for name, properties in of(resources, *on):
        key, value = on[resources[name]["Type"]]
        if properties.get(key) != value:
            message = f"{name} is not traced: set {key} to {value}"
            yield ["Resources", name, "Properties"], message


@rule("E9003", "Every function has a role of its own")
def functions_without_own_role(resources: Resources) -> Problems:
    """With a shared role, each function has the permissions of the others."""
    holders: dict[str, list[str]] = {}
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        for key in ("Role", "RoleArn"):
            holders.setdefault(referred(properties.get(key)) or "", []).append(name)
    for name, properties in of(resources, *FUNCTIONS):
        role = referred(properties.get("Role"))
        path: Path = ["Resources", name, "Properties"]
        if role is None or type_of(resources, role) != "AWS::IAM::Role":
            message = (
                f"{name} has no role of the template: write an AWS::IAM::Role and name it in"
                " Role; the role that SAM would make allows more than the template shows"
            )
            yield path, message
        elif others := [other for other in holders[role] if other != name]:
            yield path, f"{name} shares {role} with {', '.join(others)}: give it its own role"


@rule(
    "E9004",
    "Every target of a rule has a retry policy and a dead-letter queue",
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
)
def targets_that_lose_events(resources: Resources) -> Problems:
    """EventBridge drops an event after its last attempt to deliver it."""
    for path, target in targets(resources):
        where = f"The target {'.'.join(map(str, path[3:]))} of {path[1]}"
        if not target.get("RetryPolicy"):
            yield path, f"{where} has no RetryPolicy: set for how long and how often to retry"
        queue = referred(target.get("DeadLetterConfig", {}).get("Arn"))
        if type_of(resources, queue) != "AWS::SQS::Queue":
            message = (
                f"{where} has no dead-letter queue: name a queue of the template in"
                " DeadLetterConfig.Arn"
            )
            yield path, message


@rule("E9005", "Every queue but the dead-letter queues has a dead-letter queue")
def queues_without_dead_letter_queue(resources: Resources) -> Problems:
    """Otherwise a message that always fails is retried until it expires."""
    dead_letter_names = dead_letter_queues(resources)
    for name, properties in of(resources, "AWS::SQS::Queue"):
        queue = referred(properties.get("RedrivePolicy", {}).get("deadLetterTargetArn"))
        if name not in dead_letter_names and queue not in dead_letter_names:
            message = (
                f"{name} has no dead-letter queue: name a queue of the template in"
                " RedrivePolicy.deadLetterTargetArn"
            )
            yield ["Resources", name, "Properties"], message


@rule("E9006", "Every dead-letter queue has an alarm with an action")
def dead_letter_queues_without_alarm(resources: Resources) -> Problems:
    """Nobody looks into a dead-letter queue without an alarm."""
    watched = {
        referred(dimension.get("Value"))
        for _, alarm in of(resources, "AWS::CloudWatch::Alarm")
        if alarm.get("Namespace") == "AWS/SQS"
        and alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and alarm.get("AlarmActions")
        for dimension in alarm.get("Dimensions", [])
    }
    for name in dead_letter_queues(resources):
        if name not in watched:
            message = (
                f"{name} has no alarm: add an AWS::CloudWatch::Alarm with AlarmActions on its"
                " ApproximateNumberOfMessagesVisible in AWS/SQS"
            )
            yield ["Resources", name], message


@rule("E9007", "No statement allows an action with a wildcard")
def wildcard_actions(resources: Resources) -> Problems:
    """A wildcard also allows actions that AWS adds later."""
    for path, statement in statements(resources, ["Resources"]):
        if statement.get("Effect") != "Allow":
            continue
        wild = [f"the action '{action}'" for action in listed(statement.get("Action", []))
                if not isinstance(action, str) or "*" in action]  # fmt: skip
        if "NotAction" in statement:
            wild.append("all actions but its NotAction")
        if wild:
            yield path, f"{path[1]} allows {', '.join(wild)}: name each action that it needs"


@rule(
    "E9008",
    "A queue takes messages from rules of the template only",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/quickref-iam.html"
    "#scenario-sqs-policy",
)
def queues_that_take_from_others(resources: Resources) -> Problems:
    """Who else may send could make a function believe that something happened."""
    for name, properties in of(resources, "AWS::SQS::QueuePolicy"):
        for where, statement in statements(properties, ["Resources", name, "Properties"]):
            senders = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn")
            if statement.get("Principal") != {"Service": "events.amazonaws.com"} or any(
                type_of(resources, referred(sender)) != "AWS::Events::Rule"
                for sender in listed(senders)
            ):
                message = (
                    f"A statement of {name} lets others send than rules of the template: name"
                    " events.amazonaws.com as the Principal, and rules in ArnEquals aws:SourceArn"
                )
                yield where, message
            # SQS refused one that names several: remind101/stacker_blueprints, PR 71.
            if statement.get("Resource") != "*":
                yield where, f"A statement of {name} names a queue: its Resource must be '*'"


def of(resources: Resources, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The logical ids and properties of the resources of these types."""
    for name, resource in resources.items():
        if resource.get("Type") in kinds:
            yield name, resource.get("Properties", {})


def type_of(resources: Resources, name: str | None) -> str | None:
    return resources.get(name, {}).get("Type") if name else None


def referred(value: object) -> str | None:
    """The logical id in a Ref or a GetAtt, None for all else."""
    if isinstance(value, dict) and len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return str(argument)
        if function == "Fn::GetAtt":
            return str(argument[0] if isinstance(argument, list) else argument.split(".")[0])
    return None


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def targets(resources: Resources) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The targets of EventBridge's rules and schedules, including those that SAM makes."""
    for name, rule in of(resources, "AWS::Events::Rule"):
        for number, target in enumerate(rule.get("Targets", [])):
            yield ["Resources", name, "Properties", "Targets", number], target
    for name, schedule in of(resources, "AWS::Scheduler::Schedule"):
        yield ["Resources", name, "Properties", "Target"], schedule.get("Target", {})
    for name, properties in of(resources, FUNCTIONS[0], "AWS::Serverless::StateMachine"):
        for event, source in properties.get("Events", {}).items():
            if source.get("Type") in EVENT_SOURCES:
                path: Path = ["Resources", name, "Properties", "Events", event]
                yield path, source.get("Properties", {})


def dead_letter_queues(resources: Resources) -> list[str]:
    """The queues of the template that something names as its dead-letter queue."""
    named = []
    for _, mapping in mappings(resources, []):
        named.append(mapping.get("deadLetterTargetArn"))
        for key, arn in (("DeadLetterConfig", "Arn"), ("DeadLetterQueue", "TargetArn")):
            if isinstance(config := mapping.get(key), dict):
                named.append(config.get(arn))
    queues = dict.fromkeys(referred(value) for value in named)
    return [name for name in queues if name and type_of(resources, name) == "AWS::SQS::Queue"]


def statements(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """All IAM statements in ``value``, which lies at ``path``."""
    for where, mapping in mappings(value, path):
        if "Effect" in mapping:
            yield where, mapping


def mappings(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        yield path, value
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, each in inner:
        yield from mappings(each, [*path, key])
