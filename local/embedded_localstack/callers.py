"""Finds out who makes a call that reaches LocalStack's gateway.

All calls reach it, also those between LocalStack's services: over HTTP, or with
IN_MEMORY_CLIENT as a request that is handed to the gateway (localstack/aws/connect.py). Either way
these carry a header of LocalStack's own, with the service principal if the service names one.
"""

from dataclasses import dataclass
from enum import Enum, auto

from localstack.aws.api import RequestContext
from localstack.utils.aws.client_types import ServicePrincipal
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header
from moto.sts.models import sts_backends


class Part(Enum):
    """The kind of caller that this would be on AWS."""

    SYSTEM = auto()
    """A function, a task of a workflow, or EventBridge on its way to a target."""

    SERVICE = auto()
    """An AWS service at its own work: Lambda as it polls a queue, API Gateway as it invokes."""

    OUTSIDE = auto()
    """A client with credentials that are no role's, as tests have, or LocalStack for itself."""


@dataclass(frozen=True)
class Caller:
    """The role whose session signed a call, if any (an ARN), and the caller's part."""

    role: str | None
    part: Part


def caller_of(context: RequestContext) -> Caller:
    """Return who makes a call, after LocalStack has read its credentials and region."""
    role = _role(context)
    internal = context.internal_request_params
    if internal is None:
        return Caller(role, Part.SYSTEM if role else Part.OUTSIDE)
    match internal.get("service_principal"):
        case ServicePrincipal.events:
            part = Part.SYSTEM
        case None:
            # A task signs as the workflow's role, without a principal (asl/utils/boto_client.py).
            part = Part.SYSTEM if role else Part.OUTSIDE
        case _:
            part = Part.SERVICE
    return Caller(role, part)


def access_key_of(context: RequestContext) -> str | None:
    """Return the id of the access key that signed a call, or None."""
    return extract_access_key_id_from_auth_header(dict(context.request.headers))


def _role(context: RequestContext) -> str | None:
    """Find the role in moto's list of sessions: LocalStack leaves AssumeRole to moto."""
    key = access_key_of(context)
    sessions = sts_backends[context.account_id][context.partition]
    session = sessions.get_assumed_role_from_access_key(key) if key else None
    return session.role_arn if session else None
