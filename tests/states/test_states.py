"""Each state of the workflow alone, row by row of the tables in choices.py, work.py and errors.py.

On AWS the choices and the work are tried by TestState; elsewhere, and the errors everywhere, by
interpreter.py.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orders.model import is_valid_order
from tests.contracts.definitions import states

from . import interpreter
from .choices import CHOICES, VALID
from .errors import ERRORS, Handled
from .interpreter import carry_out, handle
from .rows import CONTEXT, VARIABLES, WAITING, Choice, Work
from .work import WORK


def named(row: Any) -> str:
    return f"{row.state}: {row.error if isinstance(row, Handled) else row.about}"


@pytest.mark.parametrize("row", CHOICES, ids=named)
def test_a_choice(row: Choice) -> None:
    answer = carry_out(row.state, row.given, VARIABLES, CONTEXT)
    assert (answer.next, answer.output) == (row.next, row.given)


def test_the_functions_take_the_same_orders_as_the_workflow() -> None:
    for row in (row for row in CHOICES if row.state == VALID):
        detail = row.given.get("detail")
        taken = isinstance(detail, dict) and is_valid_order(detail)
        assert taken == (row.next == "Order created"), row.about


@pytest.mark.parametrize("row", WORK, ids=named)
def test_what_a_state_does(row: Work) -> None:
    waits = states()[row.state].get("Resource", "").endswith(".waitForTaskToken")
    context = WAITING if waits else CONTEXT
    answer = carry_out(row.state, row.given, VARIABLES, context, row.result)
    assert (answer.next, answer.output) == (row.next, row.output)
    assert answer.variables.items() >= row.variables.items()
    assert row.asked is None or answer.asked == row.asked


@pytest.mark.parametrize("row", ERRORS, ids=named)
def test_an_error(row: Handled) -> None:
    waits = [handle(row.state, row.error, retries) for retries in range(len(row.waits))]
    assert waits == row.waits
    assert handle(row.state, row.error, len(waits)) == row.then


# --- Every part of the definition has a row -----------------------------------------------------


def of(*types: str) -> set[str]:
    return {name for name, state in states().items() if state["Type"] in types}


def entries(part: str) -> list[tuple[str, dict[str, Any]]]:
    """The entries of Retry, or of Catch, each with its state."""
    return [(name, entry) for name, state in states().items() for entry in state.get(part, [])]


def test_every_state_has_a_row() -> None:
    assert {row.state for row in CHOICES} == of("Choice")
    assert {row.state for row in WORK} == of("Pass", "Task")
    assert {row.state for row in WORK if row.result is not None} == of("Task")
    assert {row.state for row in ERRORS} == of("Task")
    assert of("Choice", "Pass", "Task") == set(states())


@pytest.mark.parametrize("name", sorted(of("Choice")))
def test_every_rule_of_a_choice_has_a_row(name: str) -> None:
    state = states()[name]
    rules = [rule["Next"] for rule in state["Choices"]] + [state["Default"]]
    assert len(set(rules)) == len(rules), "Two rules with one Next: rows can't tell them apart."
    assert {row.next for row in CHOICES if row.state == name} == set(rules)


@pytest.mark.parametrize("part", ["Retry", "Catch"])
def test_every_error_has_a_row(part: str) -> None:
    named = {(name, error) for name, entry in entries(part) for error in entry["ErrorEquals"]}
    rows = {(row.state, row.error) for row in ERRORS}
    assert {(name, error) for name, error in named if error != "States.TaskFailed"} <= rows
    # Of the errors that States.TaskFailed stands for, one that nothing else names.
    for name in {name for name, error in named if error == "States.TaskFailed"}:
        assert [row for row in ERRORS if row.state == name and (name, row.error) not in named]


def test_every_wait_that_may_come_to_many_at_once_has_chance_in_it() -> None:
    """What one order waits for alone has none."""
    without = [
        (name, entry["ErrorEquals"])
        for name, entry in entries("Retry")
        if entry["MaxAttempts"] and entry.get("JitterStrategy") != "FULL"
    ]
    assert without == [("Claim order", ["DynamoDB.ConditionalCheckFailedException"])]


def test_a_wait_ends_after_half_a_day_or_its_heartbeat() -> None:
    """Which no table shows."""
    wait = states()["Awaiting order completion"]
    assert wait["TimeoutSeconds"] == 43200
    assert wait["HeartbeatSeconds"] == "{% $number('${HeartbeatSeconds}') %}"


@pytest.mark.parametrize("character", ["☕", "👩", '"', "\n", "\x01"])
def test_the_longest_order_fits_into_every_state(character: str) -> None:
    """What a state is given, asks for or leaves may have 256 KiB of JSON in UTF-8.

    https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
    """
    text = character * 10_000
    order = {"orderId": character * 500, "userId": text, "drink": text}
    variables = {"order": order, "name": text}
    given = {"detail": order | {"name": text}}
    outputs = [
        carry_out(
            row.state, given if "detail" in row.given else row.given, variables, WAITING, row.result
        )
        for row in WORK
    ]
    announced = [
        carry_out("Announce outcome", answer.output, variables, WAITING, {})
        for answer in outputs
        if answer.next in ("Release capacity", "Announce outcome")
    ]
    for answer in outputs + announced:
        for part in (answer.output, answer.asked, *answer.variables.values()):
            assert len(json.dumps(part, ensure_ascii=False).encode()) <= 262_144


# --- The interpreter is of use to others --------------------------------------------------------

OWN = """{"States": {
  "Enough?": {"Type": "Choice", "Default": "Refund", "Choices": [{
    "Condition": "{% $states.input.n > ${Least} %}", "Next": "Pay",
    "Assign": {"n": "{% $states.input.n %}"}, "Output": {"half": "{% $states.input.n / 2 %}"}}]},
  "Pay": {"Type": "Task", "Retry": [{"ErrorEquals": ["States.ALL"]}],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Refund"}]}}}
"""
OWN_ROWS = """
from interpreter import carry_out, handle
answer = carry_out("Enough?", {"n": 3}, {}, {})
assert (answer.next, answer.output, answer.variables) == ("Pay", {"half": 1.5}, {"n": 3}), answer
assert carry_out("Enough?", {"n": 2}, {}, {}).next == "Refund"
assert [handle("Pay", "Busy", retries) for retries in range(4)] == [1, 2, 4, "Refund"]
"""


def test_a_copy_of_the_interpreter_carries_out_another_definition(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(OWN)
    text = Path(interpreter.__file__).read_text()
    text = re.sub(r"(?m)^DEFINITION = .*", 'DEFINITION = Path("own.json")', text)
    text = re.sub(r"(?m)^SUBSTITUTIONS = {", r'\g<0>"Least": "2",', text)
    (tmp_path / "interpreter.py").write_text(text)
    subprocess.run([sys.executable, "-c", OWN_ROWS], cwd=tmp_path, env={}, check=True)
