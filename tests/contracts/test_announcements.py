"""What the workflow and order_tracking announce keeps the schemas, and both announce it alike.

The announcements of the workflow are those of the table in tests/states/work.py, which
tests/states holds against the deployed definition.
"""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from order_tracking.broken_runs import announce, read_announcement
from orders.events import EventType
from orders.model import Barista, Cancel, Complete, Decision, Decline
from tests.contracts.definitions import ROOT, example, resources, schema, states
from tests.states.rows import DETAIL
from tests.states.work import WORK

WITH_SCHEMA = {event for event in EventType if event.status}
OUTCOMES = {event for event in WITH_SCHEMA if event.status and event.status.has_ended}
# order_tracking alone announces it, for a run that broke before anything was decided.
FAILED = EventType.FAILED
ENDS = {row.state: row.output for row in WORK if "outcome" in row.output and row.result is None}
OF_ENDS = [(end["outcome"]["detailType"], end["outcome"]["detail"]) for end in ENDS.values()]
WAIT = next(row.asked for row in WORK if row.state == "Awaiting order completion")
OF_WAIT = [(entry["DetailType"], entry["Detail"]) for entry in (WAIT or {})["Entries"]]


def result(detail: dict[str, Any]) -> dict[str, Any]:
    """What the detail of an event says beside the order."""
    return {name: value for name, value in detail.items() if name not in DETAIL}


@pytest.mark.parametrize(("detail_type", "detail"), [*OF_ENDS, *OF_WAIT])
def test_what_the_workflow_announces_keeps_its_schema(detail_type: str, detail: Any) -> None:
    Draft202012Validator(schema(detail_type)).validate(detail)


def test_the_workflow_announces_every_event_but_a_failure() -> None:
    assert {detail_type for detail_type, _ in OF_ENDS + OF_WAIT} == WITH_SCHEMA - {FAILED}
    putting = {name for name, state in states().items() if "putEvents" in state.get("Resource", "")}
    assert putting == {"Awaiting order completion", "Announce outcome"}


@pytest.mark.parametrize(
    ("role", "announced"),
    [("OrderProcessorRole", WITH_SCHEMA - {FAILED}), ("OrderTrackingRole", OUTCOMES)],
)
def test_a_role_may_send_the_events_that_it_announces(role: str, announced: set[str]) -> None:
    [allowed] = [
        statement["Condition"]["ForAllValues:StringEquals"]["events:detail-type"]
        for policy in resources("AWS::IAM::Role")[role]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "events:PutEvents"
    ]
    assert set(allowed) == announced


def test_every_code_is_in_the_schema() -> None:
    text = json.dumps(states()) + (ROOT / "operations" / "redrive.py").read_text()
    codes = sorted(set(re.findall(r"ERROR-\d+", text)))
    assert codes == schema("OrderProcessor.OrderRejected")["properties"]["code"]["enum"]


def test_the_documents_explain_every_code_and_end() -> None:
    codes = schema("OrderProcessor.OrderRejected")["properties"]["code"]["enum"]
    readme = (ROOT / "events/README.md").read_text()
    workflow = (ROOT / "docs/workflow.md").read_text()
    assert [code for code in codes if f"`{code}`" not in readme] == []
    ends = [event.rpartition(".")[2] for event in sorted(OUTCOMES)]
    assert [name for name in codes + ends if f"`{name}`" not in workflow] == []


@pytest.mark.parametrize("state", ENDS)
def test_the_output_of_a_run_tells_what_it_announced(state: str) -> None:
    outcome = ENDS[state]["outcome"]
    announced = outcome["detailType"], result(outcome["detail"])
    assert read_announcement(ENDS[state]["output"]) == announced


@pytest.mark.parametrize(
    ("decision", "announced"),
    [
        (Complete(Barista("1", "J")), (EventType.COMPLETED, "Order completed")),
        (Cancel(), (EventType.CANCELED, "Order canceled")),
        (Decline(Barista("1", "J"), "no {milk}"), (EventType.REJECTED, "Order declined")),
    ],
    ids=["completed", "canceled", "declined"],
)
def test_a_decision_is_announced_alike_when_the_run_broke(
    decision: Decision, announced: tuple[EventType, str]
) -> None:
    detail_type, state = announced
    assert announce(decision) == (detail_type, result(ENDS[state]["outcome"]["detail"]))


@pytest.mark.parametrize("detail_type", sorted(WITH_SCHEMA - {EventType.IN_PREPARATION}))
def test_the_message_of_an_example_is_one_that_is_sent(detail_type: str) -> None:
    detail = example(detail_type)["detail"]
    message = json.dumps(detail.get("message") or detail["Message"]).replace("Julia", "J")
    assert message in json.dumps([[row.output for row in WORK], WAIT, announce(None)])
