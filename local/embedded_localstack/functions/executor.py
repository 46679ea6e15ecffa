"""LocalStack's Lambda executor that runs every execution environment as a process.

It owns what the init program of LocalStack's Docker image would: the function's timeout, the end
of its process, init errors, and its log.
"""

import shutil
import time
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final, override
from weakref import WeakValueDictionary

from localstack import config
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InvocationResult,
)
from localstack.services.lambda_.invocation.runtime_executor import (
    LambdaRuntimeException,
    RuntimeExecutor,
)

from embedded_localstack.checkout import FUNCTION_PYTHON, libraries
from embedded_localstack.functions import report
from embedded_localstack.functions.output import Output
from embedded_localstack.functions.report import Failure
from embedded_localstack.functions.runtime_api import (
    Answered,
    Exited,
    InitFailed,
    Invocation,
    Ready,
)
from embedded_localstack.functions.sandbox import Sandbox

RUNTIME: Final = "python3.13"

_NOT_LAMBDAS: Final = ("AWS_LAMBDA_FUNCTION_TIMEOUT", "EDGE_PORT", "LOCALSTACK_")
"""How the names begin of what LocalStack tells the init program of its Docker image.

Source: localstack/services/lambda_/invocation/execution_environment.py, in LocalStack 4.14.
"""

INIT_LIMIT_SECONDS: Final = 10
"""How long the init phase may take before it is cut off and run again in the invocation.

Source: AWS Lambda Developer Guide, "Init phase".
"""


def sandbox_of(access_key: str | None) -> Sandbox | None:
    """Find the sandbox whose function signs its calls with this access key."""
    environment = _environments.get(access_key or "")
    return environment.sandbox if environment else None


class ProcessRuntimeExecutor(RuntimeExecutor):
    """One execution environment: a sandbox that is replaced when it times out, crashes or exits.

    The environment stays when its process goes: as on AWS the next invocation runs the init phase
    again in the same environment, with the same log stream and temporary files, and so does the
    first invocation after an init phase that failed ("Failures during the invoke phase" in the
    Lambda Developer Guide). LocalStack's bookkeeping needs no help then: to it, an environment
    answers every invocation, and every answer brings its log.

    Not as on AWS: memory and disk are not limited, the process is not frozen between invocations,
    and code that spells out `/tmp` shares that folder with everyone.
    """

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        """Prepare an environment; nothing runs before `start`."""
        super().__init__(id=id, function_version=function_version)
        self._home = Path(config.dirs.tmp) / "environments" / id
        self._variables: dict[str, str] = {}
        self._lock = Lock()
        self._stopped = False
        self._sandbox: Sandbox | None = None
        self._output = Output()
        self._init_ms: float | None = None

    @override
    def start(self, env_vars: dict[str, str]) -> None:
        """Run the init phase; the first invocation deals with one that failed.

        Raised from here, as `StatusErrorException`, an init error would reach the caller too, but
        LocalStack stores no log then (version_manager.py, `invoke`).
        """
        self._home.mkdir(parents=True)
        code: Any = self.function_version.config.code
        code.prepare_for_execution()  # waits while `prepare_version` is at it
        self._variables = self._function_variables(env_vars, code.get_unzipped_code_location())
        _environments[self._variables["AWS_ACCESS_KEY_ID"]] = self
        began = time.monotonic()
        if not self._initialize(began + INIT_LIMIT_SECONDS, ""):
            self._init_ms = (time.monotonic() - began) * 1000

    @override
    def stop(self) -> None:
        """End the process, if there is one, with everything it started."""
        with self._lock:
            self._stopped = True
        self._discard()
        shutil.rmtree(self._home, ignore_errors=True)

    @override
    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run one invocation to its end, whatever that is; a function's failure never raises."""
        request_id = payload["invoke-id"]
        began = time.monotonic()
        deadline = began + self.function_version.config.timeout
        init_ms, self._init_ms = self._init_ms, None
        failure = None
        if not (self._sandbox and self._sandbox.alive):
            failure = self._initialize(deadline, request_id)
        initialized = self._output.take()
        start = f"START RequestId: {request_id} Version: {self.function_version.id.qualifier}\n"
        answer = failure or self._run(_invocation(payload, deadline), deadline)
        duration_ms = (time.monotonic() - began) * 1000
        why = ""
        if isinstance(answer, Failure):
            self._discard()
            why = answer.log
        memory_mb = self.function_version.config.memory_size
        end = report.report(
            request_id, duration_ms=duration_ms, memory_mb=memory_mb, init_ms=init_ms
        )
        return InvocationResult(
            request_id=request_id,
            payload=answer.payload,
            is_error=isinstance(answer, Failure) or answer.is_error,
            logs=f"{initialized}{start}{self._output.take()}{why}{end}",
        )

    @property
    def sandbox(self) -> Sandbox | None:
        """The sandbox that runs now; for other threads than the invocation's, too."""
        with self._lock:
            return self._sandbox

    @override
    def get_logs(self) -> str:
        """Give what no invocation has reported yet; for LocalStack's own debug log."""
        return self._output.take()

    @override
    def get_address(self) -> str:
        """Give the host the sandbox runs on."""
        return "127.0.0.1"

    @override
    def get_endpoint_from_executor(self) -> str:
        """Give the host under which a function reaches LocalStack; AWS_ENDPOINT_URL gets it."""
        return str(config.GATEWAY_LISTEN[0].host)

    @override
    def get_runtime_endpoint(self) -> str:
        """Give no address: only the init program of LocalStack's Docker image reports to one."""
        return ""

    @override
    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Begin to unpack the function's code, and refuse what cannot run here.

        Only `start` waits for the code, so a deployment doesn't. The function's state becomes
        `Failed` with the reason of what this raises:
        `LambdaRuntimeException` for another runtime than `RUNTIME`, an image, or layers.
        """
        version = function_version.config
        if version.runtime != RUNTIME:
            raise LambdaRuntimeException(
                f"The process executor runs {RUNTIME} only, not {version.runtime or 'images'}."
                " Run such a function on AWS, or on LocalStack in Docker."
            )
        if version.layers:
            message = "The process executor does not apply layers: put them into the package."
            raise LambdaRuntimeException(message)
        code: Any = version.code  # Only an image has none, and has no runtime either.
        Thread(target=code.prepare_for_execution, daemon=True).start()

    @override
    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Leave the unpacked code: LocalStack deletes it along with the last version using it."""

    def _function_variables(self, given: dict[str, str], task_root: Path) -> dict[str, str]:
        """Turn what LocalStack passes to an executor into what the function's process gets.

        That is Lambda's own variables and those of the function's configuration, which win, as
        LocalStack has it, except over what runs and where. `_home` stands for Lambda's /tmp:
        temporary files go there, and because HOME is there, too, boto3 does not read the
        developer's ~/.aws.
        """
        configured = self.function_version.config.environment or {}
        lambdas = {
            name: str(value)
            for name, value in given.items()
            if not name.startswith(_NOT_LAMBDAS) or name in configured
        }
        defaults = {
            "LANG": "en_US.UTF-8",
            "PATH": f"{FUNCTION_PYTHON.parent}:/usr/local/bin:/usr/bin:/bin",
            "TZ": ":UTC",
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
        }
        facts = {
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
            "LAMBDA_RUNTIME_DIR": str(FUNCTION_PYTHON.parents[1]),
            "LAMBDA_TASK_ROOT": str(task_root),
        }
        return libraries() | defaults | lambdas | facts

    def _initialize(self, deadline: float, request_id: str) -> Failure | None:
        """Run the init phase in a new process, which is there afterwards unless that failed."""
        match self._replace_sandbox().next_event(deadline):
            case None:
                failure = report.timed_out(request_id, self.function_version.config.timeout)
            case InitFailed(payload):
                failure = Failure(payload)
            case Exited(status):
                failure = report.exited(request_id, status)
            case _:
                return None
        self._discard()
        return failure

    def _replace_sandbox(self) -> Sandbox:
        handler = self.function_version.config.handler or ""
        task_root = Path(self._variables["LAMBDA_TASK_ROOT"])
        self._discard()
        with self._lock:
            if self._stopped:
                raise LambdaRuntimeException(f"Environment {self.id} was stopped.")
            command = [str(FUNCTION_PYTHON), "-m", "awslambdaric", handler]
            self._sandbox = Sandbox(command, task_root, self._variables, self._output)
            return self._sandbox

    def _run(self, invocation: Invocation, deadline: float) -> Answered | Failure:
        sandbox = self._sandbox
        if sandbox is None:  # stopped meanwhile
            return report.exited(invocation.request_id, 0)
        sandbox.submit(invocation)
        while True:
            match sandbox.next_event(deadline):
                case Answered(invocation.request_id) as answer:
                    return answer
                case Exited(status):
                    return report.exited(invocation.request_id, status)
                case None:
                    timeout = self.function_version.config.timeout
                    return report.timed_out(invocation.request_id, timeout)
                case Ready() | InitFailed() | Answered():
                    pass  # the runtime's word that it is done with an earlier invocation

    def _discard(self) -> None:
        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if sandbox:
            sandbox.kill()


_environments: Final[WeakValueDictionary[str, ProcessRuntimeExecutor]] = WeakValueDictionary()
"""Those that LocalStack keeps, by access key: it assumes the function's role anew for each of them
(services/lambda_/invocation/execution_environment.py, `get_credentials`).
"""


def _invocation(payload: dict[str, str], deadline: float) -> Invocation:
    return Invocation(
        request_id=payload["invoke-id"],
        function_arn=payload["invoked-function-arn"],
        trace_id=payload["trace-id"],
        payload=payload["payload"].encode(),
        deadline_ms=int((time.time() + deadline - time.monotonic()) * 1000),
    )
