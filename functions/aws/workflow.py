"""Step Functions: callbacks by task token, and what is known of an execution."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never

from botocore.exceptions import ClientError

from orders.events import read_json
from orders.model import Cancel, Complete, Decision, Decline, TaskToken

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

# TaskTimedOut: the task has ended, by a time-out or by an earlier callback.
# TaskDoesNotExist: its execution is gone. InvalidToken: LocalStack's answer for both.
# https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
_TASK_IS_OVER = {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}


LONG_AGO = datetime.min.replace(tzinfo=UTC)


class TaskIsOver(Exception):
    """The workflow no longer waits with this task token. Step Functions does not say why."""


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
                case _ as never:
                    assert_never(never)

    def give_up(self, token: TaskToken) -> None:
        """End a run that lost its order. Raises TaskIsOver if it no longer waits."""
        with _task_is_over():
            self._stepfunctions.send_task_failure(
                taskToken=token,
                error="OrderTaken",
                cause="The order has ended, or another execution has it.",
            )

    def prolong(self, token: TaskToken) -> None:
        """Start the heartbeat's time anew. Raises TaskIsOver if the workflow no longer waits."""
        with _task_is_over():
            self._stepfunctions.send_task_heartbeat(taskToken=token)

    def describe(self, arn: str) -> Execution:
        """What Step Functions knows of an execution.

        It deletes an execution 90 days after its end. Such a one is returned as an execution
        without an order that ended long ago:
        https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
        """
        try:
            described = self._stepfunctions.describe_execution(executionArn=arn)
        except self._stepfunctions.exceptions.ExecutionDoesNotExist:
            return Execution(arn, LONG_AGO, LONG_AGO, {}, {})
        return Execution(
            arn,
            described["startDate"],
            described.get("stopDate"),
            order_input=_object(_object(read_json(described["input"])).get("detail")),
            output=_object(read_json(described.get("output", "{}"))),
        )


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
