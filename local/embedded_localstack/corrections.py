"""Corrects LocalStack 4.14 where it differs from AWS in a way that the stack depends on."""

from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Final

from botocore.exceptions import ClientError
from localstack.aws.api.stepfunctions import TaskTimedOut
from localstack.runtime import hooks
from localstack.services.lambda_.event_source_mapping.pollers.poller import (
    EmptyPollResultsException,
)
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import SqsPoller
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_callback import (  # noqa: E501
    StateTaskServiceCallback,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_events import (  # noqa: E501
    StateTaskServiceEvents,
)
from localstack.services.stepfunctions.asl.eval.callback.callback import (
    CallbackConsumerTimeout,
    CallbackEndpoint,
    CallbackOutcomeFailure,
    CallbackOutcomeFailureError,
    CallbackPoolManager,
    HeartbeatEndpoint,
    HeartbeatTimedOut,
)
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.program_state import ProgramStopped
from localstack.services.stepfunctions.backend.execution_worker import ExecutionWorker
from localstack.utils.patch import patch
from localstack.utils.threads import TMP_THREADS

from embedded_localstack.checkout import STOCK


@hooks.on_infra_start(should_load=not STOCK)
def apply() -> None:
    """Install the corrections. LocalStack calls this once at its start."""
    patch(StateTaskServiceEvents._from_error)(name_error)  # noqa: SLF001
    patch(ExecutionWorker.__init__)(start_with_environment)
    patch(ExecutionWorker.start)(forget_ended_threads)
    patch(ExecutionWorker.stop)(stop_waiting)
    patch(Environment.set_error)(stay_stopped)
    patch(StateTaskServiceCallback._wait_for_task_token_heartbeat)(expire_or_accept)  # noqa: SLF001
    patch(CallbackPoolManager.notify)(accept_callback)
    patch(CallbackPoolManager.heartbeat)(accept_callback)
    patch(SqsPoller.poll_events)(wait_for_messages)


def name_error(
    original: Callable[..., FailureEvent],
    self: StateTaskServiceEvents,
    env: Environment,
    ex: Exception,
) -> FailureEvent:
    """Make an error of PutEvents an error of the task with a name, like those of other services.

    LocalStack makes States.Runtime of it, which no Retry and no Catch can handle
    (asl/component/state/state_execution/state_task/service/state_task_service_events.py). The names
    that AWS gives are not documented; this is how those of DynamoDB are built.
    """
    if isinstance(ex, ClientError):
        # LocalStack makes such an error of a failure that a callback names.
        error = f"EventBridge.{ex.response['Error']['Code']}"
        ex = CallbackOutcomeFailureError(CallbackOutcomeFailure("", error, str(ex)))
    return original(self, env=env, ex=ex)


def start_with_environment(
    original: Callable[..., None], self: ExecutionWorker, *args: Any, **how: Any
) -> None:
    """Make callbacks possible while an execution starts.

    LocalStack gives it what they look into a moment later, and until then answers each callback
    with an internal error, also those to other executions (services/stepfunctions/provider.py).
    """
    original(self, *args, **how)
    self.env = environment = self._get_evaluation_environment()
    worker: Any = self
    worker._get_evaluation_environment = lambda: environment  # noqa: SLF001 - it is made once.


def forget_ended_threads(original: Callable[..., None], self: ExecutionWorker) -> None:
    """Drop the references to the threads of earlier executions.

    LocalStack keeps all threads for its shutdown (utils/threads.py), and Python 3.13 keeps the
    stack of a thread that is kept and that nobody joined: ten an order. After some 3,000 orders the
    process had as many memory maps as Linux allows (vm.max_map_count), and no thread could start.
    """
    for thread in list(TMP_THREADS):
        if isinstance(thread, Thread) and thread.ident and not thread.is_alive():
            with suppress(ValueError):  # Another execution starts, too, and was faster.
                TMP_THREADS.remove(thread)
    original(self)


def stop_waiting(
    original: Callable[..., None], self: ExecutionWorker, *args: Any, **how: Any
) -> None:
    """Stop an execution that waits for a task token at once.

    LocalStack looks whether it was stopped when the wait for a heartbeat ends, here after 900 s
    (asl/component/state/state_execution/state_task/service/state_task_service_callback.py).
    """
    original(self, *args, **how)
    environment: Any = self.env
    for endpoint in list(environment.callback_pool_manager._pool.values()):  # noqa: SLF001
        endpoint.interrupt_all()


def stay_stopped(original: Callable[..., None], self: Environment, *args: Any, **how: Any) -> None:
    """Make a stopped execution end as ABORTED, as on AWS, whatever its wait then raises.

    LocalStack lets it end as the last error says (asl/eval/environment.py).
    """
    if not isinstance(self.program_state(), ProgramStopped):
        original(self, *args, **how)


def wait_for_messages(original: Callable[..., None], self: SqsPoller) -> None:
    """Poll SQS for a function by long polling, as Lambda does, so that it gets messages at once.

    LocalStack asks, and when there is nothing raises what makes it wait up to ten seconds before it
    asks again (services/lambda_/event_source_mapping/pollers/sqs_poller.py and esm_worker.py). A
    second is as long as it may take to disable a mapping.
    """
    self.maximum_batching_window = self.maximum_batching_window or 1
    with suppress(EmptyPollResultsException):
        original(self)


_CALLBACKS: Final = Lock()
"""Held while a state times out, and while a callback is accepted."""


def expire_or_accept(
    original: Callable[..., Any],
    self: StateTaskServiceCallback,
    env: Environment,
    callback_endpoint: CallbackEndpoint,
    heartbeat_endpoint: HeartbeatEndpoint,
) -> Any:
    """Let a state that waits for a task token either time out or accept a callback.

    LocalStack times out without another look, and accepts callbacks before and after: who completes
    a task in that moment is told that it worked. It gives the token to the service first, and then
    makes what a callback wakes: one that comes in between would be seen with the next one
    (asl/component/state/state_execution/state_task/service/state_task_service_callback.py).
    """
    while True:
        outcome = callback_endpoint.get_outcome() or original(
            self, env, callback_endpoint, heartbeat_endpoint
        )
        if not isinstance(outcome, HeartbeatTimedOut):
            return outcome
        with _CALLBACKS:
            # A callback of any kind sets it, and the next round then takes that.
            if not heartbeat_endpoint._next_heartbeat_event.is_set():  # noqa: SLF001
                callback_endpoint.report(CallbackConsumerTimeout())
                return outcome


def accept_callback(
    original: Callable[..., bool],
    self: CallbackPoolManager,
    callback_id: str,
    *args: Any,
    **how: Any,
) -> bool:
    """Refuse a callback to a state that timed out, or that another callback has ended, as AWS does.

    Raises TaskTimedOut. For the first, LocalStack has a mark, which nothing sets, and would make
    TaskDoesNotExist of it (services/stepfunctions/provider.py); of two callbacks in the same moment
    it takes the second and tells both that it worked.
    """
    with _CALLBACKS:
        endpoint = self.get(callback_id)
        if endpoint and (
            isinstance(endpoint.consumer_error, CallbackConsumerTimeout) or endpoint.get_outcome()
        ):
            raise TaskTimedOut
        # LocalStack knows no token of a task whose heartbeat it has not set up yet.
        return original(self, callback_id, *args, **how) or endpoint is not None
