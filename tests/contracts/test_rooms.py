"""Each folder in functions/ imports only what its package holds, and the rules import no AWS."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.definitions import ROOT

FUNCTIONS = ROOT / "functions"
AWS = {"aws_lambda_powertools", "boto3", "botocore"}
HTTP = AWS | {"pydantic", "pydantic_core"}
# By folder: what its modules may import beside the standard library and the folder itself.
ROOMS = {
    "orders": set[str](),
    "aws": AWS | {"orders"},
    "http_api": HTTP | {"orders", "aws"},
    "customer_notification": AWS | {"orders", "aws"},
    "order_cancellation": AWS | {"orders", "aws"},
    "order_tracking": AWS | {"orders", "aws"},
    "barista_callback": HTTP | {"orders", "aws", "http_api", "jwt", "segno"},
    "storefront": HTTP | {"orders", "aws", "http_api"},
}
# These modules of Powertools need what only the packages of the two APIs hold.
OF_AN_API = ("aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.parser")


def imported(module: Path) -> Iterator[str]:
    """The names of the modules that it imports."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_folder_is_listed() -> None:
    assert {path.parent.name for path in FUNCTIONS.glob("*/__init__.py")} == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_folder_imports_only_what_it_may(room: str) -> None:
    allowed = ROOMS[room] | {room} | set(sys.stdlib_module_names)
    outside = {
        (module.name, name)
        for module in (FUNCTIONS / room).rglob("*.py")
        for name in imported(module)
        if not name.startswith("mypy_boto3_")  # For the types alone; it is not installed on AWS.
        if name.partition(".")[0] not in allowed
        or (name.startswith(OF_AN_API) and "http_api" not in ROOMS[room] | {room})
    }
    assert outside == set()
