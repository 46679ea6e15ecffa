"""What a row of the tables says, and the order that the tables are about."""

import re
from dataclasses import dataclass, field
from typing import Any

from .interpreter import SUBSTITUTIONS

type Json = dict[str, Any]

MACHINE = SUBSTITUTIONS["StateMachineArn"]
RUN = "arn:aws:states:eu-central-1:123456789012:execution:OrderProcessor:run-1"
START = "2026-01-15T10:30:00.000Z"
TOKEN = "token-of-the-third-attempt"  # noqa: S105 - none
CONTEXT: Json = {
    "Execution": {"Id": RUN, "Name": "run-1", "StartTime": START, "Input": {"id": "e1"}},
    "State": {"Name": "state", "EnteredTime": START, "RetryCount": 2},
    # Whether AWS gives the ARN of the alias here is not documented.
    "StateMachine": {"Id": f"{MACHINE}:live", "Name": "OrderProcessor"},
}
"""What $states.context is for a state that does not wait; one that does has a token."""

WAITING = CONTEXT | {"Task": {"Token": TOKEN}}
DETAIL = {"orderId": "4711", "userId": "ada", "drink": "Flat white"}
VARIABLES: Json = {"order": DETAIL, "name": None}


class _Time(str):
    """Equal to every time with milliseconds, in UTC."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return bool(re.fullmatch(r"\d{4}(-\d\d){2}T(\d\d:){2}\d\d\.\d{3}Z", str(other)))

    __hash__ = str.__hash__


A_TIME = _Time(START)


@dataclass(frozen=True)
class Choice:
    """Which state comes next for an input, which a Choice passes on as it is."""

    state: str
    about: str
    given: Json
    next: str


@dataclass(frozen=True)
class Work:
    """What a Pass, or a Task whose call answers ``result``, makes of its input.

    ``variables`` are those that it assigns, ``asked`` what a Task asks its service for.
    """

    state: str
    given: Json
    output: Json
    next: str | None
    result: Json | None = None
    asked: Json | None = None
    variables: Json = field(default_factory=dict)
    about: str = "goes well"
