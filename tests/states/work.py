"""Each Pass and each Task: what it makes of its input, and what a Task asks its service for."""

from tests.contracts.definitions import fill, states

from .rows import (
    CHECKED,
    CLAIMED,
    CREATED,
    DETAIL,
    ENDING,
    NAMED,
    RUN,
    START,
    STORE,
    TOKEN,
    Json,
    Work,
)

WAITED = CHECKED | {"orderToCreate": {"state": "received", **DETAIL, "barista": {"baristaId": "J"}}}
UNREAD = {"detail": {"orderId": 4711, "more": {"than": "needed"}}}
INVALID = {
    "code": "ERROR-100",
    "message": "The order cannot be executed because orderId, userId and drink must each be a"
    " string that is not blank, orderId of at most 500 characters, and the others of at most"
    " 10,000.",
}
CLOSED = {
    "code": "ERROR-101",
    "message": "The order cannot be executed because the store is closed.",
}
BUSY = {
    "code": "ERROR-103",
    "message": "The order cannot be executed because all baristas are busy.",
}
DECLINED = {
    "code": "ERROR-104",
    "message": "The order cannot be executed because a barista declined it (no {milk}).",
}
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
SENT = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


def ended(key: str, sentence: str, status: str, event: str, message: str, **more: str) -> Json:
    """What a state that ends an order leaves: the execution's output, and the event."""
    return {
        "output": {
            key: {
                "displayMessage": f"Order with id 4711 {sentence}.",
                "orderCreated": {**DETAIL, "orderStatus": status, **more},
            }
        },
        "outcome": {
            "detailType": f"OrderProcessor.{event}",
            "detail": {**DETAIL, "message": message, **more},
        },
    }


WORK = [
    Work("Order created", {"id": "e1", "detail": DETAIL}, CREATED, "Claim order"),
    Work(
        "Named order created",
        {"detail": {**DETAIL, "name": "Ada", "more": 1}},
        NAMED,
        "Claim named order",
    ),
    Work("Claim order", CREATED, CLAIMED, "Get store info", result={}),
    Work(
        "Claim named order",
        NAMED,
        NAMED | {"claim": {"heartbeatSeconds": 900}},
        "Get store info",
        result={"Attributes": {"orderId": {"S": "4711"}}},
    ),
    Work("Claim ended order", CREATED, CLAIMED, "Get store info", result={}),
    Work("Get store info", CLAIMED, CHECKED, "Is store open?", result=STORE),
    Work(
        "Get store info",
        CLAIMED,
        CLAIMED | {"storeInfo": {}},
        "Is store open?",
        result={},
        about="finds no config item",
    ),
    Work("Reserve capacity", CHECKED, CHECKED, "Awaiting order completion", result={}),
    Work("Reserve default capacity", CHECKED, CHECKED, "Awaiting order completion", result={}),
    Work(
        "ListExecutions",
        CHECKED,
        CHECKED | {"isCapacityAvailable": RUNNING},
        "Is capacity available?",
        result=RUNNING,
    ),
    Work(
        "Awaiting order completion",
        CHECKED,
        WAITED,
        "Order completed",
        result={"baristaId": "J"},
    ),
    Work(
        "Order completed",
        WAITED,
        ended(
            "orderCompleted",
            "is ready for pick up",
            "ready for pickup",
            "OrderCompleted",
            "Your order is ready for pick-up. J prepared it.",
            baristaId="J",
        ),
        "Release capacity",
    ),
    Work(
        "Barista timed out",
        CHECKED,
        ended(
            "orderTimedOut",
            "timed out",
            "timed out",
            "OrderTimedOut",
            "Your order timed out because no barista finished it. Please order again.",
        ),
        "Release capacity",
    ),
    Work(
        "Order canceled",
        CHECKED,
        ended(
            "orderCanceled",
            "was canceled",
            "canceled",
            "OrderCanceled",
            "Your order was canceled as you asked.",
        ),
        "Release capacity",
    ),
    Work("Release capacity", ENDING, ENDING, "Announce outcome", result={}),
    Work("Announce outcome", ENDING, {"said": "last"}, None, result=SENT),
    Work(
        "Order already known",
        CREATED,
        {
            "orderIgnored": {
                "displayMessage": "Order with id 4711 is known already and was not made again."
            }
        },
        None,
    ),
    Work(
        "Order invalid",
        UNREAD,
        {
            "orderToCreate": {
                "orderId": 4711,
                "userId": None,
                "drink": None,
                "more": {"than": "needed"},
            },
            "error": INVALID,
        },
        "Error Handling",
    ),
    Work(
        "Order empty",
        {},
        {"orderToCreate": dict.fromkeys(DETAIL), "error": INVALID},
        "Error Handling",
    ),
    Work("Store closed", CHECKED, CHECKED | {"error": CLOSED}, "Error Handling"),
    Work("Out of capacity", CHECKED, CHECKED | {"error": BUSY}, "Error Handling"),
    Work(
        "Order declined",
        CHECKED | {"errorComment": {"Error": "OrderDeclined", "Cause": "no {milk}"}},
        CHECKED
        | {
            "errorComment": {"Error": "OrderDeclined", "Cause": "no {milk}"},
            "error": DECLINED,
        },
        "Release declined capacity",
    ),
    Work("Release declined capacity", CHECKED, CHECKED, "Error Handling", result={}),
    Work(
        "Error Handling",
        CHECKED | {"error": BUSY},
        {
            "output": {
                "error": BUSY,
                "contact": {
                    "message": "Don't hesitate to contact us.",
                    "email": '"Ada" <ada@example.com>',
                    "phone": "0800 1234",
                },
            },
            "outcome": {
                "detailType": "OrderProcessor.OrderRejected",
                "detail": {**DETAIL, **BUSY},
            },
        },
        "Announce outcome",
    ),
]

PATHS = {
    "${OrderTableName}": "orders",
    "${ConfigTableName}": "config",
    "$.orderToCreate.orderId": "4711",
    "$.orderToCreate.userId": "ada",
    "$.orderToCreate.name": "Ada",
    "$.orderToCreate.drink": "Flat white",
    "$.storeInfo.Item.capacity.N": "3",
    "$$.Execution.Id": RUN,
    "$$.Execution.Name": "run-1",
    "$$.Execution.StartTime": START,
    "States.Array($$.Execution.Name)": ["run-1"],
}
WRITES = (
    "Claim order",
    "Claim named order",
    "Claim ended order",
    "Reserve capacity",
    "Reserve default capacity",
    "Release capacity",
    "Release declined capacity",
)
"""What their expressions do is tested in tests/unit/test_workflow_writes.py."""


def entry(detail_type: str, detail: Json) -> Json:
    return {
        "Detail": detail,
        "DetailType": detail_type,
        "EventBusName": "bus",
        "Source": "ok.serverlessworkshop",
        "Resources": [RUN],
    }


ASKED: Json = {
    **{name: fill(states()[name]["Parameters"], PATHS) for name in WRITES},
    "Get store info": {
        "TableName": "config",
        "Key": {"PK": {"S": "config"}},
        "ConsistentRead": True,
    },
    "ListExecutions": {
        "StateMachineArn": "arn:aws:states:eu-central-1:123456789012:stateMachine:OrderProcessor",
        "MaxResults": 100,
        "StatusFilter": "RUNNING",
    },
    "Awaiting order completion": {
        "Entries": [
            entry(
                "OrderProcessor.WaitingCompletion",
                {
                    "Message": "Thank you for 'submitting an order'."
                    " The workflow resumes as soon as a barista finish your drink.",
                    "TaskToken": TOKEN,
                    "attempt": 2,
                    **DETAIL,
                },
            ),
            entry("OrderProcessor.OrderInPreparation", DETAIL),
        ]
    },
    "Announce outcome": {"Entries": [entry("Type", {"n": 1})]},
}
"""What each Task asks its service for, given the input of its row above."""
