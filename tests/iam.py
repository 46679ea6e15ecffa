"""Evaluates IAM policies: actions, resources and the conditions that this project's policies use.

moto knows no condition keys of a call, and takes a statement with a condition for a Deny
(moto/iam/access_control.py).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

type Statement = Mapping[str, Any]
type Context = Mapping[str, Collection[str]]


def allows(
    statements: Sequence[Statement], action: str, resource: str, context: Context | None = None
) -> bool:
    """Whether these statements of one policy allow a call. A Deny that applies wins."""
    effects = {
        statement["Effect"]
        for statement in statements
        if applies(statement, action, resource, context or {})
    }
    return effects == {"Allow"}


def applies(statement: Statement, action: str, resource: str, context: Context) -> bool:
    """Whether a statement is about a call with these condition keys."""
    return (
        any(fnmatchcase(action.lower(), each.lower()) for each in listed(statement["Action"]))
        and any(fnmatchcase(resource, each) for each in listed(statement["Resource"]))
        and meets(context, statement.get("Condition", {}))
    )


def meets(context: Context, conditions: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the values of a call's condition keys meet all conditions of a statement.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    return all(
        _OPERATORS[operator](context.get(key, ()), [str(each) for each in listed(wanted)])
        for operator, keys in conditions.items()
        for key, wanted in keys.items()
    )


def listed(element: Any) -> list[Any]:
    return element if isinstance(element, list) else [element]


def _like(value: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def _one_like(values: Collection[str], wanted: list[str]) -> bool:
    """A key that is missing, or has several values, meets no condition for one value."""
    return len(values) == 1 and _like(next(iter(values)), wanted)


def _one_equal(values: Collection[str], wanted: list[str]) -> bool:
    return len(values) == 1 and set(values) <= set(wanted)


_OPERATORS: Mapping[str, Callable[[Collection[str], list[str]], bool]] = {
    "ArnEquals": _one_like,
    "ArnLike": _one_like,
    "ArnNotLike": lambda values, wanted: not _one_like(values, wanted),
    "ForAllValues:StringEquals": lambda values, wanted: set(values) <= set(wanted),
    "ForAllValues:StringLike": lambda values, wanted: all(_like(each, wanted) for each in values),
    "Null": lambda values, wanted: [str(not values).lower()] == wanted,
    "StringEquals": _one_equal,
    "StringEqualsIfExists": lambda values, wanted: not values or _one_equal(values, wanted),
    "StringLike": _one_like,
    "StringNotLike": lambda values, wanted: not _one_like(values, wanted),
}
