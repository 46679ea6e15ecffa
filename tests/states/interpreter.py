"""One state of the workflow, carried out alone: on AWS by TestState, here by what is below.

JSONata is evaluated by jsonata-python, a port of dashjoin's jsonata-java, as in the emulators.
How a state makes its output of that is documented:
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from jsonata import Jsonata
from jsonata.utils import Utils

from harness.aws import ON_AWS, is_deployed
from tests.contracts.definitions import states

from .rows import MACHINE

type Json = dict[str, Any]

SUBSTITUTIONS = {
    "Partition": "aws",
    "StateMachineArn": MACHINE,
    "OrderTableName": "orders",
    "ConfigTableName": "config",
    "EventBusName": "bus",
    "HeartbeatSeconds": "900",
    "ContactEmail": "ada@example.com",
    "ContactPhone": "0800 1234",
}
"""What stands for the template's DefinitionSubstitutions."""

TIME_OUTS = {"States.Timeout", "States.HeartbeatTimeout"}


class QueryEvaluationError(Exception):
    """An expression failed, or has no result, which fails its state on AWS."""


@dataclass(frozen=True)
class Answer:
    """What a state leaves: the next state, its output, what it assigned, what a Task asked for."""

    next: str | None
    output: Any
    variables: Json = field(default_factory=dict)
    asked: Any = None


def carry_out(
    name: str, given: Json, variables: Json, context: Json, result: Json | None = None
) -> Answer:
    """Carry out a state; a Task's service answers ``result``. Raises QueryEvaluationError."""
    known = {"input": given, "context": context, "result": result}
    return (_ask_aws if ON_AWS and is_deployed() else _interpret)(
        definition(name), known, variables
    )


def handle(name: str, error: str, retries: int) -> int | str | None:
    """What becomes of an error of a Task that was tried again ``retries`` times already.

    That is the seconds until the next try, the next state, or None if the execution fails. A name
    of which States.TaskFailed is the wildcard is any but that of a time-out:
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    state = definition(name)
    retrier = _first(state.get("Retry", []), error)
    if retrier and retries < retrier["MaxAttempts"]:
        seconds = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** retries
        return int(min(seconds, retrier.get("MaxDelaySeconds", seconds)))
    catcher = _first(state.get("Catch", []), error)
    return catcher["Next"] if catcher else None


def _first(entries: list[Json], error: str) -> Json | None:
    names = {error} | (set() if error in TIME_OUTS else {"States.TaskFailed"})
    return next((entry for entry in entries if names & set(entry["ErrorEquals"])), None)


@cache
def definition(name: str) -> Json:
    """A state as it is deployed."""
    text = json.dumps(states()[name])
    for variable, value in SUBSTITUTIONS.items():
        text = text.replace(f"${{{variable}}}", value)
    state: Json = json.loads(text)
    return state


def _interpret(state: Json, known: Json, variables: Json) -> Answer:
    def evaluate(field: str, default: Any) -> Any:
        return _evaluate(state[field], known, variables) if field in state else default

    if state["Type"] == "Choice":
        chosen = (
            rule["Next"]
            for rule in state["Choices"]
            if _evaluate(rule["Condition"], known, variables) is True
        )
        return Answer(next(chosen, state["Default"]), known["input"])
    is_task = state["Type"] == "Task"
    return Answer(
        state.get("Next"),
        evaluate("Output", known["result"] if is_task else known["input"]),
        evaluate("Assign", {}),
        evaluate("Arguments", None),
    )


def _evaluate(template: Any, known: Json, variables: Json) -> Any:
    if isinstance(template, dict):
        return {name: _evaluate(value, known, variables) for name, value in template.items()}
    if isinstance(template, list):
        return [_evaluate(value, known, variables) for value in template]
    if not isinstance(template, str) or not template.startswith("{%"):
        return template
    expression = _parse(template.removeprefix("{%").removesuffix("%}"))
    bindings = {"states": known, **variables}
    nulls = {name: Utils.NULL_VALUE for name, value in bindings.items() if value is None}
    try:
        value = expression.evaluate(None, bindings | nulls)
    except Exception as error:
        raise QueryEvaluationError(f"{template}: {error}") from error
    if value is None:
        raise QueryEvaluationError(f"{template} returned nothing")
    return Utils.convert_nulls(value)


def _parse(text: str) -> Jsonata:
    expression = Jsonata.jsonata(text)
    expression.set_output_convert_nulls(False)  # Tells null from nothing.
    return expression


def _ask_aws(state: Json, known: Json, variables: Json) -> Answer:
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html"""
    request: Json = {
        "definition": json.dumps(state | {"QueryLanguage": "JSONata"}),
        "input": json.dumps(known["input"]),
        "variables": json.dumps(variables),
        "context": json.dumps(known["context"]),
    }
    if known["result"] is not None:
        request["mock"] = {"result": json.dumps(known["result"])}
    answer: Any = boto3.client("stepfunctions").test_state(inspectionLevel="DEBUG", **request)
    if answer["status"] != "SUCCEEDED":
        raise QueryEvaluationError(answer["cause"])
    seen = answer["inspectionData"]
    return Answer(
        answer.get("nextState"),
        json.loads(answer["output"]),
        json.loads(seen.get("variables", "{}")),
        json.loads(seen.get("afterArguments", "null")),
    )
