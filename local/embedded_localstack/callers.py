"""Finds out who makes a call that reaches LocalStack's gateway.

All calls reach it, also those between LocalStack's services: over HTTP, or with
IN_MEMORY_CLIENT as a request that is handed to the gateway (localstack/aws/connect.py). Either way
these carry a header of LocalStack's own, with the service principal if the service names one.
"""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header
from moto.sts.models import sts_backends


def access_key_of(context: RequestContext) -> str | None:
    """Return the id of the access key that signed a call, or None."""
    return extract_access_key_id_from_auth_header(dict(context.request.headers))


def role_of(context: RequestContext) -> str | None:
    """Return the role whose session signed a call (an ARN), or None.

    A task of a workflow signs as the workflow's role (asl/utils/boto_client.py). The role is found
    in moto's list of sessions: LocalStack leaves AssumeRole to moto.
    """
    key = access_key_of(context)
    sessions = sts_backends[context.account_id][context.partition]
    session = sessions.get_assumed_role_from_access_key(key) if key else None
    return session.role_arn if session else None


def is_of_the_system(context: RequestContext) -> bool:
    """Tell whether on AWS this call would be the stack's, or an AWS service's for the stack.

    All others are a client's with credentials that are no role's, as tests have, or LocalStack's
    for itself.
    """
    internal: Any = context.internal_request_params or {}
    return bool(internal.get("service_principal") or role_of(context))
