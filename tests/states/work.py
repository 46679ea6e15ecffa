"""Each Pass and each Task: what it makes of its input, and what a Task asks its service for.

What the writes' expressions do is tested in tests/unit/test_workflow_writes.py.
"""

from .rows import A_TIME, DETAIL, MACHINE, RUN, START, TOKEN, Json, Work

CREATED: Json = {
    "orderToCreate": {"state": "received", **DETAIL},
    "displayMessage": "Order with id 4711 entered workflow.",
}
STORE = {"Item": {"PK": {"S": "config"}, "open": {"BOOL": True}, "capacity": {"N": "3"}}}
RUNNING = {
    "Executions": [
        {
            "ExecutionArn": RUN,
            "StateMachineArn": RUN,
            "Name": "run-1",
            "Status": "RUNNING",
            "StartDate": START,
        }
    ]
}
ODD: Json = {"orderId": True, "userId": [1, {"a": None}], "drink": {"a": None}}
ORDERER = {"orderId": "4711", "userId": "ada"}
SENT = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}
SAID: Json = {"output": {"said": "last"}, "outcome": {"detailType": "Type", "detail": {"n": 1}}}


def entry(detail_type: str, detail: Json) -> Json:
    return {
        "Detail": detail,
        "DetailType": detail_type,
        "EventBusName": "bus",
        "Source": "ok.serverlessworkshop",
        "Resources": [RUN],
    }


def ended(
    state: str, given: Json, key: str, sentence: str, status: str, message: str, **more: str
) -> Work:
    """A state that ends an order leaves the execution's output, and the event."""
    output = {
        key: {
            "displayMessage": f"Order with id 4711 {sentence}.",
            "orderCreated": {**DETAIL, "orderStatus": status, **more},
        }
    }
    detail_type = f"OrderProcessor.O{key[1:]}"
    outcome = {"detailType": detail_type, "detail": {**DETAIL, "message": message, **more}}
    return Work(state, given, {"output": output, "outcome": outcome}, "Release capacity")


def refused(state: str, given: Json, code: str, message: str, following: str) -> Work:
    """A state that refuses an order leaves the execution's output, and the event."""
    error = {"code": code, "message": f"The order cannot be executed because {message}."}
    contact = {"message": "Don't hesitate to contact us.", "email": "ada@example.com"}
    output = {"error": error, "contact": contact | {"phone": "0800 1234"}}
    outcome = {"detailType": "OrderProcessor.OrderRejected", "detail": {**DETAIL, **error}}
    return Work(state, given, {"output": output, "outcome": outcome}, following)


def refusal(state: str, code: str, message: str, given: Json, about: str, **more: Json) -> Work:
    """A state that leaves the code and the message to Error Handling."""
    error = {"code": code, "message": f"The order cannot be executed because {message}."}
    return Work(state, given, error, "Error Handling", variables=more, about=about)


def invalid(about: str, given: Json, **order: object) -> Work:
    """``order`` are the fields that are announced; the others are null."""
    message = (
        "orderId, userId and drink must each be a string that is not blank and has no control"
        " characters, orderId of at most 500 characters, neither . nor .. and not beginning with"
        " notification#, and the others of at most 10,000"
    )
    announced = dict.fromkeys(DETAIL) | order
    return refusal("Order invalid", "ERROR-100", message, given, about, order=announced)


def created(about: str, detail: Json, name: str | None) -> Work:
    return Work(
        "Order created",
        {"id": "e1", "detail": detail},
        CREATED,
        "Claim order",
        variables={"order": DETAIL, "name": name},
        about=about,
    )


WORK = [
    created("has no name", DETAIL, None),
    created("has a name and more", {**DETAIL, "name": " Ada\t", "more": 1}, " Ada\t"),
    *(
        created(f"has the name {name!r:.20}", {**DETAIL, "name": name}, None)
        for name in (" \t", "", 7, None, ["Ada"], "x" * 10_001)
    ),
    Work("Claim order", CREATED, {}, "Get store info", result={}),
    Work(
        "Order already known",
        {},
        {
            "orderIgnored": {
                "displayMessage": "Order with id 4711 is known already and was not made again."
            }
        },
        None,
    ),
    *(
        Work(
            "Get store info",
            CREATED,
            {"storeInfo": result},
            "Is store open?",
            result=result,
            asked={
                "TableName": "config",
                "Key": {"PK": {"S": "config"}},
                "ConsistentRead": True,
                "ProjectionExpression": "PK, #open, #capacity, #check",
                "ExpressionAttributeNames": {
                    "#open": "open",
                    "#capacity": "capacity",
                    "#check": "capacityCheck",
                },
            },
            about=about,
        )
        for about, result in (("goes well", STORE), ("finds no config item", {}))
    ),
    Work("Reserve capacity", {"storeInfo": STORE}, {}, "Awaiting order completion", result={}),
    Work(
        "ListExecutions",
        {"storeInfo": STORE},
        {"isCapacityAvailable": RUNNING},
        "Is capacity available?",
        result=RUNNING,
        asked={"StateMachineArn": MACHINE, "MaxResults": 100, "StatusFilter": "RUNNING"},
    ),
    *(
        Work(
            "Awaiting order completion",
            {},
            {"baristaId": barista},
            "Order completed",
            result=result,
            asked={
                "Entries": [
                    entry(
                        "OrderProcessor.WaitingCompletion",
                        {
                            "Message": "Thank you for 'submitting an order'."
                            " The workflow resumes as soon as a barista finish your drink.",
                            "TaskToken": TOKEN,
                            "attempt": 2,
                            "since": A_TIME,
                            **DETAIL,
                        },
                    ),
                ]
            },
            about=f"{result}",
        )
        for result, barista in (
            ({"baristaId": "J"}, "J"),
            ({}, "A barista"),
            ({"baristaId": 7}, "A barista"),
        )
    ),
    ended(
        "Order completed",
        {"baristaId": "J"},
        "orderCompleted",
        "is ready for pick up",
        "ready for pickup",
        "Your order is ready for pick-up. J prepared it.",
        baristaId="J",
    ),
    ended(
        "Barista timed out",
        {},
        "orderTimedOut",
        "timed out",
        "timed out",
        "Your order timed out because no barista finished it. Please order again.",
    ),
    ended(
        "Order canceled",
        {},
        "orderCanceled",
        "was canceled",
        "canceled",
        "Your order was canceled as you asked.",
    ),
    refused(
        "Order declined",
        {"Error": "OrderDeclined", "Cause": "no {milk}"},
        "ERROR-104",
        "a barista declined it (no {milk})",
        "Release capacity",
    ),
    Work("Release capacity", SAID, SAID, "Announce outcome", result={}),
    Work(
        "Announce outcome",
        SAID,
        {"said": "last"},
        None,
        result=SENT,
        asked={"Entries": [entry("Type", {"n": 1})]},
    ),
    refusal("Store closed", "ERROR-101", "the store is closed", {}, "goes well"),
    refusal("Out of capacity", "ERROR-103", "all baristas are busy", {}, "goes well"),
    refused(
        "Error Handling",
        {
            "code": "ERROR-103",
            "message": "The order cannot be executed because all baristas are busy.",
        },
        "ERROR-103",
        "all baristas are busy",
        "Announce outcome",
    ),
    invalid("no detail", {}),
    invalid("a string for a detail", {"detail": "latte"}),
    invalid("other types", {"detail": ODD}, **ODD),
    invalid("a drink that is too long", {"detail": DETAIL | {"drink": "x" * 10_001}}, **ORDERER),
    invalid("a drink that SQS refuses", {"detail": DETAIL | {"drink": "x\uffff"}}, **ORDERER),
    invalid("an id that is too long", {"detail": {"orderId": "x" * 501, "more": "than needed"}}),
]
