"""One state of the workflow, carried out alone: on AWS by TestState, here by what is below.

To test a definition of your own, in JSONata, with your own rows (test_states.py shows how):
1. Copy this file; it needs boto3 and jsonata-python, and nothing else from here.
2. Let DEFINITION be your file, and SUBSTITUTIONS what stands for each ${name} in it.
3. Compare what `carry_out` answers for a state, an input and a task's mocked result.
4. Compare what `handle` answers for a state, an error and the number of retries so far.
5. Let ASK_AWS be true where credentials of AWS are: TestState then carries out what it can.

JSONata is evaluated by jsonata-python, a port of dashjoin's jsonata-java, as in the emulators.
How a state makes its output of that is documented:
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import json
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from jsonata import Jsonata
from jsonata.utils import Utils

type Json = dict[str, Any]

DEFINITION = Path(__file__).parents[2] / "statemachine" / "order_processor.asl.json"
SUBSTITUTIONS = {
    "Partition": "aws",
    "StateMachineArn": "arn:aws:states:eu-central-1:123456789012:stateMachine:OrderProcessor",
    "OrderTableName": "orders",
    "ConfigTableName": "config",
    "EventBusName": "bus",
    "HeartbeatSeconds": "900",
    "ContactEmail": "ada@example.com",
    "ContactPhone": "0800 1234",
}
"""What stands for the template's DefinitionSubstitutions."""

ASK_AWS = "STACKS_OF_CHECK" in os.environ and "AWS_ENDPOINT_URL" not in os.environ
"""So it is in `make aws-check`."""

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
    return (_ask_aws if ASK_AWS else _interpret)(definition(name), known, variables)


def handle(name: str, error: str, retries: int) -> int | str | None:
    """What becomes of an error of a Task that was tried again ``retries`` times already.

    That is the seconds until the next try, without jitter, the next state, or None if the execution
    fails. A name of which States.TaskFailed is the wildcard is any but that of a time-out:
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    """
    state = definition(name)
    retrier = _first(state.get("Retry", []), error)
    if retrier and retries < retrier.get("MaxAttempts", 3):
        seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2) ** retries
        return int(min(seconds, retrier.get("MaxDelaySeconds", seconds)))
    catcher = _first(state.get("Catch", []), error)
    return catcher["Next"] if catcher else None


def _first(entries: list[Json], error: str) -> Json | None:
    names = {error, "States.ALL"} | (set() if error in TIME_OUTS else {"States.TaskFailed"})
    return next((entry for entry in entries if names & set(entry["ErrorEquals"])), None)


@cache
def definition(name: str) -> Json:
    """A state as it is deployed."""
    text = json.dumps(json.loads(DEFINITION.read_text())["States"][name])
    for variable, value in SUBSTITUTIONS.items():
        text = text.replace(f"${{{variable}}}", value)
    state: Json = json.loads(text)
    return state


def _interpret(state: Json, known: Json, variables: Json) -> Answer:
    part = state
    if state["Type"] == "Choice":
        chosen = (
            rule
            for rule in state["Choices"]
            if _evaluate(rule["Condition"], known, variables) is True
        )
        part = next(chosen, state | {"Next": state.get("Default")})

    def evaluate(field: str, default: Any) -> Any:
        return _evaluate(part[field], known, variables) if field in part else default

    has_result = state["Type"] in {"Task", "Map", "Parallel"}
    return Answer(
        part.get("Next"),
        evaluate("Output", known["result"] if has_result else known["input"]),
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
