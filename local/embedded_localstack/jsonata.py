"""Evaluates JSONata in Python. LocalStack does it in a JVM, which it downloads at first use.

jsonata-python is a port of the library that LocalStack runs there (dashjoin's jsonata-java).
"""

import json
from collections import defaultdict, deque
from typing import Any, Final

from jsonata import Jsonata
from jsonata.utils import Utils
from localstack.aws.api.stepfunctions import EvaluationFailedEventDetails, HistoryEventType
from localstack.runtime import hooks
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
from localstack.services.stepfunctions.asl.component.common.string.string_expression import (
    StringJSONata,
)
from localstack.services.stepfunctions.asl.component.intrinsic.jsonata import (
    get_intrinsic_functions_declarations,
)
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.jsonata import jsonata
from localstack.services.stepfunctions.asl.jsonata.jsonata import (
    extract_jsonata_variable_references,
)
from localstack.services.stepfunctions.asl.utils.encoding import to_json_str

from embedded_localstack.checkout import STOCK

_parsed: Final[defaultdict[str, deque[Jsonata]]] = defaultdict(deque)
"""The parsed expressions that no thread uses; two threads must not evaluate the same one at once.
"""


@hooks.on_infra_start()
def evaluate_jsonata() -> None:
    """Take the place of the JVM. LocalStack calls this once at its start."""
    jsonata._eval_jsonata = lambda text: Jsonata.jsonata(text).evaluate(None)  # noqa: SLF001
    if not STOCK:
        module: Any = StringJSONata
        module._eval_body = _evaluate_with_bindings  # noqa: SLF001


def _evaluate_with_bindings(self: StringJSONata, env: Environment) -> None:
    """Parse each expression of a workflow once, and bind $states and the variables to it.

    LocalStack writes their values into the text of the expression, parses and evaluates that, for a
    string twice (asl/component/common/string/string_expression.py). What an evaluation raises, it
    reports as States.Runtime; on AWS that is States.QueryEvaluationError:
    https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
    """
    bindings = {
        "states": env.states._states_data,  # noqa: SLF001
        **env.variable_store._outer_scope,  # noqa: SLF001
        **env.variable_store._inner_scope,  # noqa: SLF001
    }
    # The library takes a value of None for one that is missing.
    nulls = {name: Utils.NULL_VALUE for name, value in bindings.items() if value is None}
    try:
        expression = _take(self.expression)
        Jsonata.CURRENT.jsonata = expression  # By which its functions find their own expression.
        result = expression.evaluate(None, bindings | nulls)
    except Exception as error:  # The library also raises what its Python code raises.
        raise _failure(env, str(error)) from error
    _parsed[self.expression].append(expression)
    if result is None:
        raise _failure(env, f"The JSONata expression '{self.expression}' returned nothing.")
    env.stack.append(json.loads(to_json_str(Utils.convert_nulls(result))))


def _take(text: str) -> Jsonata:
    """Take a parsed expression that is free, or parse one more."""
    try:
        return _parsed[text].pop()
    except IndexError:  # Asking before would let another thread take the last one in between.
        return _parse(text)


def _parse(text: str) -> Jsonata:
    functions = get_intrinsic_functions_declarations(extract_jsonata_variable_references(text))
    expression = Jsonata.jsonata(f"({functions}{text})")
    expression.set_output_convert_nulls(False)  # Tells null from a missing value.
    return expression


def _failure(env: Environment, cause: str) -> FailureEventException:
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    details = EvaluationFailedEventDetails(
        cause=cause, error=name.error_name, state=env.next_state_name or ""
    )
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.EvaluationFailed,
            event_details=EventDetails(evaluationFailedEventDetails=details),
        )
    )
