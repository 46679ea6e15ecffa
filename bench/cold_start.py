"""Measures how long each function's package takes to start."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import uuid4

import boto3

from embedded_localstack.checkout import libraries
from harness.deployment import PACKAGES

ROOT: Final = Path(__file__).resolve().parents[1]
PYTHON: Final = ROOT / "local" / "runtime" / ".venv" / "bin" / "python"
"""The Python that the embedded LocalStack runs functions with: it has awslambdaric and boto3."""

FUNCTIONS: Final = {
    "BaristaCallback": "barista_callback",
    "OrderCancellation": "order_cancellation",
    "CustomerNotification": "customer_notification",
    "OrderTracking": "order_tracking",
    "Storefront": "storefront",
}

# Prints two durations in seconds: from the process's start, as Lambda's Init Duration, and of the
# first invocation.
PROBE: Final = """
import json, sys, time
import awslambdaric.bootstrap
from importlib import import_module
module, began, event = sys.argv[1], float(sys.argv[2]), json.loads(sys.argv[3])
handler = import_module(module).handler
loaded = time.monotonic()
class Context:
    function_name = module
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:000000000000:function:" + module
    aws_request_id = "1"
    def get_remaining_time_in_millis(self):
        return 10_000
sys.stdout = sys.stderr
answer = handler(event, Context())
called = time.monotonic()
if answer.get("statusCode", 200) not in (200, 404):
    sys.exit(f"Unexpected answer: {answer}")
print(json.dumps([loaded - began, called - loaded]), file=sys.__stdout__)
"""


def measure(stack_name: str, repeats: int) -> dict[str, dict[str, float]]:
    """Start each function's package that often, in turn.

    Returns by function its megabytes, and the medians in milliseconds of its starts.
    """
    environments = _environments(stack_name)
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in FUNCTIONS}
    for _ in range(repeats):
        for name, package in FUNCTIONS.items():
            samples[name].append(_start(package, environments[name]))
    return {
        name: {
            "megabytes": _megabytes(PACKAGES / name),
            "init_ms": median(init for init, _ in found) * 1000,
            "first_call_ms": median(first_call for _, first_call in found) * 1000,
        }
        for name, found in samples.items()
    }


def _start(module: str, environment: Mapping[str, str]) -> tuple[float, float]:
    event = json.dumps(EVENTS[module]).replace("ORDER", str(uuid4()))
    began = time.monotonic()
    done = subprocess.run(
        [PYTHON, "-c", PROBE, f"{module}.handler", str(began), event],
        cwd=environment["PYTHONPATH"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} did not start: {done.stderr}")
    init, first_call = json.loads(done.stdout.splitlines()[-1])
    return init, first_call


def _environments(stack_name: str) -> dict[str, dict[str, str]]:
    """The environment of each function: what Lambda sets, and what the template sets."""
    client = boto3.client("lambda")
    environments = {}
    for name, package in FUNCTIONS.items():
        function_name = f"{stack_name}-{package.replace('_', '-')}"
        deployed = client.get_function_configuration(FunctionName=function_name)
        environments[name] = {
            "PATH": os.defpath,
            **libraries(),
            "PYTHONPATH": str(PACKAGES / name),
            "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's packages are read-only.
            "LAMBDA_TASK_ROOT": str(PACKAGES / name),
            "AWS_LAMBDA_FUNCTION_NAME": function_name,
            "_X_AMZN_TRACE_ID": "Root=1-00000000-000000000000000000000000;Sampled=0",
            **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
            **deployed["Environment"]["Variables"],
        }
    return environments


def _megabytes(package: Path) -> float:
    return sum(file.stat().st_size for file in package.rglob("*") if file.is_file()) / 1e6


def _queued(detail_type: str) -> dict[str, Any]:
    event = json.loads((ROOT / "events" / detail_type / "example.json").read_text())
    event["detail"] |= {"orderId": "ORDER", "userId": "ORDER"}
    record = {"messageId": "1", "body": json.dumps(event), "eventSource": "aws:sqs"}
    return {"Records": [record | {"attributes": {}, "messageAttributes": {}}]}


def _get(path: str) -> dict[str, Any]:
    return {
        "httpMethod": "GET",
        "path": path,
        "resource": path,
        "requestContext": {
            "stage": "v1",
            "path": f"/v1{path}",
            "requestId": "1",
            "identity": {"userArn": "arn:aws:iam::000000000000:user/barista"},  # It is signed.
        },
        "headers": {},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {},
        "body": None,
    }


EVENTS: Final[dict[str, dict[str, Any]]] = {
    "barista_callback": _get("/orders/ORDER"),
    "storefront": _get("/menu"),
    "customer_notification": _queued("OrderProcessor.OrderTimedOut"),
    "order_cancellation": _queued("OrderDeleted"),
    "order_tracking": _queued("OrderProcessor.OrderTimedOut"),
}
"""The first event of each function, about an order that does not exist."""
