"""What the two HTTP APIs have in common: how they say no."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, Field

from orders.observability import logger

Maybe = Annotated[str | None, Field(exclude_if=lambda text: text is None)]
Time = Annotated[Maybe, Field(description="ISO 8601, UTC")]


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


def answer(status: int, body: BaseModel, **more: Any) -> Response[Any]:
    """An answer in JSON."""
    return Response(status, content_types.APPLICATION_JSON, body.model_dump(), **more)


def proxied(response: Response[Any]) -> dict[str, Any]:
    """An answer as API Gateway takes it, to a request that no resolver gets to see."""
    return {
        "statusCode": response.status_code,
        "headers": {"Content-Type": response.content_type},
        "body": json.dumps(response.body),
        "isBase64Encoded": False,
    }


def refused(status: int, reason: str) -> Response[Any]:
    """The answer to a request that is not done; ``reason`` says what to do, and is logged."""
    logger.info("Request refused", status_code=status, reason=reason)
    return answer(status, Problem(message=reason))


def invalid(fields: Iterable[InvalidField]) -> Response[Any]:
    """The answer to a request that is wrong in itself."""
    errors = list(fields)
    told = "; ".join(f"{field.field}: {field.problem}" for field in errors)
    return answer(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        InvalidRequest(message=f"Correct the request: {told}.", errors=errors),
    )


def say_no(app: APIGatewayRestResolver) -> None:
    """Answer what is wrong with a request, and what fails behind the API."""
    app.exception_handler(RequestValidationError)(_invalid_request)
    # What JSONDecodeError, which Powertools expects, leaves out: bytes that are no text, and
    # brackets without end.
    app.exception_handler([UnicodeDecodeError, RecursionError])(_unreadable_body)
    app.exception_handler([ClientError, BotoCoreError])(_aws_failed)


def _invalid_request(error: RequestValidationError) -> Response[Any]:
    return invalid(
        InvalidField(
            field=".".join(part for part in problem["loc"] if isinstance(part, str)),
            problem=problem["msg"],
        )
        for problem in error.errors()
    )


def _unreadable_body(error: UnicodeDecodeError | RecursionError) -> Response[Any]:
    logger.info("Request refused", status_code=422, reason=type(error).__name__)
    return invalid([InvalidField(field="body", problem="JSON in UTF-8 is expected")])


def _aws_failed(error: ClientError | BotoCoreError) -> Response[Any]:
    # Only the code: the text of a Step Functions error may quote the task token.
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error)
    logger.error("An AWS call failed", error=str(code))
    return busy()


def busy() -> Response[Any]:
    """The answer while something behind the API does not work."""
    message = "The shop's systems are busy. Try again in a moment."
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, Problem(message=message))
