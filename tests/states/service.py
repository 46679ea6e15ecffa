"""TestState: one state carried out alone, and what an emulator's TestState can't do.

Nothing has to be deployed, and a Task's call is answered by a mock:
https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
"""

import json
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from harness.aws import ON_AWS
from tests.contracts.definitions import states
from tests.e2e.capabilities import capability

from .rows import CAUSE, CONTEXT, SUBSTITUTIONS, TOKEN, Json

AT_ONCE = 1 if ON_AWS else 8
"""As many calls an emulator gets at a time. AWS does not say how many it takes."""


@cache
def definition(name: str) -> dict[str, Any]:
    """A state as it is deployed, but for the chance in its waits, which are compared."""
    text = json.dumps(states()[name])
    for variable, value in SUBSTITUTIONS.items():
        text = text.replace(f"${{{variable}}}", value)
    state: dict[str, Any] = json.loads(text)
    for retrier in state.get("Retry", []):
        retrier.pop("JitterStrategy", None)
    return state


def carried_out(state: Json, given: Json) -> Json:
    """What becomes of an input; a state that is no Task."""
    return _answer(definition=json.dumps(state), input=json.dumps(given))


def worked(state: Json, given: Json, result: Json) -> Json:
    """What a Task does whose service answers that."""
    return _task(state, given, {"result": json.dumps(result)})


def broken(state: Json, given: Json, error: str, retries: int) -> Json:
    """What a Task does about an error, after so many retries."""
    mock = {"errorOutput": {"error": error, "cause": CAUSE}}
    return _task(state, given, mock, stateConfiguration={"retrierRetryCount": retries})


def _task(state: Json, given: Json, mock: Json, **more: Json) -> Json:
    waits = state["Resource"].endswith(".waitForTaskToken")
    # Only a state that waits has a token:
    # https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    context = CONTEXT | ({"Task": {"Token": TOKEN}} if waits else {})
    return _answer(
        definition=json.dumps(state),
        input=json.dumps(given),
        mock=mock,
        context=json.dumps(context),
        **more,
    )


def _answer(**request: Any) -> Json:
    return dict(_client().test_state(inspectionLevel="DEBUG", **request))


@cache
def _client() -> Any:
    # Without inject_host_prefix botocore would ask for sync-127.0.0.1.
    retries: Any = {"mode": "adaptive", "max_attempts": 10}
    config = Config(inject_host_prefix=ON_AWS, retries=retries)
    return boto3.client("stepfunctions", config=config)


# --- What not every emulator can do, found out by trying --------------------------------------

CATCH = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Other"}]


@capability
def mocks_tasks() -> bool:
    """carry out a Task with a mock (TestState)"""
    try:
        return bool(_mocked(retries=0)["status"] == "RETRIABLE")
    except ClientError:
        return False


@capability
def keeps_names_of_errors() -> bool:
    """keep the name of an error that is mocked for DynamoDB (TestState)"""
    return bool(_mocked(retries=0).get("error") == "Service.Error")


@capability
def says_who_handled() -> bool:
    """say which Retry and which Catch handled an error (TestState)"""
    return "retryIndex" in _details(retries=0) and "catchIndex" in _details(retries=9, Catch=CATCH)


@capability
def retries_before_it_catches() -> bool:
    """ask Retry before Catch (TestState)"""
    return bool(_mocked(retries=0, Catch=CATCH)["status"] == "RETRIABLE")


@capability
def ends_waits_at_the_longest() -> bool:
    """cut a wait at MaxDelaySeconds (TestState)"""
    return bool(_details(retries=4).get("retryBackoffIntervalSeconds") == 3)


@capability
def knows_reserved_names() -> bool:
    """tell States.Runtime and States.Timeout from what States.TaskFailed stands for (TestState)"""
    return bool(_mocked(retries=0, error="States.Runtime")["status"] == "FAILED")


@capability
def knows_the_executions_input() -> bool:
    """know the execution's input (TestState)"""
    state = {"Type": "Pass", "Parameters": {"seen.$": "$$.Execution.Input"}, "End": True}
    seen: Json = json.loads(carried_out(state, {"n": 1}).get("output", "{}"))
    return seen == {"seen": {"n": 1}}


@capability
def takes_the_retry_count() -> bool:
    """take a task's retry count from its context (TestState)"""
    parameters = {"TableName": "probe", "Key": {"count.$": "$$.State.RetryCount"}}
    inspected = _mocked(retries=0, Parameters=parameters)["inspectionData"]
    asked: Json = json.loads(inspected.get("afterParameters", "{}"))
    return asked.get("Key") == {"count": CONTEXT["State"]["RetryCount"]}


def _details(retries: int, **more: Any) -> Json:
    details: Json = _mocked(retries, **more)["inspectionData"].get("errorDetails", {})
    return details


def _mocked(retries: int, error: str = "Service.Error", **more: Any) -> Json:
    retry = {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 9, "MaxDelaySeconds": 3}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:getItem",
        "Parameters": {"TableName": "probe", "Key": {"id": {"S": "1"}}},
        "Retry": [retry],
        "End": True,
    }
    return broken(state | more, {}, error, retries)
