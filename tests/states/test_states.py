"""Each state of the workflow alone, row by row of the tables in choices.py, work.py and errors.py.

That no state, no rule, no Catch and no Retry is without a row is what
tests/contracts/test_state_tables.py looks for.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.capabilities import need

from . import service
from .choices import CHOICES
from .errors import ERRORS
from .rows import CAUSE, Caught, Choice, Error, Failed, Json, Retried, Work
from .service import AT_ONCE, broken, carried_out, definition, worked
from .work import ASKED, WORK

type Row = Choice | Work | Error


def call(row: Row) -> Json:
    state = definition(row.state)
    if isinstance(row, Error):
        return broken(state, row.given, row.error, row.retries)
    if isinstance(row, Work) and row.result is not None:
        return worked(state, row.given, row.result)
    return carried_out(state, row.given)


def what_it_takes(row: Row) -> Iterator[Callable[[], bool]]:
    """What an emulator has to be able to do for this row."""
    state = definition(row.state)
    if state["Type"] == "Task":
        yield service.mocks_tasks
    elif "$$.Execution.Input" in json.dumps(state):
        yield service.knows_the_executions_input
    if "$$.State.RetryCount" in json.dumps(state):
        yield service.takes_the_retry_count
    if not isinstance(row, Error):
        return
    if ":dynamodb:" in state["Resource"]:
        yield service.keeps_names_of_errors
    yield service.says_who_handled
    yield service.retries_before_it_catches
    if isinstance(row.then, Retried) and row.then.seconds < 2**row.retries:
        yield service.ends_waits_at_the_longest
    if row.then == Failed(None):
        yield service.knows_reserved_names


@pytest.fixture(scope="module")
def answers(request: pytest.FixtureRequest) -> Iterator[Mapping[int, "Future[Json]"]]:
    """What TestState answers to each of the rows that are to be tested, asked for side by side."""
    rows: list[Any] = [
        item.callspec.params["row"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            id(row): pool.submit(call, row)
            for row in rows
            if all(works() for works in what_it_takes(row))
        }


@pytest.fixture
def answer(row: Row, answers: Mapping[int, "Future[Json]"]) -> Json:
    for works in what_it_takes(row):
        need(works)
    return answers[id(row)].result()


def named(row: Any) -> str:
    if isinstance(row, Error):
        return f"{row.state}: {row.error}, {row.retries} retries"
    return f"{row.state}: {row.about}"


@pytest.mark.parametrize("row", CHOICES, ids=named)
def test_a_choice(row: Choice, answer: Json) -> None:
    assert (answer["status"], answer["nextState"]) == ("SUCCEEDED", row.next)
    assert json.loads(answer["output"]) == row.given


@pytest.mark.parametrize("row", WORK, ids=named)
def test_what_a_state_does(row: Work, answer: Json) -> None:
    assert answer["status"] == "SUCCEEDED", answer
    assert json.loads(answer["output"]) == row.output
    assert answer.get("nextState") == row.next
    if row.result is not None:
        assert json.loads(answer["inspectionData"]["afterParameters"]) == ASKED[row.state]


@pytest.mark.parametrize("row", ERRORS, ids=named)
def test_an_error(row: Error, answer: Json) -> None:
    assert answer["error"] == row.error
    handled = answer["inspectionData"].get("errorDetails", {})
    match row.then:
        case Retried(by, seconds):
            assert answer["status"] == "RETRIABLE"
            found = (handled["retryIndex"], handled["retryBackoffIntervalSeconds"])
            assert found == (by, seconds)
        case Caught(by, state, output):
            assert (answer["status"], answer["nextState"]) == ("CAUGHT_ERROR", state)
            assert json.loads(answer["output"]) == output
            assert handled["catchIndex"] == by
        case Failed(by):
            assert answer["status"] == "FAILED"
            assert by is None or handled["retryIndex"] == by
    assert answer["cause"].endswith(CAUSE)  # Some say before it which state it was.


def test_the_state_that_fails() -> None:
    error = {"Error": "DynamoDB.AmazonDynamoDBException", "Cause": CAUSE}
    answer = carried_out(definition("Order not claimed"), error)
    assert answer["status"] == "FAILED"
    assert {"Error": answer["error"], "Cause": answer["cause"]} == error
