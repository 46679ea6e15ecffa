"""What the two HTTP APIs share: reading requests, and answering them."""

import json
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, Field, create_model
from pydantic_core import PydanticCustomError

from aws.event_bus import BusRefused
from aws.observability import logger
from orders.model import Use, attributes
from orders.texts import find_unseen, tidy

JSON = content_types.APPLICATION_JSON
OptionalString = Annotated[str | None, Field(exclude_if=lambda value: value is None)]
Time = Annotated[OptionalString, Field(description="ISO 8601, UTC")]
# The fields of an order that are shown as something else than a string.
SPECIAL = {
    "number": Annotated[
        int | None,
        Field(description="What the counter calls out", exclude_if=lambda value: value is None),
    ]
}
MAX_BODY = 64 * 1024  # In characters. Reading the 6 MB that Lambda takes would last two seconds.
# What every answer has that has nothing else in their place: it is for one person, and no web page.
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class Problem(BaseModel):
    """Why a request was not done, and what to do about it."""

    message: str


class InvalidField(BaseModel):
    """A part of the request that is wrong."""

    field: str
    problem: str


class InvalidRequest(Problem):
    """All that is wrong with a request."""

    errors: list[InvalidField]


def check_typed(typed: str) -> str:
    """``typed`` as it is kept: others must read it as what it is. Raises PydanticCustomError."""
    tidied = tidy(typed)
    if problem := find_unseen(tidied):
        raise PydanticCustomError("unseen", problem)
    return tidied


def show_order[View: BaseModel](use: Use) -> Callable[[type[View]], type[View]]:
    """Add to a view the fields of an order that have this use, as Order names them."""

    def add_fields(view: type[View]) -> type[View]:
        shown: dict[str, Any] = {
            name: (SPECIAL.get(name, Time if name.endswith("At") else OptionalString), None)
            for name in attributes(use).values()
        }
        return create_model(view.__name__, __base__=view, __doc__=view.__doc__, **shown)

    return add_fields


def document_response(meaning: str, model: type[BaseModel]) -> OpenAPIResponse:
    """An answer in JSON, for the OpenAPI document."""
    return {"description": meaning, "content": {JSON: {"model": model}}}


def answer(status: int, body: BaseModel, **more: Any) -> Response[Any]:
    """An answer in JSON."""
    return Response(status, JSON, body.model_dump(), **more)


def to_proxy_response(response: Response[Any]) -> dict[str, Any]:
    """An answer as API Gateway takes it, to a request that no resolver gets to see."""
    own = {name: [str(value)] for name, value in response.headers.items()}
    return {
        "statusCode": response.status_code,
        "multiValueHeaders": {name: [value] for name, value in HEADERS.items()} | own,
        "body": json.dumps(response.body),
        "isBase64Encoded": False,
    }


def refuse(status: int, reason: str, **more: Any) -> Response[Any]:
    """The answer to a request that is not done; ``reason`` says what to do, and is logged."""
    logger.info("Request refused", status_code=status, reason=reason)
    return answer(status, Problem(message=reason), **more)


def refuse_invalid(fields: Iterable[InvalidField]) -> Response[Any]:
    """The answer to a request that is wrong in itself."""
    errors = list(fields)
    told = "; ".join(f"{field.field}: {field.problem}" for field in errors)
    return answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        InvalidRequest(message=f"Correct the request: {told}.", errors=errors),
    )


def make_resolver() -> APIGatewayRestResolver:
    """A resolver that answers invalid requests and failed AWS calls."""
    app = APIGatewayRestResolver(enable_validation=True, json_body_deserializer=_read_json)
    _register_error_handlers(app)
    return app


def _register_error_handlers(app: APIGatewayRestResolver) -> None:
    app.exception_handler(RequestValidationError)(_invalid_request)
    # Powertools handles JSONDecodeError only. These are raised by bytes that are not UTF-8, and by
    # brackets nested too deep.
    app.exception_handler([UnicodeDecodeError, RecursionError])(_unreadable_body)
    app.exception_handler([ClientError, BotoCoreError])(answer_aws_failed)
    app.exception_handler(BusRefused)(_bus_refused)


def resolve(
    app: APIGatewayRestResolver, event: Mapping[str, Any], context: LambdaContext
) -> dict[str, Any]:
    """Answer a request, with 413 if it is too long and 415 if it sends anything else than JSON.

    The resolver would read forms as well, and fails at some of them. What comes without a type is
    read as JSON. HEAD is answered as GET is, without the body.
    """
    if len(event.get("body") or "") > MAX_BODY:
        problem = f"Send a body of at most {MAX_BODY // 1024} KB."
        return to_proxy_response(refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, problem))
    sent = headers(event)
    content_type = sent.pop("content-type", "").strip()
    media_type = content_type.partition(";")[0].strip().lower()
    if event["httpMethod"] in ("POST", "PUT", "DELETE") and content_type and media_type != JSON:
        return to_proxy_response(
            refuse(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f"Send the body as JSON, with the header Content-Type: {JSON}.",
            )
        )
    # Without the type, which the resolver knows in small letters only.
    is_head = event["httpMethod"] == "HEAD"
    request = {**event, "headers": sent, "path": _path(event)}
    answered = app.resolve(request | ({"httpMethod": "GET"} if is_head else {}), context)
    answered["multiValueHeaders"] = {
        **{name: [value] for name, value in HEADERS.items()},
        **answered["multiValueHeaders"],
    }
    return answered | ({"body": ""} if is_head else {})


def _path(event: Mapping[str, Any]) -> str:
    """The request's path below the API, which ``resource`` has with the names of its parameters.

    With a custom domain, ``path`` begins with the base path that is mapped to the API:
    https://docs.powertools.aws.dev/lambda/python/latest/core/event_handler/api_gateway/#custom-domain-api-mappings
    """
    segments = event["path"].rstrip("/").split("/")
    return "/" + "/".join(segments[-event["resource"].count("/") :])


def headers(event: Mapping[str, Any]) -> dict[str, str]:
    """A request's headers, their names in small letters."""
    return {name.lower(): value for name, value in (event.get("headers") or {}).items()}


def _read_json(text: str) -> Any:
    """As json.loads, with a JSONDecodeError for an integer of too many digits, too."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise json.JSONDecodeError(str(error), text, 0) from error


def _invalid_request(error: RequestValidationError) -> Response[Any]:
    return refuse_invalid(
        InvalidField(
            field=".".join(part for part in problem["loc"] if isinstance(part, str)),
            problem=problem["msg"],
        )
        for problem in error.errors()
    )


def _unreadable_body(error: UnicodeDecodeError | RecursionError) -> Response[Any]:
    logger.info("Request refused", status_code=422, reason=type(error).__name__)
    return refuse_invalid([InvalidField(field="body", problem="JSON in UTF-8 is expected")])


def answer_aws_failed(error: ClientError | BotoCoreError) -> Response[Any]:
    # Only the code: the message of a Step Functions error may quote the task token.
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error)
    logger.error("An AWS call failed", error=str(code))
    return refuse_busy()


def _bus_refused(error: BusRefused) -> Response[Any]:
    logger.error("The bus refused an event", error=str(error))
    return refuse_busy()


def refuse_busy() -> Response[Any]:
    """The answer while something behind the API does not work."""
    message = "The shop's systems are busy. Try again in a moment."
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, Problem(message=message))
