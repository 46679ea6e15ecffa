"""Conditional writes to DynamoDB."""

from collections.abc import Callable

from botocore.exceptions import ClientError


def write_if[Answer](write: Callable[[], Answer]) -> Answer | None:
    """What ``write`` returns; None if the condition that it has does not hold."""
    try:
        return write()
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return None
        raise
