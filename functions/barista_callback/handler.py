"""The entry point of the staff's API."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aws.environment import BaristaCallback
from aws.observability import logger, metrics, tracer
from barista_callback import api, authentication

BaristaCallback.read()
# It imports what it needs now, because Lambda gives the init phase more processor.
authentication.provider()


@metrics.log_metrics
@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway proxy request."""
    return api.resolve(event, context)
