"""Each error that a Task names, and one that it does not: tried again, caught, or the end."""

from typing import NamedTuple

CONDITION = "DynamoDB.ConditionalCheckFailedException"
NO_TABLE = "DynamoDB.ResourceNotFoundException"
THROTTLED = "DynamoDB.ProvisionedThroughputExceededException"
NOT_SENT = "EventBridge.FailedEntry"
QUERY = "States.QueryEvaluationError"
FAILS = None


class Handled(NamedTuple):
    """The seconds before each retry of a Task, and the state that comes after the last one."""

    state: str
    error: str
    waits: list[int]
    then: str | None


EIGHT = [1, 2, 4, 8, 16, 30, 30, 30]
SIXTY = [1, 2, 4, 8, 16, 32, *[60] * 54]
WAIT = "Awaiting order completion"

ERRORS = [
    Handled("Claim order", CONDITION, [1, 4], "Order already known"),
    Handled("Claim order", THROTTLED, EIGHT, FAILS),
    Handled("Get store info", THROTTLED, EIGHT, FAILS),
    Handled("Reserve capacity", CONDITION, [], "Out of capacity"),
    Handled("Reserve capacity", THROTTLED, EIGHT, FAILS),
    Handled("ListExecutions", "Sfn.SfnException", EIGHT, FAILS),
    Handled(WAIT, "States.Timeout", [], "Barista timed out"),
    Handled(WAIT, "States.HeartbeatTimeout", [], "Barista timed out"),
    Handled(WAIT, "OrderCanceled", [], "Order canceled"),
    Handled(WAIT, "OrderDeclined", [], "Order declined"),
    Handled(WAIT, "OrderTaken", [], "Order already known"),
    Handled(WAIT, NOT_SENT, EIGHT, FAILS),
    Handled("Release capacity", THROTTLED, SIXTY, FAILS),
    Handled("Announce outcome", NOT_SENT, SIXTY, FAILS),
    *(
        Handled(state, NO_TABLE, [], FAILS)
        for state in ("Claim order", "Get store info", "Reserve capacity", "Release capacity")
    ),
    # What the workflow itself gets wrong does not get better by another try.
    *(
        Handled(state, QUERY, [], FAILS)
        for state in (
            "Claim order",
            "Get store info",
            "Reserve capacity",
            "ListExecutions",
            WAIT,
            "Release capacity",
            "Announce outcome",
        )
    ),
]
