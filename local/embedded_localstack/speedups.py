"""What makes LocalStack quicker, and fair, without changing what it does.

Most of them keep something that LocalStack makes anew every time. Each has an environment variable
that stops it if it is 0; docs/localstack.md says how much each of them saves.
"""

import gc
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any, Final

import boto3
import botocore.useragent
import jsonpath_rw
import moto.core.responses
from botocore.crt.auth import CrtSigV4Auth
from localstack.aws.connect import ClientFactory
from localstack.runtime import hooks
from localstack.services.events import provider as events_provider
from localstack.services.lambda_ import provider as lambda_provider
from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.component.eval_component import EvalComponent
from localstack.services.stepfunctions.asl.component.state.state_choice.state_choice import (
    StateChoice,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (  # noqa: E501
    state_task_service,
    state_task_service_aws_sdk,
    state_task_service_dynamodb,
    state_task_service_events,
)
from localstack.services.stepfunctions.asl.component.state.state_pass.state_pass import StatePass
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.utils import json_path
from localstack.utils.aws import aws_stack
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing.ast_nodes import (  # type: ignore[attr-defined]
    DepthFirstTraverser,
    Node,
)
from moto.dynamodb.parsing.expressions import (  # type: ignore[attr-defined]
    UpdateExpressionParser,
)

from embedded_localstack.checkout import SPEED_UPS, STOCK

AT_ONCE: Final = 4
"""How many states of executions, and how many events' deliveries, are carried out at once."""

_kept: Final[Any] = lru_cache(maxsize=1000)


@hooks.on_infra_start(priority=100, should_load=not STOCK)
def speed_up() -> None:
    """Apply those that are not switched off; LocalStack calls this at its start."""
    for variable in SPEED_UPS:
        if os.environ[variable] != "0":
            _SPEED_UPS[variable]()


@hooks.on_infra_ready()
def collect_garbage_again() -> None:
    """Look for garbage from now on, but not among what LocalStack made at its start."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _jsonpaths() -> None:
    """Parse each JSONPath once, of a workflow or of a rule's input transformer.

    What is kept has no state: `find` and `update` get the data.
    """
    module: Any
    for module in (json_path, result_path, jsonpath_rw):
        module.parse = _kept(module.parse)


def _definitions() -> None:
    """Parse each state machine's definition once, not for every execution.

    What is kept has no state either: it evaluates an environment, which each execution has of its
    own (asl/component/). There, attempts are counted by the name of the retrier; LocalStack makes
    that up when it is first asked for, which two executions must not do at once.
    """
    parser: Any = AmazonStateLanguageParser
    parser.parse = staticmethod(_kept(parser.parse))
    component: Any = EvalComponent
    component.heap_key = property(lambda self: str(id(self)))


def _role_sessions() -> None:
    """Assume each role once for a service, not for every task and every delivery.

    The sessions of LocalStack don't expire. AWS's services keep theirs, too.
    """
    factory: Any = ClientFactory
    factory.with_assumed_role = _kept(factory.with_assumed_role)


def _new_functions() -> None:
    """Look every 20 ms whether a new function's package is unpacked, not every 500."""
    module: Any = lambda_provider
    module.poll_condition = partial(module.poll_condition, interval=0.02)


def _regions() -> None:
    """Read AWS's list of regions once, not for every service."""
    module: Any = aws_stack
    module.boto3 = SimpleNamespace(Session=_kept(boto3.Session), session=boto3.session)


def _names() -> None:
    """Turn each name of an operation, a method or a client into its other form once.

    Of a service for each task, of moto's classes and of the client's parts for each call.
    """
    module: Any
    for module, function in (
        (state_task_service, "camel_to_snake_case"),
        (moto.core.responses, "method_names_from_class"),
        (botocore.useragent, "sanitize_user_agent_string_component"),
    ):
        setattr(module, function, _kept(getattr(module, function)))


def _expressions() -> None:
    """Parse each of DynamoDB's expressions once, and copy what is parsed node by node.

    moto changes only copies of an update expression's tree, and takes one for each validation, with
    all of deepcopy's bookkeeping. The tree has no cycles but the way back to each node's parent. Of
    a condition only the words are kept: the tree holds the values that it is evaluated with.
    """

    def copied(node: Any, memo: Any) -> Any:
        twin = object.__new__(type(node))
        children = node.children and [deepcopy(child, memo) for child in node.children]
        Node.__init__(twin, children)  # Their own constructors want what they were parsed from.
        return twin

    Node.__deepcopy__ = copied
    parser: Any = UpdateExpressionParser
    parser.make = staticmethod(_kept(parser.make))

    condition: Any = ConditionExpressionParser
    split = condition._lex_condition_expression  # noqa: SLF001
    words = _kept(lambda text: tuple(split(condition(text, None, None))))
    condition._lex_condition_expression = lambda self: deque(words(self.condition_expression))  # noqa: SLF001

    # The types that a traverser is after are a matter of its class, and asked for at every node.
    look_up = DepthFirstTraverser.nodes_to_be_processed
    known: dict[type, Any] = {}

    def types(self: Any) -> Any:
        if type(self) not in known:
            known[type(self)] = look_up(self)
        return known[type(self)]

    DepthFirstTraverser.nodes_to_be_processed = types


def _turns() -> None:
    """Carry out few states of executions and few deliveries of events at once.

    LocalStack has one core for all its threads. In a burst, hundreds of executions and deliveries
    take it from the functions' calls, until a batch of messages has no time left and waits for its
    next delivery. A task that waits for its token waits outside of this, and so does a retry.
    """
    turns = threading.Semaphore(AT_ONCE)

    def in_turn(carry_out: Callable[..., None]) -> Callable[..., None]:
        def wait_and_carry_out(*arguments: Any, **named: Any) -> None:
            with turns:
                carry_out(*arguments, **named)

        return wait_and_carry_out

    service: Any
    for service in (
        state_task_service_aws_sdk.StateTaskServiceAwsSdk,
        state_task_service_dynamodb.StateTaskServiceDynamoDB,
        state_task_service_events.StateTaskServiceEvents,
    ):
        service._eval_service_task = in_turn(service._eval_service_task)  # noqa: SLF001
    state: Any
    for state in (StateChoice, StatePass):
        state._eval_state = in_turn(state._eval_state)  # noqa: SLF001

    deliveries = ThreadPoolExecutor(AT_ONCE, "events-process-rules")
    module: Any = events_provider
    module.start_worker_thread = lambda work, params, name: deliveries.submit(work, params)  # noqa: ARG005


def _signatures() -> None:
    """Name the credentials of LocalStack's own calls, but don't sign them: nobody looks.

    LocalStack reads account and region from the header, and checks no signature in it.
    """
    signer: Any = CrtSigV4Auth
    sign = signer.add_auth

    def name_credentials(self: Any, request: Any) -> None:
        if type(self) is not signer:  # S3's, and addresses that are signed themselves
            sign(self, request)
            return
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        scope = f"{now[:8]}/{self._region_name}/{self._service_name}/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={self.credentials.access_key}/{scope},"
            " SignedHeaders=host, Signature=none",
            "X-Amz-Date": now,
            "X-Amz-Security-Token": self.credentials.token,
        }
        for name, value in headers.items():
            del request.headers[name]
            if value:
                request.headers[name] = value

    signer.add_auth = name_credentials


_SPEED_UPS: Final = {
    "GARBAGE_FREEZE": gc.disable,
    "JSONPATH_CACHE": _jsonpaths,
    "DEFINITION_CACHE": _definitions,
    "REGION_CACHE": _regions,
    "ROLE_SESSION_CACHE": _role_sessions,
    "NEW_FUNCTION_POLL": _new_functions,
    "NAME_CACHE": _names,
    "EXPRESSION_CACHE": _expressions,
    "TURNS": _turns,
    "SIGNATURE_SKIP": _signatures,
}
