"""Records which role calls which action on which resource, and how (docs/localstack.md).

The `resource` is what IAM would look for in the role's policies, null if that is not known here. A
call is recorded whatever becomes of it. It counts for the role that signed it: a function's also
with what Lambda does in its name, polling its queue and writing its log.
"""

from collections import Counter
from threading import Lock
from typing import Any, Final, NamedTuple

from localstack.aws import handlers
from localstack.aws.api import RequestContext
from localstack.http import Request, Resource
from localstack.runtime import hooks
from localstack.services.edge import ROUTER
from rolo.gateway import HandlerChain
from rolo.response import Response

from embedded_localstack.callers import role_of
from embedded_localstack.checkout import STOCK
from embedded_localstack.dynamodb import UNITS
from embedded_localstack.iam import action_of, contexts_of, resources_of

PATH: Final = "/_embedded/calls"


class Call(NamedTuple):
    """A call as IAM would judge it."""

    role: str
    action: str
    resource: str | None
    context: tuple[tuple[str, tuple[str, ...]], ...]


class Recorder:
    """The resource at PATH, which counts calls. Safe to use from many threads."""

    def __init__(self) -> None:
        """Start with nothing recorded."""
        self.on = False
        self._lock = Lock()
        self._counts: Counter[Call] = Counter()

    def add(self, calls: list[Call]) -> None:
        """Add one to the count of each call."""
        with self._lock:
            self._counts.update(calls)

    def on_get(self, _request: Request) -> dict[str, Any]:
        """List what was recorded."""
        with self._lock:
            calls = [
                {**call._asdict(), "context": dict(call.context), "count": count}
                for call, count in self._counts.items()
            ]
        return {"recording": self.on, "calls": calls, "units": UNITS.report()}

    def on_put(self, request: Request) -> dict[str, Any] | Response:
        """Switch recording on or off."""
        match request.get_json(force=True, silent=True):
            case {"recording": bool(on)}:
                self.on = UNITS.on = on
                return self.on_get(request)
        return Response('{"recording": true} or false is expected\n', status=400)

    def on_delete(self, _request: Request) -> Response:
        """Delete what was recorded."""
        with self._lock:
            self._counts.clear()
        UNITS.clear()
        return Response(status=204)


_recorder: Final = Recorder()


# Before the faults: IAM is asked about a call that fails, too.
@hooks.on_infra_start(priority=10, should_load=not STOCK)
def install_calls() -> None:
    """Add the recorder to the gateway. LocalStack calls this at its start."""
    handlers.serve_custom_service_request_handlers.append(record)
    ROUTER.add(Resource(PATH, _recorder))


def record(
    chain: HandlerChain[RequestContext], context: RequestContext, response: Response
) -> None:
    """Record a call if recording is on and a role signed the call."""
    if not _recorder.on or context.service is None or context.operation is None:
        return
    role = role_of(context)
    if role is None:
        return
    service = context.service.service_name
    action = action_of(service, context.operation.name)
    contexts = contexts_of(service, context.operation.name, context.service_request or {})
    _recorder.add(
        [
            Call(role, action, resource, tuple((key, tuple(keys[key])) for key in keys))
            for resource in resources_of(service, context)
            for keys in contexts
        ]
    )
