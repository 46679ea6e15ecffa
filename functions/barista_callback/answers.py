"""The answers of the staff's routes, for the OpenAPI document."""

from typing import Any

from http_api.web import InvalidRequest, Problem, document_response


def document_responses(good: str, *statuses: int) -> dict[int, Any]:
    """The answer 200, and those with ``statuses``."""
    meanings: dict[int, tuple[str, type[Problem]]] = {
        401: ("Nobody has signed in", Problem),
        403: ("The person who has signed in is not a barista", Problem),
        404: ("There is no such order", Problem),
        409: (
            "The order has ended, or somebody else decided about it; the message says who and how",
            Problem,
        ),
        410: ("The order timed out", Problem),
        413: ("The body is longer than 64 KB", Problem),
        415: ("The body is not sent as JSON", Problem),
        422: ("A part of the request is wrong", InvalidRequest),
        503: ("An AWS service failed or throttled; try again", Problem),
    }
    return {200: {"description": good}} | {
        status: document_response(*meanings[status]) for status in statuses
    }
