"""Step Functions: callbacks by task token, and what is known of an execution."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, assert_never

from botocore.exceptions import ClientError

from orders.events import read_json
from orders.model import Cancel, Complete, Decision, Decline, Fail, TaskToken, iso

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType

# TaskTimedOut: the task has ended, by a time-out or by an earlier callback.
# TaskDoesNotExist: its execution is gone. InvalidToken: LocalStack's answer for both.
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
_TASK_IS_OVER = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}

type ExecutionStatus = Literal["unknown", "running", "succeeded", "failed", "aborted", "timed out"]
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
_ENDS: dict[str, ExecutionStatus] = {
    "ExecutionSucceeded": "succeeded",
    "ExecutionFailed": "failed",
    "ExecutionAborted": "aborted",
    "ExecutionTimedOut": "timed out",
}


class TaskIsOver(Exception):
    """The workflow no longer waits with this task token. Step Functions does not say why."""


class ExecutionUnknown(Exception):
    """Step Functions knows no such execution.

    It deletes an execution 90 days after its end; but DescribeExecution is eventually consistent,
    so the execution may also have just been started:
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    """


@dataclass(frozen=True)
class Execution:
    """A run of the workflow."""

    arn: str
    started_at: datetime
    ended_at: datetime | None
    """None while it runs."""

    order_input: Mapping[str, Any]
    """The detail that it was started with, empty if it had none."""

    output: Mapping[str, Any]
    """Empty unless it succeeded."""

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]


@dataclass(frozen=True)
class Entry:
    """An execution entered a state, or had an error there."""

    at: str
    state: str
    error: str | None = None


@dataclass
class Course:
    """An execution's way through the workflow. 90 days after its end, it is unknown."""

    status: ExecutionStatus = "unknown"
    entries: list[Entry] = field(default_factory=list)

    @property
    def state(self) -> str | None:
        """The state that the execution is in, if it is in one."""
        return self.entries[-1].state if self.entries and self.status == "running" else None


class Workflow:
    """Resumes the executions that wait for a barista.

    Repeating a callback is safe: AWS answers the second one with an error that is raised here as
    ``TaskIsOver``. Throttling and outages surface as ``ClientError`` for the caller's retry.
    """

    def __init__(self, stepfunctions: SFNClient) -> None:
        self._stepfunctions = stepfunctions
        for operation in ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"):
            stepfunctions.meta.events.register(f"after-call.sfn.{operation}", _leave_out_message)

    def resume(self, token: TaskToken, decision: Decision) -> None:
        """Tell the workflow what was decided. Raises TaskIsOver if it no longer waits."""
        with _task_is_over():
            match decision:
                case Complete(barista):
                    output = json.dumps({"baristaId": barista.name})
                    self._stepfunctions.send_task_success(taskToken=token, output=output)
                case Decline(reason=reason):
                    self._stepfunctions.send_task_failure(
                        taskToken=token, error="OrderDeclined", cause=reason
                    )
                case Cancel():
                    self._stepfunctions.send_task_failure(
                        taskToken=token, error="OrderCanceled", cause="Canceled by the customer."
                    )
                case Fail():
                    self._stepfunctions.send_task_failure(
                        taskToken=token,
                        error="OrderTaken",
                        cause="The order has ended, or another execution has it.",
                    )
                case _ as never:
                    assert_never(never)

    def prolong(self, token: TaskToken) -> None:
        """Start the heartbeat's time anew. Raises TaskIsOver if the workflow no longer waits."""
        with _task_is_over():
            self._stepfunctions.send_task_heartbeat(taskToken=token)

    def describe(self, arn: str) -> Execution:
        """What Step Functions knows of an execution. Raises ExecutionUnknown."""
        try:
            described = self._stepfunctions.describe_execution(executionArn=arn)
        except self._stepfunctions.exceptions.ExecutionDoesNotExist:
            raise ExecutionUnknown(arn) from None
        return Execution(
            arn,
            described["startDate"],
            described.get("stopDate"),
            order_input=_object(_object(read_json(described["input"])).get("detail")),
            output=_object(read_json(described.get("output", "{}"))),
        )

    def follow(self, arn: str) -> Course:
        """What an execution has done: nothing if Step Functions does not know it.

        An order's history has about 50 events. With all retries that the workflow has it would be
        about 500, and a heartbeat adds none, so it is one page, but for redriven executions.
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html

        Only names are taken: LocalStack sends the events' data with the task token all the same
        (services/stepfunctions/provider.py).
        """
        course = Course()
        pages = self._stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=False, PaginationConfig={"PageSize": 1000}
        )
        with suppress(self._stepfunctions.exceptions.ExecutionDoesNotExist):
            for event in (event for page in pages for event in page["events"]):
                kind, at = event["type"], iso(event["timestamp"])
                details: Any = next((event[key] for key in event if key.endswith("Details")), {})  # type: ignore[literal-required]
                if kind.startswith("Execution"):
                    course.status = _ENDS.get(kind, "running")
                elif kind.endswith("StateEntered"):
                    course.entries.append(Entry(at, details["name"]))
                elif error := details.get("error"):
                    course.entries.append(Entry(at, course.entries[-1].state, error))
        return course

    def list_broken(self, state_machine: str, since: datetime) -> Iterator[str]:
        """The executions that failed, timed out or were aborted and started after a time.

        ``state_machine`` is the ARN. Latest first, each as its ARN. The latest few may be missing:
        https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
        """
        statuses: tuple[ExecutionStatusType, ...] = ("FAILED", "TIMED_OUT", "ABORTED")
        paginator = self._stepfunctions.get_paginator("list_executions")
        for status in statuses:
            pages = paginator.paginate(
                stateMachineArn=state_machine,
                statusFilter=status,
                PaginationConfig={"PageSize": 1000},
            )
            listed = (each for page in pages for each in page["executions"])
            recent = takewhile(lambda each: each["startDate"] > since, listed)
            yield from (each["executionArn"] for each in recent)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _leave_out_message(parsed: dict[str, Any], **_: object) -> None:
    """Take the text out of an error that may quote the token, before anybody sees it.

    Once there is an exception it is too late: the X-Ray SDK, which wraps a client's calls, has sent
    its text by the time that it comes here.
    """
    if "Error" in parsed:
        parsed["Error"]["Message"] = "(left out, it may hold a task token)"
        parsed.pop("message", None)


@contextmanager
def _task_is_over() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _TASK_IS_OVER:
            raise TaskIsOver from None
        raise
