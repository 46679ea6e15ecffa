"""The way back into the workflow."""

import traceback

import pytest
from botocore.exceptions import ClientError

from aws.clients import workflow
from aws.workflow import TaskIsOver
from orders.model import Barista, Cancel, Complete, Decision, Decline, Fail, TaskToken
from tests.unit.events import SECRET, TOKEN
from tests.unit.step_functions import StepFunctions

OVER = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]
NOT_OVER = ["ThrottlingException", "KmsThrottlingException", "InternalServerError"]
DECISIONS: list[Decision] = [
    Complete(Barista("Julia", "Julia")),
    Decline(Barista("Julia", "Julia"), "no milk"),
    Cancel(),
    Fail(),
]


@pytest.mark.parametrize("decision", [*DECISIONS, None])
@pytest.mark.parametrize("code", [*OVER, *NOT_OVER])
def test_an_error_says_whether_a_retry_helps_and_quotes_no_token(
    step_functions: StepFunctions, code: str, decision: Decision | None
) -> None:
    step_functions.error = code
    token = TaskToken(TOKEN)
    with pytest.raises(TaskIsOver if code in OVER else ClientError) as raised:
        workflow().resume(token, decision) if decision else workflow().prolong(token)
    assert SECRET not in "".join(traceback.format_exception(raised.value))
    if isinstance(raised.value, ClientError):
        assert raised.value.response["Error"]["Code"] == code
