"""What the page of the live workflow gets to know, and that it is nothing else."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from aws.counter_index import CounterIndex
from aws.order_table import OrderTable
from orders.model import Barista, Decline, Status, iso
from tests.unit.api import prepare, request
from tests.unit.events import DRINK, EXECUTIONS, NOW, ORDER_ID, RECEIVED_AT, RUN, TOKEN, USER_ID
from tests.unit.step_functions import StepFunctions
from tests.unit.tables import Tables

WAIT = "Awaiting order completion"
# LocalStack sends it although nobody asks for it. `request` looks for the token in each answer.
DATA = json.dumps({"TaskToken": TOKEN, "userId": USER_ID, "words": "private words"})
RESERVES = ("ExecutionStarted", "TaskStateEntered Reserve capacity")

pytestmark = pytest.mark.usefixtures("tables")


def at(second: int) -> str:
    return iso(datetime.fromisoformat(RECEIVED_AT) + timedelta(seconds=second))


def history(*kinds: str) -> list[dict[str, Any]]:
    """An event a second, such as "TaskStateEntered Claim order" or "TaskFailed Some.Error"."""
    events = []
    for second, (kind, _, name) in enumerate(kind.partition(" ") for kind in kinds):
        key, of = (kind, "error") if "State" not in kind else (kind[kind.index("State") :], "name")
        details = {of: name, "input": DATA, "output": DATA, "cause": DATA}
        time = datetime.fromisoformat(at(second))
        key = f"{key[0].lower()}{key[1:]}EventDetails"
        events.append({"timestamp": time, "type": kind, key: details})
    half = len(events) // 2
    return [{"events": events[:half], "nextToken": "more"}, {"events": events[half:]}]


def follow() -> dict[str, Any]:
    status, answer = request("GET", f"/orders/{ORDER_ID}/execution")
    assert status == 200
    return answer


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("TaskStarted", "running"),
        ("ExecutionSucceeded", "succeeded"),
        ("ExecutionFailed Some.Error", "failed"),
        ("ExecutionAborted", "aborted"),
        ("ExecutionTimedOut", "timed out"),
        ("ExecutionRedriven", "running"),
    ],
)
def test_an_execution_has_its_states_its_errors_and_none_of_its_data(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, last: str, status: str
) -> None:
    prepare(tables, order_table)
    waits = (f"TaskStateEntered {WAIT}", "TaskFailed Some.Error", last)
    step_functions.histories[RUN] = history(*RESERVES, "TaskStateExited Reserve capacity", *waits)
    assert follow() == {
        "status": status,
        "entries": [
            {"at": at(1), "state": "Reserve capacity", "error": None},
            {"at": at(3), "state": WAIT, "error": None},
            {"at": at(4), "state": WAIT, "error": "Some.Error"},
        ],
    }
    assert {read["includeExecutionData"] for read in step_functions.reads} == {False}


@pytest.mark.parametrize("run", [RUN, None])
def test_an_execution_that_is_gone_or_never_was_is_unknown(
    tables: Tables, order_table: OrderTable, run: str | None
) -> None:
    if run:
        prepare(tables, order_table)
    else:
        order_table.end(ORDER_ID, None, Status.REJECTED, NOW, {"code": "ERROR-100"})
    assert follow() == {"status": "unknown", "entries": []}


def test_the_workflow_counts_those_that_wait_and_looks_at_a_few_that_come(
    tables: Tables,
    order_table: OrderTable,
    step_functions: StepFunctions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each look is a request. An order that ends between the two queries is listed once."""
    both = CounterIndex.list_active
    monkeypatch.setattr(CounterIndex, "list_recently_ended", lambda index, _: both(index))
    prepare(tables, order_table)
    order_table.decide(ORDER_ID, Decline(Barista("sub-1", "Julia"), "no milk"), NOW)
    histories = [
        history(*RESERVES),
        history(*RESERVES, "TaskFailed Some.Error"),
        history(*RESERVES, f"TaskStateEntered {WAIT}"),
        history(*RESERVES, "ExecutionAborted"),
        None,  # It is not known yet.
        history(*RESERVES),  # One too many.
    ]
    for number, events in enumerate(histories):
        tables.claim(f"comes-{number}", run=f"{EXECUTIONS}:{number}", at=at(1 + number))
        step_functions.histories |= {f"{EXECUTIONS}:{number}": events} if events else {}
    status, answer = request("GET", "/store/workflow")
    assert status == 200
    assert answer["states"] == {WAIT: 2, "Reserve capacity": 2}
    assert answer["elsewhere"] == 1
    *coming, waiting = answer["orders"]
    assert [order["orderId"] for order in coming] == [f"comes-{n}" for n in reversed(range(6))]
    assert waiting == {
        "orderId": ORDER_ID,
        "status": "in preparation",
        "number": None,
        "drink": DRINK,
        "receivedAt": RECEIVED_AT,
    }
