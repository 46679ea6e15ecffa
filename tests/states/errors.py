"""Each error that a Task names, and one that it does not: tried again, caught, or the end."""

from .rows import CAUSE, CHECKED, CREATED, ENDING, NAMED, Caught, Error, Failed, Json, Retried

CONDITION = "DynamoDB.ConditionalCheckFailedException"
NO_TABLE = "DynamoDB.ResourceNotFoundException"
NO_KEY = "DynamoDB.ValidationException"
NAMELESS = "DynamoDB.AmazonDynamoDBException"
THROTTLED = "DynamoDB.ProvisionedThroughputExceededException"
OTHER = "States.TaskFailed"


def shown(error: str) -> Json:
    """What a Catch hands on of an error."""
    return {"Error": error, "Cause": CAUSE}


def retried(
    state: str,
    error: str,
    by: int,
    waits: dict[int, int],
    then: Caught | Failed,
    given: Json,
) -> list[Error]:
    """After so many retries the state waits so many seconds; after one more than the last, then."""
    return [
        *(
            Error(state, error, done, Retried(by, seconds), given)
            for done, seconds in waits.items()
        ),
        Error(state, error, max(waits) + 1, then, given),
    ]


# Doubled up to 30 s, eight times; and up to 60 s, sixty times.
EIGHT = {0: 1, 1: 2, 4: 16, 5: 30, 7: 30}
SIXTY = {0: 1, 1: 2, 5: 32, 6: 60, 59: 60}

ERRORS = [
    *(
        row
        for state, given in (("Claim order", CREATED), ("Claim named order", NAMED))
        for row in (
            Error(state, CONDITION, 0, Caught(0, "Is it a repeated event?", given), given),
            Error(state, NO_TABLE, 0, Failed(0), given),
            Error(state, NO_KEY, 0, Caught(1, "Order invalid", shown(NO_KEY)), given),
            *retried(
                state,
                NAMELESS,
                1,
                {0: 1, 1: 2, 2: 4},
                Caught(2, "Is the order id too long?", shown(NAMELESS)),
                given,
            ),
            *retried(state, THROTTLED, 2, EIGHT, Failed(2), given),
        )
    ),
    *retried(
        "Claim ended order",
        CONDITION,
        0,
        {0: 1, 1: 2, 2: 4},
        Caught(0, "Order already known", CREATED),
        CREATED,
    ),
    Error("Claim ended order", NO_TABLE, 0, Failed(1), CREATED),
    *retried("Claim ended order", THROTTLED, 2, EIGHT, Failed(2), CREATED),
    Error("Get store info", NO_TABLE, 0, Failed(0), CREATED),
    *retried("Get store info", THROTTLED, 1, EIGHT, Failed(1), CREATED),
    *(
        row
        for state in ("Reserve capacity", "Reserve default capacity")
        for row in (
            Error(state, CONDITION, 0, Caught(0, "Out of capacity", CHECKED), CHECKED),
            Error(state, NO_TABLE, 0, Failed(0), CHECKED),
            *retried(state, THROTTLED, 1, EIGHT, Failed(1), CHECKED),
        )
    ),
    *retried("ListExecutions", "Sfn.SfnException", 0, EIGHT, Failed(0), CHECKED),
    *(
        Error(
            "Awaiting order completion",
            error,
            0,
            Caught(by, state, CHECKED | {"errorComment": shown(error)}),
            CHECKED,
        )
        for error, by, state in (
            ("States.Timeout", 0, "Barista timed out"),
            ("States.HeartbeatTimeout", 0, "Barista timed out"),
            ("OrderCanceled", 1, "Order canceled"),
            ("OrderDeclined", 2, "Order declined"),
        )
    ),
    Error(
        "Awaiting order completion",
        "OrderTaken",
        0,
        Caught(3, "Order already known", CHECKED),
        CHECKED,
    ),
    *retried("Awaiting order completion", "EventBridge.FailedEntry", 1, EIGHT, Failed(1), CHECKED),
    *(
        row
        for state in ("Release capacity", "Release declined capacity")
        for row in (
            Error(state, NO_TABLE, 0, Failed(0), CHECKED),
            *retried(state, THROTTLED, 1, SIXTY, Failed(1), CHECKED),
        )
    ),
    *retried("Announce outcome", "EventBridge.FailedEntry", 0, SIXTY, Failed(0), ENDING),
    # States.TaskFailed stands for neither of these, so nothing tries again.
    # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    Error("Awaiting order completion", "States.Runtime", 0, Failed(None), CHECKED),
    Error("Announce outcome", "States.Timeout", 0, Failed(None), ENDING),
]
