"""Step Functions: callbacks by task token, and what is known of an execution."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any, assert_never

from botocore.exceptions import ClientError

from orders.events import read_json
from orders.model import Cancel, Complete, Decision, Decline, Fail, TaskToken

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient
    from mypy_boto3_stepfunctions.literals import ExecutionStatusType

# TaskTimedOut: the task has ended, by a time-out or by an earlier callback.
# TaskDoesNotExist: its execution is gone. InvalidToken: LocalStack's answer for both.
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
_TASK_IS_OVER = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}


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
