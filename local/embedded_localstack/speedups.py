"""What makes LocalStack quicker without changing what it does.

Most of them keep something that LocalStack makes anew every time. Each has an environment variable
that stops it if it is 0; docs/localstack.md says how much each of them saves.
"""

import os
from functools import lru_cache, partial
from typing import Any, Final

import jsonpath_rw
from localstack.aws.connect import ClientFactory
from localstack.runtime import hooks
from localstack.services.lambda_ import provider as lambda_provider
from localstack.services.stepfunctions.asl.component.common.path import result_path
from localstack.services.stepfunctions.asl.component.eval_component import EvalComponent
from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser
from localstack.services.stepfunctions.asl.utils import json_path

from embedded_localstack.checkout import SPEED_UPS

_kept: Final[Any] = lru_cache(maxsize=1000)


@hooks.on_infra_start()
def speed_up() -> None:
    """Apply those that are not switched off; LocalStack calls this at its start."""
    for variable in SPEED_UPS:
        if os.environ[variable] != "0":
            _SPEED_UPS[variable]()


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


_SPEED_UPS: Final = {
    "JSONPATH_CACHE": _jsonpaths,
    "DEFINITION_CACHE": _definitions,
    "ROLE_SESSION_CACHE": _role_sessions,
    "NEW_FUNCTION_POLL": _new_functions,
}
