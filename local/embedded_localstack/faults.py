"""Makes calls to AWS services fail, as told at `/_embedded/faults`: docs/localstack.md.

Faults meet what the system itself calls, never the tests' own clients. Those that kill meet
functions only: the process that makes the call ends with its group, by SIGKILL, and its invocation
with `Runtime.ExitError`. The next one has a new process.
"""

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any, Final

import botocore.session
from botocore.exceptions import UnknownServiceError
from localstack.aws import handlers
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.handlers.service import ServiceExceptionSerializer
from localstack.aws.protocol.serializer import create_serializer
from localstack.http import Request, Resource
from localstack.runtime import hooks
from localstack.services.edge import ROUTER
from rolo.gateway import HandlerChain
from rolo.response import Response

from embedded_localstack.callers import access_key_of, is_of_the_system
from embedded_localstack.checkout import STOCK
from embedded_localstack.functions.executor import sandbox_of
from embedded_localstack.functions.sandbox import Sandbox

PATH: Final = "/_embedded/faults"

_MESSAGE: Final = f"Made to fail by {PATH}."

ANY: Final = "*"

ERROR: Final = "error"
"""An AWS error; the call is not carried out."""

LOST_ANSWER: Final = "lost-answer"
"""The call is carried out, and its answer is an AWS error."""

FAILED_ENTRY: Final = "failed-entry"
"""PutEvents answers 200 with a failure for each entry; no event is delivered."""

KILLED_BEFORE: Final = "killed-before"
KILLED_AFTER: Final = "killed-after"
"""The process of the calling function is killed, before the call or before it gets the answer."""

KINDS: Final = {ERROR, LOST_ANSWER, FAILED_ENTRY, KILLED_BEFORE, KILLED_AFTER}


@dataclass
class Fault:
    """Which calls fail, and how. Raises ValueError for what could never meet a call."""

    service: str
    """The service by its name in boto3: `stepfunctions`, not `states`."""

    operation: str
    """The operation by its name in the API, such as `PutEvents`, or `*` for all operations."""

    kind: str
    code: str = ""
    status: int = 500

    share: float = 1
    """The probability that a call fails."""

    calls: int | None = None
    """After how many failed calls the fault ends; without it, any number fails."""

    table: str = ""
    """The table of DynamoDB; without it, calls for any table fail."""

    failed: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Refuse a kind, a service or an operation that does not exist."""
        if self.kind not in KINDS:
            raise ValueError(f"there is no kind {self.kind}")
        try:
            model = botocore.session.get_session().get_service_model(self.service)
        except UnknownServiceError as error:
            raise ValueError(f"there is no service {self.service}") from error
        if self.operation not in {ANY, *model.operation_names}:
            raise ValueError(f"{self.service} has no {self.operation}")
        # The same calls fail each time that the same calls come in the same order.
        self._chance = random.Random(0)  # noqa: S311

    def meets(self, service: str, operation: str, table: str, *, by_function: bool) -> bool:
        """Tell whether a call is to fail; only the call of a function can kill its caller."""
        return (
            self.service == service
            and self.operation in {operation, ANY}
            and self.table in {table, ""}
            and (by_function or self.kind not in {KILLED_BEFORE, KILLED_AFTER})
            and (self.calls is None or self.failed < self.calls)
            and self._chance.random() < self.share
        )


class FaultSwitch:
    """The resource at PATH, which decides which calls fail. Safe to use from many threads."""

    def __init__(self) -> None:
        """Start without faults. While none is set, a call costs no more than to see that."""
        self.faults: list[Fault] = []
        self._lock = Lock()

    def hit(
        self, service: str, operation: str, table: str = "", *, by_function: bool
    ) -> Fault | None:
        """Return and count the fault that a call fails with, or None.

        Of several faults for a call the first whose share it falls into has it.
        """
        with self._lock:
            for fault in self.faults:
                if fault.meets(service, operation, table, by_function=by_function):
                    fault.failed += 1
                    return fault
            return None

    def on_get(self, _request: Request) -> list[dict[str, Any]]:
        """List each fault with `failed`, the number of failed calls."""
        return [asdict(fault) for fault in self.faults]

    def on_put(self, request: Request) -> list[dict[str, Any]] | Response:
        """Replace all faults."""
        try:
            self.faults = [Fault(**fault) for fault in request.get_json(force=True)]
        except (TypeError, ValueError) as error:  # An unknown field, or as Fault says.
            return Response(f"{error}\n", status=400)
        return self.on_get(request)

    def on_delete(self, _request: Request) -> Response:
        """Take all faults back; a call that is being carried out may still lose its answer."""
        self.faults = []
        return Response(status=204)


_switch: Final = FaultSwitch()


@hooks.on_infra_start(should_load=not STOCK)
def install_faults() -> None:
    """Put the switch into the gateway, before the services; LocalStack calls this at its start."""
    handlers.serve_custom_service_request_handlers.append(fail)
    handlers.run_custom_response_handlers.append(end_call)
    ROUTER.add(Resource(PATH, _switch))


def fail(chain: HandlerChain[RequestContext], context: RequestContext, response: Response) -> None:
    """Let a call pass, or fail it before the service hears of it.

    Raises the AWS error of the fault, from which LocalStack makes the answer. Who is killed is
    chosen here: later, another process may run in the same environment.
    """
    if not _switch.faults or context.service is None or context.operation is None:
        return
    if not is_of_the_system(context):
        return
    sandbox = sandbox_of(access_key_of(context))
    request: Mapping[str, Any] = context.service_request or {}
    fault = _switch.hit(
        context.service.service_name,
        context.operation.name,
        str(request.get("TableName", "")),
        by_function=sandbox is not None,
    )
    if fault is None:
        return
    if fault.kind == ERROR:
        raise _error(fault)
    if fault.kind == LOST_ANSWER:
        context.lost_answer = fault
    elif fault.kind == FAILED_ENTRY:
        response.update_from(_failed_entries(fault, context))
    else:
        context.killed = sandbox
    if fault.kind in {FAILED_ENTRY, KILLED_BEFORE}:
        chain.stop()


def end_call(
    chain: HandlerChain[RequestContext], context: RequestContext, response: Response
) -> None:
    """Before the answer is on its way, kill who made the call or lose the answer, as chosen."""
    sandbox: Sandbox | None = context.get("killed")
    if sandbox is not None:
        sandbox.kill()
    fault: Fault | None = context.get("lost_answer")
    if fault is None:
        return
    context.service_response = None
    response.headers.clear()
    response.update_from(
        ServiceExceptionSerializer().create_exception_response(_error(fault), context)
    )


def _error(fault: Fault) -> CommonServiceException:
    return CommonServiceException(fault.code, _MESSAGE, status_code=fault.status)


def _failed_entries(fault: Fault, context: RequestContext) -> Response:
    request: Mapping[str, Any] = context.service_request or {}
    failed = {"ErrorCode": fault.code, "ErrorMessage": _MESSAGE}
    entries = [failed for _ in request["Entries"]]
    context.service_response = answer = {"FailedEntryCount": len(entries), "Entries": entries}
    serializer = create_serializer(context.service, context.protocol)
    serialized: Response = serializer.serialize_to_response(
        answer, context.operation, context.request.headers, context.request_id
    )
    return serialized
