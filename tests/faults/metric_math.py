"""CloudWatch's metric math, as far as the template uses it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Final

type Value = float | None
"""A metric's value in one period; None where it has no data point."""

_OPERATORS: Final[dict[type[ast.AST], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ARRAYS: Final[dict[str, Callable[[list[float]], float]]] = {"SUM": sum, "MAX": max}


def evaluate(expression: str, values: Mapping[str, Value]) -> Value:
    """The value of an expression in one period, given those of the metrics by their ids.

    A value that is missing makes all missing that is computed from it, but for FILL. Raises
    ValueError for what is not known here, so that no alarm is evaluated otherwise than on AWS.
    """
    return _value(ast.parse(expression.strip(), mode="eval").body, values)


def _value(node: ast.expr, values: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(int() | float() as number):
            return float(number)
        case ast.Name(name):
            return values[name]
        case ast.BinOp(left, sign, right) | ast.Compare(left, [sign], [right]) if (
            do := _OPERATORS.get(type(sign))
        ):
            return _both(do, _value(left, values), _value(right, values))
        case ast.Call(ast.Name(function), arguments, []):
            return _call(function, arguments, values)
    raise ValueError(f"Not known: {ast.unparse(node)}")


def _call(function: str, arguments: list[ast.expr], values: Mapping[str, Value]) -> Value:
    match function, arguments:
        case "IF", [condition, then, otherwise]:
            holds = _value(condition, values)
            return None if holds is None else _value(then if holds else otherwise, values)
        case "FILL", [metric, filler]:
            value = _value(metric, values)
            return _value(filler, values) if value is None else value
        case _, [array] if function in _ARRAYS:
            present = [value for value in _array(array, values) if value is not None]
            return float(_ARRAYS[function](present)) if present else None
    raise ValueError(f"Not known: {function} of {len(arguments)}")


def _array(node: ast.expr, values: Mapping[str, Value]) -> list[Value]:
    match node:
        case ast.Call(ast.Name("METRICS"), [], []):
            return list(values.values())
        case ast.Call(ast.Name("FILL"), [array, filler], []):
            filled = _value(filler, values)
            return [filled if value is None else value for value in _array(array, values)]
    raise ValueError(f"Not known: {ast.unparse(node)}")


def _both(do: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    try:
        return float(do(left, right))
    except ZeroDivisionError:
        return None  # No number, so no data point.
