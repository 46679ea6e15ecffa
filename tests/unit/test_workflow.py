"""The way back into the workflow."""

import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.ext.botocore.patch import _xray_traced_botocore
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


@pytest.fixture
def segment() -> Iterator[Any]:
    """What the X-Ray SDK records."""
    global_sdk_config.set_sdk_enabled(True)
    xray_recorder.configure(sampling=False)
    yield xray_recorder.begin_segment("a request")
    xray_recorder.clear_trace_entities()
    global_sdk_config.set_sdk_enabled(False)


@pytest.mark.parametrize("code", [*OVER, *NOT_OVER])
def test_a_trace_quotes_no_token(
    step_functions: StepFunctions, monkeypatch: pytest.MonkeyPatch, segment: Any, code: str
) -> None:
    """The SDK's patch, which Powertools applies on AWS, sees an exception before all others do."""
    client: Any = workflow()._stepfunctions
    call: Callable[..., Any] = client._make_api_call

    def traced(*arguments: Any) -> Any:
        return _xray_traced_botocore(call, client, arguments, {})

    monkeypatch.setattr(client, "_make_api_call", traced)
    step_functions.error = code
    with pytest.raises((TaskIsOver, ClientError)):
        workflow().prolong(TaskToken(TOKEN))
    told = segment.serialize()
    assert SECRET not in told
    assert "left out" in told
