"""An end has one wording: orders/outcomes.py, the workflow, the schemas and the documents agree.

What the workflow says is in the table tests/states/work.py, which tests/states holds against its
definition.
"""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from orders.events import SOURCE, EventType
from orders.model import Barista, Cancel, Complete, Decline
from orders.outcomes import MESSAGES, OF_THE_PAGE, Refusal, announce, read_announcement, refuse
from tests.contracts.definitions import ROOT, example, resources, schema, statements, states
from tests.states.work import WORK

ORDER = ("orderId", "userId", "drink")
WITH_SCHEMA = {event for event in EventType if event.status}
OUTCOMES = {event for event in WITH_SCHEMA if event.status and event.status.has_ended}
CODES = [code for code in Refusal if code not in OF_THE_PAGE]
# order_tracking alone announces it, for a run that broke before anything was decided.
FAILED = EventType.FAILED
# It also says that an order is at the counter, once it is there.
OF_THE_WORKFLOW = WITH_SCHEMA - {FAILED, EventType.IN_PREPARATION}
ENDS = [row.output for row in WORK if "outcome" in row.output and row.result is None]
REFUSALS = [end["output"]["error"] for end in ENDS if "error" in end["output"]] + [
    row.output for row in WORK if "code" in row.output
]
[WAIT] = {json.dumps(row.asked) for row in WORK if row.state == "Awaiting order completion"}
SENT = [(end["outcome"]["detailType"], end["outcome"]["detail"]) for end in ENDS] + [
    (entry["DetailType"], entry["Detail"]) for entry in json.loads(WAIT)["Entries"]
]


@pytest.mark.parametrize("code", CODES)
def test_the_workflow_words_a_refusal_as_the_domain_does(code: Refusal) -> None:
    worded = {made["message"] for made in REFUSALS if made["code"] == code}
    # That an order is too old is announced by make redrive alone.
    assert worded == (
        set() if code is Refusal.TOO_OLD else {refuse(code, "no {milk}")[1]["message"]}
    )


def test_the_workflow_has_no_code_of_its_own() -> None:
    assert {made["code"] for made in REFUSALS} <= set(CODES)


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end["outcome"]["detailType"])
def test_the_output_of_a_run_tells_what_it_announced(end: dict[str, Any]) -> None:
    detail = end["outcome"]["detail"]
    result = {name: value for name, value in detail.items() if name not in ORDER}
    assert read_announcement(end["output"]) == (end["outcome"]["detailType"], result)


@pytest.mark.parametrize(("detail_type", "detail"), SENT)
def test_what_the_workflow_sends_keeps_its_schema(detail_type: str, detail: Any) -> None:
    Draft202012Validator(schema(detail_type)).validate(detail)


@pytest.mark.parametrize(
    "announced",
    [
        announce(Complete(Barista("1", "J"))),
        announce(Cancel()),
        announce(Decline(Barista("1", "J"), "no {milk}")),
        announce(None),
        read_announcement({"orderTimedOut": {}}),
        *(refuse(code) for code in CODES),
    ],
)
def test_what_the_domain_announces_keeps_its_schema(announced: tuple[EventType, Any]) -> None:
    detail_type, result = announced
    Draft202012Validator(schema(detail_type)).validate(dict.fromkeys(ORDER, "1") | result)


def test_the_workflow_announces_what_is_its_own() -> None:
    assert {detail_type for detail_type, _ in SENT} == OF_THE_WORKFLOW
    putting = {name for name, state in states().items() if "putEvents" in state.get("Resource", "")}
    assert putting == {"Awaiting order completion", "Announce outcome"}


def test_each_role_may_send_what_it_announces_and_nothing_else() -> None:
    conditions = {
        role: statement["Condition"]
        for role in resources("AWS::IAM::Role")
        for statement in statements(role)
        if "events:PutEvents" in statement["Action"]
    }
    assert {
        role: set(condition["ForAllValues:StringEquals"]["events:detail-type"])
        for role, condition in conditions.items()
    } == {
        "OrderProcessorRole": OF_THE_WORKFLOW,
        "OrderTrackingRole": OUTCOMES | {EventType.IN_PREPARATION},
        "BaristaCallbackRole": {EventType.ORDER_CREATED},
        "StorefrontRole": {EventType.ORDER_CREATED, EventType.ORDER_DELETED},
    }
    for condition in conditions.values():
        assert condition["ForAllValues:StringEquals"]["events:source"] == SOURCE
        assert condition["Null"] == {"events:source": "false", "events:detail-type": "false"}


def test_the_schema_and_the_documents_explain_every_code_and_end() -> None:
    rejected = schema("OrderProcessor.OrderRejected")
    assert rejected["properties"]["code"]["enum"] == CODES
    assert [code for code in CODES if f"{code}: " not in rejected["description"]] == []
    workflow = (ROOT / "docs/workflow.md").read_text()
    ends = [event.rpartition(".")[2] for event in sorted(OUTCOMES)]
    assert [name for name in [*CODES, *ends] if f"`{name}`" not in workflow] == []


@pytest.mark.parametrize("detail_type", sorted(WITH_SCHEMA - {EventType.IN_PREPARATION}))
def test_the_message_of_an_example_is_one_that_is_sent(detail_type: str) -> None:
    detail = example(detail_type)["detail"]
    message = (detail.get("message") or detail["Message"]).replace("Julia", "J")
    sent = [*MESSAGES.values(), *(code.message for code in CODES), WAIT]
    assert message in "\n".join(sent).replace("{}", "J")
