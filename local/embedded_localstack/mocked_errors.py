"""Corrects how LocalStack 4.14 treats errors that are mocked for TestState."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name_type import (  # noqa: E501
    StatesErrorNameType,
)
from localstack.services.stepfunctions.asl.component.common.retry.retrier_decl import RetrierDecl
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service.state_task_service_dynamodb import (  # noqa: E501
    StateTaskServiceDynamoDB,
)
from localstack.services.stepfunctions.asl.component.test_state.state import base_mock
from localstack.services.stepfunctions.asl.component.test_state.state.execution import (
    MockedStateExecution,
)
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.test_state.environment import TestStateEnvironment
from localstack.services.stepfunctions.test_state.mock_config import TestStateResponseThrow
from localstack.utils.patch import patch

RESERVED: Final = {kind.to_name(): kind for kind in StatesErrorNameType}
"""The names that begin with States."""


def correct() -> None:
    """Install the corrections, before the first request."""
    patch(StateTaskServiceDynamoDB._from_error)(keep_name)  # noqa: SLF001
    # No patch() here: one is imported by its name, the other is a static method.
    user: Any = base_mock
    user.eval_mocked_response_throw = partial(know_reserved_name, user.eval_mocked_response_throw)
    execution: Any = MockedStateExecution
    execution.with_retry_state_id = staticmethod(
        partial(wait_at_the_longest, execution.with_retry_state_id)
    )


def keep_name(
    original: Callable[..., FailureEvent],
    self: StateTaskServiceDynamoDB,
    env: Environment,
    ex: Exception,
) -> FailureEvent:
    """Keep the name of a mocked error of DynamoDB.

    LocalStack makes AmazonDynamoDBException of each, without a cause, and answers with an internal
    error if nothing catches that (asl/component/state/state_execution/state_task/service/
    state_task_service_dynamodb.py).
    """
    if isinstance(ex, FailureEventException):
        return ex.failure_event
    return original(self, env=env, ex=ex)


def know_reserved_name(
    original: Callable[..., None], env: Environment, mocked: TestStateResponseThrow
) -> None:
    """Keep States.TaskFailed from matching a mocked States.Timeout or States.Runtime.

    LocalStack takes it for an error of the task's own (backend/test_state/test_state_mock.py).
    """
    try:
        original(env, mocked)
    except FailureEventException as raised:
        if mocked.error in RESERVED:
            name = StatesErrorName(typ=RESERVED[mocked.error])
            raised.failure_event.error_name = name  # type: ignore[misc] # It is no constant to us.
        raise


def wait_at_the_longest(
    original: Callable[..., Callable[[TestStateEnvironment], None]],
    retrier: RetrierDecl,
    state_id: int,
) -> Callable[[TestStateEnvironment], None]:
    """Limit the reported wait to MaxDelaySeconds.

    LocalStack tells the wait as it would be without (asl/component/test_state/state/execution.py).
    """
    longest = retrier.max_delay_seconds.max_delays_seconds
    evaluate = original(retrier, state_id)

    def cut(env: TestStateEnvironment) -> None:
        evaluate(env)
        details: dict[str, Any] = dict(env.inspection_data.get("errorDetails") or {})
        if "retryBackoffIntervalSeconds" in details:
            details["retryBackoffIntervalSeconds"] = min(
                details["retryBackoffIntervalSeconds"], longest
            )
            env.inspection_data["errorDetails"] = details  # type: ignore[typeddict-item]

    return cut
