"""A task that waits for a callback: it times out or takes the callback, and never both."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from localstack.aws.api.stepfunctions import TaskTimedOut
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from localstack.services.stepfunctions.asl.eval.callback.callback import (
    CallbackOutcomeSuccess,
    CallbackPoolManager,
    HeartbeatTimedOut,
)
from localstack.services.stepfunctions.backend.execution_worker import ExecutionWorker
from parts import Parts
from polling import eventually

from embedded_localstack.corrections import (
    accept_callback,
    expire_or_accept,
    start_with_environment,
)

TOKEN = "token"  # noqa: S105
WAIT = StateTaskServiceCallback._wait_for_task_token_heartbeat


class Task:
    def __init__(self) -> None:
        self.pool = CallbackPoolManager({})
        self.endpoint = self.pool.add(TOKEN)
        self.success = CallbackOutcomeSuccess(TOKEN, "{}")

    def wait(self, wait: Callable[..., Any] = WAIT) -> Any:
        environment: Any = SimpleNamespace(is_running=lambda: True)
        service: Any = None
        heartbeat = self.endpoint.setup_heartbeat_endpoint(heartbeat_seconds=0)
        return expire_or_accept(wait, service, environment, self.endpoint, heartbeat)

    def succeed(self) -> bool:
        return accept_callback(CallbackPoolManager.notify, self.pool, TOKEN, outcome=self.success)

    def beat(self) -> bool:
        return accept_callback(CallbackPoolManager.heartbeat, self.pool, callback_id=TOKEN)


def test_of_two_callbacks_the_first_counts() -> None:
    task = Task()
    assert task.succeed()
    with pytest.raises(TaskTimedOut):
        accept_callback(CallbackPoolManager.notify, task.pool, TOKEN, outcome=MagicMock())
    with pytest.raises(TaskTimedOut):
        task.beat()
    assert task.wait() is task.success


def test_a_callback_counts_before_the_task_waits() -> None:
    task = Task()
    assert task.beat()
    assert task.succeed()
    assert task.wait() is task.success


def test_what_was_accepted_at_the_last_moment_counts() -> None:
    task = Task()
    callbacks = [task.beat, task.succeed]

    def wait(*arguments: Any) -> Any:
        if not callbacks:
            return WAIT(*arguments)
        assert callbacks.pop(0)()  # After the heartbeat has ended, before the state notices that.
        return HeartbeatTimedOut()

    assert task.wait(wait) is task.success


def test_callbacks_to_a_task_that_timed_out_are_refused_while_its_execution_goes_on(
    parts: Parts,
) -> None:
    stepfunctions, queues = parts.client("stepfunctions"), [parts.queue(), parts.queue()]
    brief, long = (
        {
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
            "HeartbeatSeconds": seconds,
        }
        for queue, seconds in zip(queues, (1, 60), strict=True)
    )
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "1"}]}
    parts.start(parts.machine(brief | caught, long))
    (late,) = eventually(lambda: parts.received(queues[0]), until=bool)
    eventually(lambda: parts.received(queues[1]), until=bool)

    for call, more in (("heartbeat", {}), ("success", {"output": "{}"}), ("failure", {})):
        with pytest.raises(stepfunctions.exceptions.TaskTimedOut):
            getattr(stepfunctions, f"send_task_{call}")(taskToken=late, **more)


def test_an_execution_can_be_called_back_before_its_first_state() -> None:
    worker = ExecutionWorker(MagicMock(), MagicMock(), None, {})
    start_with_environment(lambda _: None, worker)
    assert worker.env is not None
    assert worker._get_evaluation_environment() is worker.env
