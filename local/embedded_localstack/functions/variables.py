"""The environment variables a function sees: Lambda's own and its configuration's, no others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

RUNTIME: Final = "python3.13"

_NOT_LAMBDAS: Final = ("AWS_LAMBDA_FUNCTION_TIMEOUT", "EDGE_PORT", "LOCALSTACK_")
"""How the names begin of what LocalStack tells the init program of its Docker image.

Source: localstack/services/lambda_/invocation/execution_environment.py, in LocalStack 4.14.
"""


def function_variables(
    given: Mapping[str, object],
    configured: Mapping[str, str],
    *,
    python: Path,
    task_root: Path,
    home: Path,
) -> dict[str, str]:
    """Turn what LocalStack passes to an executor into what the function's process gets.

    `configured` are the variables of the function's own configuration: they win, as LocalStack
    has it, except over what runs and where. `home` stands for Lambda's /tmp: temporary files go
    there, and because HOME is there, too, boto3 does not read the developer's ~/.aws.
    """
    lambdas = {
        name: str(value)
        for name, value in given.items()
        if not name.startswith(_NOT_LAMBDAS) or name in configured
    }
    defaults = {
        "LANG": "en_US.UTF-8",
        "PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin",
        "TZ": ":UTC",
        "HOME": str(home),
        "TMPDIR": str(home),
    }
    facts = {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
        "LAMBDA_RUNTIME_DIR": str(python.parent.parent),
        "LAMBDA_TASK_ROOT": str(task_root),
    }
    return defaults | lambdas | facts
