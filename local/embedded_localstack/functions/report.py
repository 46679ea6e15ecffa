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
    """Why a runtime gave no answer of its own."""

    status: str
    error_type: str | None
    payload: bytes
    lines: tuple[str, ...] = ()


def timed_out(request_id: str, timeout: int) -> Failure:
    """Describe an invocation that ran longer than its function's `timeout`, in seconds."""
    reason = f"Task timed out after {timeout:.2f} seconds"
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Failure(
        status="timeout",
        error_type=None,
        payload=_payload(request_id, "Sandbox.Timedout", reason),
        lines=(f"{now} {request_id} {reason}",),
    )


def exited(request_id: str, status: int) -> Failure:
    """Describe a process that ended in mid-invocation; `status` is negative for a signal."""
    if status == 0:
        reason = "Runtime exited without providing a reason"
    elif status > 0:
        reason = f"Runtime exited with error: exit status {status}"
    else:
        reason = f"Runtime exited with error: signal: {_signal_name(-status)}"
    return Failure(
        status="error",
        error_type="Runtime.ExitError",
        payload=_payload(request_id, "Runtime.ExitError", reason),
        lines=(f"RequestId: {request_id} Error: {reason}", "Runtime.ExitError"),
    )


def init_failed(payload: bytes) -> Failure:
    """Describe an init error by the payload that the runtime posted."""
    return Failure("error", str(json.loads(payload).get("errorType", "Runtime.Unknown")), payload)


def init_line(duration_ms: float, phase: str, failure: Failure) -> str:
    """Give the line that tells of an init phase that failed; `phase` is `init` or `invoke`."""
    return _line(
        f"INIT_REPORT Init Duration: {duration_ms:.2f} ms",
        f"Phase: {phase}",
        f"Status: {failure.status}",
        failure.error_type and f"Error Type: {failure.error_type}",
    )


@dataclass(frozen=True)
class Report:
    """The figures of one invocation; durations in ms, memory in MB."""

    request_id: str
    duration_ms: float
    memory_mb: int
    peak_memory_mb: int | None
    init_ms: float | None
    failure: Failure | None

    def lines(self) -> str:
        """Give what ends an invocation's log: the reason of a failure, END and REPORT.

        REPORT tells no peak memory that was not measured. The init phase of a cold start is billed
        (AWS Compute Blog, "AWS Lambda standardizes billing for INIT Phase", 2025).
        """
        failure = self.failure
        reasons = "".join(f"{line}\n" for line in failure.lines) if failure else ""
        figures = _line(
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {self.duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(self.duration_ms + (self.init_ms or 0))} ms",
            f"Memory Size: {self.memory_mb} MB",
            self.peak_memory_mb and f"Max Memory Used: {self.peak_memory_mb} MB",
            self.init_ms is not None and f"Init Duration: {self.init_ms:.2f} ms",
            failure and f"Status: {failure.status}",
            failure and failure.error_type and f"Error Type: {failure.error_type}",
        )
        return f"{reasons}END RequestId: {self.request_id}\n{figures}"


def _payload(request_id: str, error_type: str, reason: str) -> bytes:
    message = f"RequestId: {request_id} Error: {reason}"
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def _line(*fields: object) -> str:
    return "\t".join(str(field) for field in fields if field) + "\n"


def _signal_name(number: int) -> str:
    description = signal.strsignal(number) or str(number)
    return description.partition(":")[0].lower()  # "Killed: 9" on macOS
