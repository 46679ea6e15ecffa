"""The way back into the workflow."""

import traceback

import pytest
from botocore.exceptions import ClientError

from aws.clients import workflow
from aws.workflow import TaskIsOver
from orders.model import Barista, Cancel, Complete, Decision, Decline, TaskToken
from tests.unit.events import RUN, SECRET, TOKEN
from tests.unit.step_functions import (
    StepFunctions,
)

OVER = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]
NOT_OVER = ["ThrottlingException", "KmsThrottlingException", "InternalServerError"]
DECISIONS: list[Decision] = [
    Complete(Barista("Julia", "Julia")),
    Decline(Barista("Julia", "Julia"), "no milk"),
    Cancel(),
]


def call_back(decision: Decision | None) -> None:
    if decision:
        workflow().resume(TaskToken(TOKEN), decision)
    else:
        workflow().prolong(TaskToken(TOKEN))


@pytest.mark.parametrize("decision", [*DECISIONS, None])
@pytest.mark.parametrize("code", OVER)
def test_the_error_of_a_workflow_that_no_longer_waits_has_no_token(
    step_functions: StepFunctions, code: str, decision: Decision | None
) -> None:
    step_functions.error = code
    with pytest.raises(TaskIsOver) as raised:
        call_back(decision)
    assert SECRET not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize("decision", [*DECISIONS, None])
@pytest.mark.parametrize("code", NOT_OVER)
def test_an_error_that_can_be_retried_is_passed_on(
    step_functions: StepFunctions, code: str, decision: Decision | None
) -> None:
    step_functions.error = code
    with pytest.raises(ClientError) as raised:
        call_back(decision)
    assert raised.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("started_with", "detail"),
    [
        ('{"detail": {"orderId": "17"}, "id": "1"}', {"orderId": "17"}),
        ('{"detail": {}}', {}),
        ('{"detail": "17"}', {}),
        ('{"detail": null}', {}),
        ("{}", {}),
        ('["detail"]', {}),
        ('"detail"', {}),
        ("null", {}),
    ],
)
def test_an_execution_knows_what_was_ordered(
    step_functions: StepFunctions, started_with: str, detail: dict[str, str]
) -> None:
    step_functions.inputs[RUN] = started_with
    assert workflow().describe(RUN).order_input == detail
