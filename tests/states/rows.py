"""What a row of the tables says, and the order that the tables are about.

Each row is one call of TestState, which carries out one state alone:
https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
"""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

type Json = dict[str, Any]

SUBSTITUTIONS = {
    "Partition": "aws",
    "OrderTableName": "orders",
    "ConfigTableName": "config",
    "EventBusName": "bus",
    "HeartbeatSeconds": "900",
    "ContactEmail": b64encode(b'"Ada" <ada@example.com>').decode(),
    "ContactPhone": b64encode(b"0800 1234").decode(),
}
"""What stands for the template's DefinitionSubstitutions."""

MACHINE = "arn:aws:states:eu-central-1:123456789012:stateMachine:OrderProcessor"
RUN = "arn:aws:states:eu-central-1:123456789012:execution:OrderProcessor:run-1"
START = "2026-01-15T10:30:00.000Z"
TOKEN = "token-of-the-third-attempt"  # noqa: S105 - none
CONTEXT: Json = {
    "Execution": {"Id": RUN, "Name": "run-1", "StartTime": START},
    "State": {"Name": "state", "EnteredTime": START, "RetryCount": 2},
    "StateMachine": {"Id": MACHINE, "Name": "OrderProcessor"},
}
"""What $$ is for a Task. A Choice and a Pass take none: their execution's input is their input."""

DETAIL = {"orderId": "4711", "userId": "ada", "drink": "Flat white"}
CREATED: Json = {
    "orderToCreate": {"state": "received", **DETAIL},
    "displayMessage": "Order with id 4711 entered workflow.",
}
NAMED: Json = CREATED | {"orderToCreate": {"state": "received", **DETAIL, "name": "Ada"}}
CLAIMED: Json = CREATED | {"claim": {"heartbeatSeconds": 900}}
STORE = {"Item": {"PK": {"S": "config"}, "open": {"BOOL": True}, "capacity": {"N": "3"}}}
CHECKED: Json = CLAIMED | {"storeInfo": STORE}
ENDING: Json = {"output": {"said": "last"}, "outcome": {"detailType": "Type", "detail": {"n": 1}}}


@dataclass(frozen=True)
class Choice:
    """Which state comes next for an input, which a Choice passes on as it is."""

    state: str
    about: str
    given: Json
    next: str


@dataclass(frozen=True)
class Work:
    """What a Pass, or a Task whose call answers ``result``, makes of its input."""

    state: str
    given: Json
    output: Json
    next: str | None
    result: Json | None = None
    about: str = "goes well"


@dataclass(frozen=True)
class Retried:
    """The Retry entry with the index ``by`` has the state tried again after so many seconds."""

    by: int
    seconds: int


@dataclass(frozen=True)
class Caught:
    """The Catch entry with the index ``by`` goes on with a state and its input."""

    by: int
    next: str
    output: Json


@dataclass(frozen=True)
class Failed:
    """The execution fails: the Retry entry ``by`` does not try again; None if there is none."""

    by: int | None


@dataclass(frozen=True)
class Error:
    """What becomes of an error of a Task that was tried again ``retries`` times already."""

    state: str
    error: str
    retries: int
    then: Retried | Caught | Failed
    given: Json


CAUSE = "what went wrong"
