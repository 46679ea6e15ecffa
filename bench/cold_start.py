"""How long a function's package takes to start, against that of the first version."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import uuid4

from bench.measure import Progress
from harness.deployment import PACKAGES

ROOT: Final = Path(__file__).resolve().parents[1]
PYTHON: Final = ROOT / "local" / "runtime" / ".venv" / "bin" / "python"
"""What the embedded LocalStack runs functions with: awslambdaric and boto3, nothing else."""

FIRST_VERSION: Final = "80570e8"
"""The commit "Take one order from its event to its pick-up"."""

FUNCTIONS: Final = {
    "BaristaCallback": "barista_callback",
    "OrderCancellation": "order_cancellation",
    "CustomerNotification": "customer_notification",
    "OrderTracking": "order_tracking",
    "Storefront": "storefront",
}

# From the process's start: what Lambda calls Init Duration, and then the first invocation.
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
    sys.exit(f"It refused to work: {answer}")
print(json.dumps([loaded - began, called - loaded]), file=sys.__stdout__)
"""


@dataclass(frozen=True)
class Start:
    """A function's package."""

    megabytes: float
    init_ms: float
    first_call_ms: float


def measured(
    outputs: Mapping[str, str], repeats: int, progress: Progress
) -> tuple[dict[str, Start], dict[str, Start] | None]:
    """The functions as they are and, if git still has it, as the first version had them."""
    with tempfile.TemporaryDirectory() as folder, _first_version(Path(folder)) as first:
        now = {name: PACKAGES / name for name in FUNCTIONS}
        versions = [now, first] if first else [now]
        samples: list[dict[str, list[tuple[float, float]]]] = [{} for _ in versions]
        for number in range(1, repeats + 1):
            for name, package in FUNCTIONS.items():
                for version, found in zip(versions, samples, strict=True):
                    if name not in version:
                        continue
                    found.setdefault(name, []).append(_start(version[name], package, outputs))
            progress(f"{number} of {repeats} cold starts of each function")
        starts = [
            {
                name: Start(
                    _megabytes(version[name]),
                    median(init for init, _ in found[name]) * 1000,
                    median(first_call for _, first_call in found[name]) * 1000,
                )
                for name in version
            }
            for version, found in zip(versions, samples, strict=True)
        ]
    return starts[0], starts[1] if first else None


def shares() -> dict[str, dict[str, float]]:
    """Milliseconds of each function's import by the package that they go to."""
    return {name: _shares(PACKAGES / name, package) for name, package in FUNCTIONS.items()}


def _start(package: Path, module: str, outputs: Mapping[str, str]) -> tuple[float, float]:
    event = json.dumps(EVENTS[module]).replace("ORDER", str(uuid4()))
    began = time.monotonic()
    done = subprocess.run(
        [PYTHON, "-c", PROBE, f"{module}.handler", str(began), event],
        cwd=package,
        env=_environment(package, outputs),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} did not start: {done.stderr}")
    init, first_call = json.loads(done.stdout.splitlines()[-1])
    return init, first_call


def _shares(package: Path, module: str) -> dict[str, float]:
    done = subprocess.run(
        [PYTHON, "-X", "importtime", "-c", f"import {module}.handler"],
        cwd=package,
        env=_environment(package, {}),
        capture_output=True,
        text=True,
        check=True,
    )
    own: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        microseconds, _, name = line.removeprefix("import time:").split("|")
        if microseconds.strip().isdigit():
            root = name.strip().partition(".")[0]
            own["Python's own" if root in sys.stdlib_module_names else root] += int(microseconds)
    return {name: microseconds / 1000 for name, microseconds in own.most_common()}


def _environment(package: Path, outputs: Mapping[str, str]) -> dict[str, str]:
    """As Lambda has it: a package that can't be written to, and what tells the X-Ray SDK so."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(package),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAMBDA_TASK_ROOT": str(package),
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "_X_AMZN_TRACE_ID": "Root=1-00000000-000000000000000000000000;Sampled=0",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "bench",
        "ORDER_TABLE": outputs.get("OrderTableName", ""),
        "CONFIG_TABLE": outputs.get("ConfigTableName", ""),
        "CUSTOMER_TOPIC_ARN": outputs.get("CustomerTopicArn", ""),
        "EVENT_BUS_NAME": outputs.get("EventBusName", ""),
    } | {name: value for name, value in os.environ.items() if name.startswith("AWS_")}


@contextmanager
def _first_version(folder: Path) -> Iterator[dict[str, Path] | None]:
    """Its packages, built as it built them; None where the clone or the machine hasn't got them.

    It built for x86-64 Linux alone.
    """
    archive = subprocess.run(
        ["git", "archive", FIRST_VERSION, "functions"], cwd=ROOT, capture_output=True, check=False
    )
    if archive.returncode or (sys.platform, platform.machine()) != ("linux", "x86_64"):
        yield None
        return
    subprocess.run(["tar", "x"], cwd=folder, input=archive.stdout, check=True)
    packages = {
        name: folder / name
        for name, package in FUNCTIONS.items()
        if (folder / "functions" / package).is_dir()
    }
    for name, package in packages.items():
        subprocess.run(
            ["make", "--silent", f"build-{name}", f"ARTIFACTS_DIR={package}"],
            cwd=folder / "functions",
            check=True,
        )
    yield packages


def _megabytes(package: Path) -> float:
    return sum(file.stat().st_size for file in package.rglob("*") if file.is_file()) / 1e6


def _queued(detail_type: str, detail: dict[str, str]) -> dict[str, Any]:
    body = {
        "id": "1",
        "time": "2026-03-02T08:20:00Z",
        "detail-type": detail_type,
        "resources": ["arn:aws:states:eu-central-1:000000000000:execution:bench:cold"],
        "detail": {"orderId": "ORDER", "userId": "ORDER", "drink": "Espresso"} | detail,
    }
    return {
        "Records": [
            {
                "messageId": "1",
                "body": json.dumps(body),
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:queue",
                "attributes": {},
                "messageAttributes": {},
            }
        ]
    }


def _asked(path: str) -> dict[str, Any]:
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
    "barista_callback": _asked("/orders/ORDER"),
    "storefront": _asked("/menu"),
    "customer_notification": _queued("OrderProcessor.OrderTimedOut", {}),
    "order_cancellation": _queued("OrderDeleted", {}),
    "order_tracking": _queued("OrderProcessor.OrderTimedOut", {}),
}
"""What each gets first, about an order that nobody knows."""
