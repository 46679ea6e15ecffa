"""The staff's API: its routes, who may use them, and how errors are answered."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from aws.observability import logger
from barista_callback import (
    authentication,
    order_routes,
    session_routes,
    store_routes,
    workflow_routes,
)
from barista_callback.errors import AccessRefused, ProviderFailed
from barista_callback.order_routes import BaristaMissing
from http_api import web
from http_api.web import InvalidField
from orders.conflicts import OrderConflict, OrderError, OrderNotFound, OrderTimedOut

app = web.make_resolver()
for routes in (order_routes, session_routes, store_routes, workflow_routes):
    app.include_router(routes.router)


def resolve(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request. Every route but that of the session is for staff only."""
    if event["resource"] != "/session":  # Its path may begin with a custom domain's base path.
        try:
            barista = authentication.authenticate(event)
        except AccessRefused as error:
            return web.to_proxy_response(answer_access_refused(error))
        except (ClientError, BotoCoreError) as error:
            return web.to_proxy_response(web.answer_aws_failed(error))
        app.append_context(barista=barista)
    return web.resolve(app, event, context)


@app.exception_handler(OrderError)
def answer_order_error(error: OrderError) -> Response[Any]:
    match error:
        case OrderNotFound():
            status_code = 404
        case OrderTimedOut():
            status_code = 410
        case OrderConflict():
            status_code = 409
        case _:
            raise error
    return web.refuse(status_code, str(error))


@app.exception_handler(BaristaMissing)
def answer_barista_missing(error: BaristaMissing) -> Response[Any]:
    return web.refuse_invalid([InvalidField(field="body.baristaId", problem="Field required")])


@app.exception_handler(AccessRefused)
def answer_access_refused(error: AccessRefused) -> Response[Any]:
    if isinstance(error, ProviderFailed):
        logger.error("The OpenID provider failed", error=str(error))
        return web.refuse_busy()
    return web.refuse(error.status, str(error), headers=error.headers)
