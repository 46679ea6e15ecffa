"""Runs DynamoDB on moto, one request at a time.

LocalStack's own provider downloads DynamoDB Local and a Java runtime when it is first used. moto
is installed along with LocalStack, but it tests a condition and then writes, with other requests
in between: of 20 threads adding to a set under `size(set) < :n`, too many get in.
"""

from threading import Lock
from typing import Final

from localstack.aws.api import RequestContext, ServiceRequest, ServiceResponse
from localstack.aws.api.core import ServiceRequestHandler
from localstack.aws.skeleton import DispatchTable
from localstack.http import Response
from localstack.services.moto import MotoFallbackDispatcher

from embedded_localstack.units import Units

_ONE_AT_A_TIME: Final = Lock()
"""Held during every request."""

UNITS: Final = Units()
"""The capacity units that the requests would be billed for."""


def serialized(provider: object) -> DispatchTable:
    """Forward every operation to moto, one at a time."""
    operations = MotoFallbackDispatcher(provider)
    return {name: _in_turn(operation) for name, operation in operations.items()}


def _in_turn(operation: ServiceRequestHandler) -> ServiceRequestHandler:
    def handle(
        context: RequestContext, request: ServiceRequest
    ) -> ServiceResponse | Response | None:
        with _ONE_AT_A_TIME, UNITS.counted(context, request):
            return operation(context, request)

    return handle
