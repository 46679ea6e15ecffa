"""The tables of tests/states have rows for every state, rule, Catch and Retry of the workflow."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.definitions import states
from tests.states.choices import CHOICES
from tests.states.errors import ERRORS
from tests.states.rows import Caught, Failed, Retried
from tests.states.work import ASKED, WORK

ALWAYS_THERE = {"$.Cause"}
"""What a Choice need not ask for before it compares: every Catch gives it."""

FAIL = {"Order not claimed"}
"""Has a test of its own, in tests/states/test_states.py."""


def kind(*types: str) -> set[str]:
    return {name for name, state in states().items() if state["Type"] in types}


def entries(field: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The entries of Retry, or of Catch, each with its state and its index."""
    for name, state in states().items():
        for index, entry in enumerate(state.get(field, [])):
            yield name, index, entry


def test_every_state_has_a_row() -> None:
    assert {row.state for row in CHOICES} == kind("Choice")
    assert {row.state for row in WORK} == kind("Pass", "Task")
    assert {row.state for row in ERRORS} | set(ASKED) == kind("Task")
    assert kind("Fail") == FAIL
    assert {row.state for row in WORK if row.result is not None} == kind("Task")


@pytest.mark.parametrize("name", sorted(kind("Choice")))
def test_every_rule_of_a_choice_has_a_row(name: str) -> None:
    rules = [rule["Next"] for rule in states()[name]["Choices"]] + [states()[name]["Default"]]
    assert len(set(rules)) == len(rules), "Two rules with one Next: rows can't tell them apart."
    assert {row.next for row in CHOICES if row.state == name} == set(rules)


@pytest.mark.parametrize("name", sorted(kind("Choice")))
def test_a_choice_tests_that_a_path_is_present_before_it_compares_it(name: str) -> None:
    """On AWS a path that is not there fails the state. Here it is one that does not compare."""
    assert list(unasked(states()[name]["Choices"], ALWAYS_THERE)) == []


def unasked(rules: list[dict[str, Any]], known: set[str]) -> Iterator[str]:
    """The paths in rules that are compared although nothing before has asked whether they exist."""
    known = set(known)
    for rule in rules:
        if inner := rule.get("And") or rule.get("Or"):
            yield from unasked(inner, known)
            continue
        bare = rule.get("Not", rule)
        if bare is not rule and "Variable" not in bare:
            yield from unasked([bare], known)
        elif "IsPresent" in bare:
            known.add(bare["Variable"])
        elif bare["Variable"] not in known:
            yield bare["Variable"]


def test_a_wait_ends_after_half_a_day_or_its_heartbeat() -> None:
    """Which TestState does not show."""
    wait = states()["Awaiting order completion"]
    assert wait["TimeoutSeconds"] == 43200
    assert wait["HeartbeatSecondsPath"] == "$.claim.heartbeatSeconds"


@pytest.mark.parametrize(("name", "index", "catcher"), list(entries("Catch")))
def test_every_error_of_a_catch_has_a_row(name: str, index: int, catcher: dict[str, Any]) -> None:
    caught = {
        row.error: row.then.next
        for row in ERRORS
        if row.state == name and isinstance(row.then, Caught) and row.then.by == index
    }
    assert caught == dict.fromkeys(catcher["ErrorEquals"], catcher["Next"])


@pytest.mark.parametrize(("name", "index", "retrier"), list(entries("Retry")))
def test_every_retry_has_its_first_and_last_wait_and_its_end(
    name: str, index: int, retrier: dict[str, Any]
) -> None:
    most = retrier["MaxAttempts"]
    rows = [row for row in ERRORS if row.state == name]
    waits = {
        row.retries: row.error
        for row in rows
        if isinstance(row.then, Retried) and row.then.by == index
    }
    ends = {row.error for row in rows if row.retries == most and not isinstance(row.then, Retried)}
    assert {0, most - 1} <= set(waits) if most else not waits
    assert set(waits.values()) <= ends
    if retrier["ErrorEquals"] == ["States.TaskFailed"]:
        assert any(row.then == Failed(index) for row in rows)
    else:
        assert set(retrier["ErrorEquals"]) <= ends


def test_every_wait_that_may_come_to_many_at_once_has_chance_in_it() -> None:
    """The tables are compared without it. What one order waits for alone has none."""
    without = [
        (name, index)
        for name, index, retrier in entries("Retry")
        if retrier["MaxAttempts"] and retrier.get("JitterStrategy") != "FULL"
    ]
    assert without == [("Claim ended order", 0)]
