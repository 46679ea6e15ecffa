"""The public routes: none of them needs an account."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from aws.environment import Storefront
from aws.observability import logger, tracer
from http_api import web
from storefront.api import app

Storefront.read()


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway proxy request."""
    return web.resolve(app, event, context)
