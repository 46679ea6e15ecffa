"""Makes LocalStack faster without changing what it does.

docs/localstack.md has what each of these saves; jsonata.py has one more.
"""

from collections import deque
from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from threading import Semaphore
from typing import Any, Final

from localstack.aws.connect import ClientFactory
from localstack.runtime import hooks
from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.component.eval_component import EvalComponent
from localstack.services.stepfunctions.asl.component.state.state_execution.state_task.service import (  # noqa: E501
    state_task_service_aws_sdk,
    state_task_service_dynamodb,
    state_task_service_events,
)
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.utils.patch import patch
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing.ast_nodes import (  # type: ignore[attr-defined]
    DepthFirstTraverser,
    Node,
)
from moto.dynamodb.parsing.expressions import (  # type: ignore[attr-defined]
    UpdateExpressionParser,
)

from embedded_localstack.checkout import STOCK

_kept: Final[Any] = lru_cache(maxsize=1000)


@hooks.on_infra_start(priority=100, should_load=not STOCK)
def speed_up() -> None:
    """Apply them. LocalStack calls this at its start."""
    _result_paths()
    _definitions()
    _role_sessions()
    _expressions()
    _turns()


def _result_paths() -> None:
    """Parse a state's ResultPath once; LocalStack does it at the end of every state.

    In JSONata it is always "$", and the parser of JSONPath is built anew each time
    (services/stepfunctions/asl/component/common/path/result_path.py).
    """
    module: Any = result_path
    module.parse = _kept(module.parse)


def _definitions() -> None:
    """Parse each state machine's definition once; LocalStack does it for every execution.

    The cached program has no state (services/stepfunctions/asl/component/): each execution has an
    environment of its own. There, attempts are counted by the name of the retrier,
    which LocalStack makes up when it is first asked for; two executions must not do that at once.
    """
    parser: Any = AmazonStateLanguageParser
    parser.parse = staticmethod(_kept(parser.parse))
    component: Any = EvalComponent
    component.heap_key = property(lambda self: str(id(self)))


def _role_sessions() -> None:
    """Assume each role once for a service; LocalStack does it for every task and delivery.

    Its sessions don't expire (aws/connect.py). AWS's services keep theirs, too.
    """
    factory: Any = ClientFactory
    factory.with_assumed_role = _kept(factory.with_assumed_role)


def _expressions() -> None:
    """Parse each of DynamoDB's expressions once, and copy what is parsed node by node.

    moto changes only copies of an update expression's tree, and takes one for each validation, with
    all of deepcopy's bookkeeping (moto/dynamodb/parsing/ast_nodes.py). The tree has no cycles but
    the way back to each node's parent. Of a condition only the words are kept: the tree holds the
    values that it is evaluated with (moto/dynamodb/comparisons.py).
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
    types = _kept(lambda kind: look_up(object.__new__(kind)))
    DepthFirstTraverser.nodes_to_be_processed = lambda self: types(type(self))


def _turns() -> None:
    """Carry out four tasks of executions at once; LocalStack does all that there are.

    It has one core for all its threads. In a burst, executions take it from the functions' calls,
    until a batch of messages has no time left and waits a minute for its next delivery. A task that
    waits for its token waits outside of this (services/stepfunctions/asl/component/state/
    state_execution/state_task/service/state_task_service.py), and so does a retry.
    """
    turns = Semaphore(4)

    def in_turn(carry_out: Callable[..., None], *arguments: Any, **named: Any) -> None:
        with turns:
            carry_out(*arguments, **named)

    for service in (
        state_task_service_aws_sdk.StateTaskServiceAwsSdk,
        state_task_service_dynamodb.StateTaskServiceDynamoDB,
        state_task_service_events.StateTaskServiceEvents,
    ):
        patch(service._eval_service_task)(in_turn)  # noqa: SLF001
