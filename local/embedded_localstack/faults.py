"""Makes calls to AWS services fail, as told at `/_embedded/faults`: docs/localstack.md.

Faults meet what the system itself calls (`callers.Part.SYSTEM`), never the tests' own clients. What
AWS services do at their own work, such as polling a queue, they meet where they name the operation.
Those that kill meet functions only: the process that makes the call ends with all it has started,
by SIGKILL, and its invocation with `Runtime.ExitError`. The next one has a new process.
"""

from collections.abc import Mapping
from typing import Any, Final

from localstack.aws import handlers
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.protocol.serializer import create_serializer
from localstack.http import Request, Resource
from localstack.runtime import hooks
from localstack.services.edge import ROUTER
from pydantic import ValidationError
from rolo.gateway import HandlerChain
from rolo.response import Response

from embedded_localstack.callers import Part, access_key_of, caller_of
from embedded_localstack.checkout import STOCK
from embedded_localstack.fault_switch import FAULTS, Error, FailedEntry, FaultSwitch, Kill
from embedded_localstack.functions.executor import sandbox_of
from embedded_localstack.functions.sandbox import Sandbox

PATH: Final = "/_embedded/faults"

_MESSAGE: Final = f"Made to fail by {PATH}."

_switch: Final = FaultSwitch()


@hooks.on_infra_start(should_load=not STOCK)
def install_faults() -> None:
    """Put the switch into the gateway, before the services; LocalStack calls this at its start."""
    handlers.serve_custom_service_request_handlers.append(fail)
    handlers.run_custom_response_handlers.append(lose_answer)
    handlers.run_custom_response_handlers.append(kill_caller)
    ROUTER.add(Resource(PATH, Faults()))


def fail(chain: HandlerChain[RequestContext], context: RequestContext, response: Response) -> None:
    """Let a call pass, or fail it before the service hears of it.

    Raises the AWS error of the fault, from which LocalStack makes the answer. Who is killed is
    chosen here: later, another process may run in the same environment.
    """
    if not _switch.on or context.service is None or context.operation is None:
        return
    part = caller_of(context).part
    if part is Part.OUTSIDE:
        return
    sandbox = sandbox_of(access_key_of(context))
    fault = _switch.hit(
        context.service.service_name,
        context.operation.name,
        by_name_only=part is Part.SERVICE,
        by_function=sandbox is not None,
    )
    if fault is None:
        return
    match fault:
        case Error(kind="error"):
            raise _error(fault)
        case Error():
            context.lost_answer = fault
        case FailedEntry():
            response.update_from(_failed_entries(fault, context))
            chain.stop()
        case Kill():
            context.killed = sandbox
            if fault.kind == "killed-before":
                chain.stop()


def lose_answer(
    chain: HandlerChain[RequestContext], context: RequestContext, response: Response
) -> None:
    """Replace the answer of a call that was carried out, if a fault is to lose it."""
    fault = context.get("lost_answer")
    if fault is None:
        return
    error = _error(fault)
    context.service_response, context.service_exception = None, error
    response.headers.clear()
    response.update_from(
        create_serializer(context.service, context.protocol).serialize_error_to_response(
            error, context.operation, context.request.headers, context.request_id
        )
    )


def kill_caller(
    chain: HandlerChain[RequestContext], context: RequestContext, response: Response
) -> None:
    """Kill the process that made a call, if a fault is to, before the answer is on its way."""
    sandbox: Sandbox | None = context.get("killed")
    if sandbox is not None:
        sandbox.kill()


class Faults:
    """The resource at PATH."""

    def on_get(self, _request: Request) -> list[dict[str, Any]]:
        """List the faults."""
        return _switch.report()

    def on_put(self, request: Request) -> list[dict[str, Any]] | Response:
        """Replace the faults."""
        try:
            faults = FAULTS.validate_json(request.get_data())
        except ValidationError as error:
            return Response(f"{error}\n", status=400)
        _switch.set(faults)
        return _switch.report()

    def on_delete(self, _request: Request) -> Response:
        """Take all faults back; a call that is being carried out may still lose its answer."""
        _switch.set([])
        return Response(status=204)


def _error(fault: Error) -> CommonServiceException:
    return CommonServiceException(fault.code, _MESSAGE, status_code=fault.status)


def _failed_entries(fault: FailedEntry, context: RequestContext) -> Response:
    request: Mapping[str, Any] = context.service_request or {}
    failed = {"ErrorCode": fault.code, "ErrorMessage": _MESSAGE}
    entries = [failed for _ in request["Entries"]]
    context.service_response = answer = {"FailedEntryCount": len(entries), "Entries": entries}
    serializer = create_serializer(context.service, context.protocol)
    serialized: Response = serializer.serialize_to_response(
        answer, context.operation, context.request.headers, context.request_id
    )
    return serialized
