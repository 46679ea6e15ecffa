"""What Lambda writes to a function's log around an invocation, and the errors it answers with.

Source: AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle";
the payloads as Lambda's Runtime Interface Emulator gives them.
"""

import json
import math
import signal
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Failure:
    """Why a runtime gave no answer of its own: the payload, and what the log says of it."""

    payload: bytes
    log: str = ""


def timed_out(request_id: str, timeout: int) -> Failure:
    """Describe an invocation that ran longer than its function's `timeout`, in seconds."""
    reason = f"Task timed out after {timeout:.2f} seconds"
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    payload = _payload(request_id, "Sandbox.Timedout", reason)
    return Failure(payload, f"{now} {request_id} {reason}\n")


def exited(request_id: str, status: int) -> Failure:
    """Describe a process that ended in mid-invocation; `status` is negative for a signal."""
    if status == 0:
        reason = "Runtime exited without providing a reason"
    elif status > 0:
        reason = f"Runtime exited with error: exit status {status}"
    else:
        name = (signal.strsignal(-status) or str(-status)).partition(":")[0]  # "Killed: 9" on macOS
        reason = f"Runtime exited with error: signal: {name.lower()}"
    payload = _payload(request_id, "Runtime.ExitError", reason)
    return Failure(payload, f"RequestId: {request_id} Error: {reason}\nRuntime.ExitError\n")


def report(
    request_id: str,
    *,
    duration_ms: float,
    memory_mb: int,
    init_ms: float | None,
) -> str:
    """Give the lines that end an invocation's log, END and REPORT.

    REPORT tells no peak memory, which is not measured. The init phase of a cold start is billed
    (AWS Compute Blog, "AWS Lambda standardizes billing for INIT Phase", 2025).
    """
    figures = (
        f"REPORT RequestId: {request_id}",
        f"Duration: {duration_ms:.2f} ms",
        f"Billed Duration: {math.ceil(duration_ms + (init_ms or 0))} ms",
        f"Memory Size: {memory_mb} MB",
        f"Init Duration: {init_ms:.2f} ms" if init_ms else "",
    )
    return f"END RequestId: {request_id}\n" + "\t".join(filter(None, figures)) + "\n"


def _payload(request_id: str, error_type: str, reason: str) -> bytes:
    message = f"RequestId: {request_id} Error: {reason}"
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()
