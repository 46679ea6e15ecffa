"""What the workflow and the functions say is what the schemas promise."""

import json
import re
from typing import Any

import pytest

from order_tracking.broken_runs import announce, read_announcement
from orders.events import EventType
from orders.model import Barista, Cancel, Complete, Decline
from tests.contracts.definitions import ROOT, example, resources, schema, states

OURS = {event for event in EventType if event.status}
# order_tracking sends it, for an execution that no longer can, if nothing was decided.
FAILED = EventType.FAILED
OUTCOMES = {event for event in EventType if event.status and event.status.has_ended}
ENDINGS = [name for name, state in states().items() if "outcome" in state.get("Parameters", {})]


def plain(template: dict[str, Any]) -> dict[str, Any]:
    """A payload template by the names that come out of it."""
    return {name.removesuffix(".$"): value for name, value in template.items()}


def filled(template: Any) -> Any:
    """A payload with ``{}`` for each text that is not known before an order comes."""
    if not isinstance(template, dict):
        return template
    values = {}
    for name, value in template.items():
        formatted = (
            re.fullmatch(r"States\.Format\('(.*)', [^']*\)", value) if ".$" in name else None
        )
        dynamic = formatted[1] if formatted else "{}"
        values[name.removesuffix(".$")] = dynamic if ".$" in name else filled(value)
    return values


def entries() -> list[dict[str, Any]]:
    """All that the workflow puts on the bus."""
    return [
        entry
        for state in states().values()
        for entry in state.get("Parameters", {}).get("Entries", [])
    ]


def announcements() -> dict[str, dict[str, Any]]:
    """The detail that each state announces or leaves to be announced, by detail-type."""
    found = {}
    for state in states().values():
        announced = state.get("Parameters", {}).get("outcome")
        if announced:
            found[announced["detailType"]] = announced["detail"]
    for entry in entries():
        if "Detail" in entry:
            found[entry["DetailType"]] = entry["Detail"]
    return found


@pytest.mark.parametrize("detail_type", sorted(OURS - {FAILED}))
def test_the_workflow_announces_the_fields_of_the_schema(detail_type: str) -> None:
    assert set(plain(announcements()[detail_type])) == set(schema(detail_type)["properties"])


def test_the_workflow_announces_nothing_without_a_schema() -> None:
    assert set(announcements()) == OURS - {FAILED}


@pytest.mark.parametrize(
    ("role", "says"),
    [("OrderProcessorRole", OURS - {FAILED}), ("OrderTrackingRole", OUTCOMES)],
)
def test_who_announces_something_is_allowed_to_and_nothing_else(role: str, says: set[str]) -> None:
    [allowed] = [
        statement["Condition"]["ForAllValues:StringEquals"]["events:detail-type"]
        for policy in resources("AWS::IAM::Role")[role]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "events:PutEvents"
    ]
    assert set(allowed) == says


def test_each_ending_is_announced_as_it_was_put_down() -> None:
    # Else a new PutEvents could say things that no test above looks at.
    outcomes = [entry for entry in entries() if "Detail" not in entry]
    assert [(entry["Detail.$"], entry["DetailType.$"]) for entry in outcomes] == [
        ("$.outcome.detail", "$.outcome.detailType")
    ]


def test_everything_is_sent_as_the_rules_expect_it() -> None:
    assert len(entries()) == 3
    for entry in entries():
        assert entry["Source"] == "ok.serverlessworkshop"
        assert entry["EventBusName"] == "${EventBusName}"


def test_every_code_is_in_the_schema() -> None:
    text = json.dumps(states()) + (ROOT / "operations" / "redrive.py").read_text()
    codes = sorted(set(re.findall(r"ERROR-\d+", text)))
    assert codes == schema("OrderProcessor.OrderRejected")["properties"]["code"]["enum"]


@pytest.mark.parametrize(
    "detail_type",
    ["OrderProcessor.WaitingCompletion", "OrderProcessor.OrderTimedOut",
     "OrderProcessor.OrderCanceled"],
)  # fmt: skip
def test_example_has_the_message_of_the_workflow(detail_type: str) -> None:
    announced = plain(announcements()[detail_type])
    detail = example(detail_type)["detail"]
    key = "Message" if "Message" in announced else "message"
    assert detail[key] == announced[key]


def test_every_event_names_the_execution_that_sends_it() -> None:
    assert [entry["Resources.$"] for entry in entries()] == ["States.Array($$.Execution.Id)"] * 3


def test_example_of_a_completed_order_has_the_message_of_the_workflow() -> None:
    detail = example("OrderProcessor.OrderCompleted")["detail"]
    formatted = announcements()["OrderProcessor.OrderCompleted"]["message.$"]
    said = detail["message"].replace(detail["baristaId"], "{}")
    assert formatted == f"States.Format('{said}', $.orderToCreate.barista.baristaId)"


def test_what_was_decided_is_announced_alike_for_an_execution_that_broke() -> None:
    detail_type, detail = announce(Complete(Barista("{}", "{}")))
    barista = "$.orderToCreate.barista.baristaId"
    said = plain(announcements()[detail_type])
    assert said["message"] == f"States.Format('{detail['message']}', {barista})"
    assert (said["baristaId"], detail["baristaId"]) == (barista, "{}")

    detail_type, detail = announce(Decline(Barista("Julia", "Julia"), "{}"))
    declined = plain(states()["Order declined"]["Parameters"])
    assert declined.pop("code") == detail["code"]
    assert declined == {"message": f"States.Format('{detail['message']}', $.errorComment.Cause)"}
    assert (detail_type, set(detail)) == ("OrderProcessor.OrderRejected", {"code", "message"})

    detail_type, detail = announce(Cancel())
    assert plain(announcements()[detail_type])["message"] == detail["message"]
    assert set(detail) == {"message"}


@pytest.mark.parametrize("state", ENDINGS)
def test_what_an_execution_said_can_be_told_from_its_output(state: str) -> None:
    parameters = states()[state]["Parameters"]
    said = read_announcement(filled(parameters["output"]))
    assert said
    detail_type, detail = said
    assert detail_type == parameters["outcome"]["detailType"]
    order = {"orderId": "", "userId": "", "drink": ""}
    assert order | detail == order | filled(parameters["outcome"]["detail"]) | order


def test_example_of_a_failed_order_has_the_message_of_the_clean_up() -> None:
    detail_type, detail = announce(None)
    assert (detail_type, example(detail_type)["detail"]["message"]) == (FAILED, detail["message"])


def test_example_of_a_rejected_order_has_the_message_of_the_workflow() -> None:
    detail = example("OrderProcessor.OrderRejected")["detail"]
    closed = states()["Store closed"]["Result"]
    assert {"code": detail["code"], "message": detail["message"]} == closed
