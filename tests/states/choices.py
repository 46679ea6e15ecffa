"""Each Choice: what comes next on both sides of each comparison, and for other types."""

from typing import Any

from .rows import CHECKED, CREATED, DETAIL, Choice, Json

BORDER = " " * 16
"""In the order of characters, this and a ! is the smallest text that counts as not blank."""

MISSING = object()
NO_TEXTS = {"missing": MISSING, "null": None, "number": 7, "true": True, "object": {}, "list": []}
BLANKS = {
    "empty": "",
    "a space": " ",
    "sixteen spaces": BORDER,
    "seventeen spaces and a letter": f"{BORDER} x",
    "a tab": "\t",
    "line breaks": "\r\n\n",
    "a space and a line break": " \n",
    "just below the border": f"{BORDER}\x1f",
}
TEXTS = {
    "the border": f"{BORDER}!",
    "above the border": f'{BORDER}"',
    "fifteen spaces and more": f"{BORDER[1:]}!",
    "a letter": "x",
    "beyond ASCII": "☕",
    "beyond 16 bits": "👩‍🍳",
    "a digit": "0",
}


def order(**fields: object) -> Json:
    """An event with an order, of which these fields are otherwise, or missing."""
    detail = {name: value for name, value in (DETAIL | fields).items() if value is not MISSING}
    return {"detail": detail}


def only(field: str) -> Json:
    return {"detail": {field: DETAIL[field]}}


def store(**item: Json) -> Json:
    return CHECKED | {"storeInfo": {"Item": {"PK": {"S": "config"}, **item}}}


def running(count: int) -> Json:
    return CHECKED | {"isCapacityAvailable": {"Executions": [{"Name": "run"}] * count}}


OPEN: dict[str, Any] = {"open": {"BOOL": True}}
EXECUTIONS: dict[str, Any] = {"capacityCheck": {"S": "executions"}}

VALID = "Is order valid?"
NO_KEY = "Is the order id too long?"
REPEATED = "Is it a repeated event?"
IS_OPEN = "Is store open?"
IS_AVAILABLE = "Is capacity available?"

CHOICES = [
    Choice(VALID, "no input", {}, "Order empty"),
    Choice(VALID, "no fields", {"detail": {}}, "Order empty"),
    Choice(VALID, "other fields only", {"detail": {"name": "Ada"}}, "Order empty"),
    Choice(VALID, "no detail", DETAIL, "Order empty"),
    Choice(VALID, "null for a detail", {"detail": None}, "Order empty"),
    Choice(VALID, "a text for a detail", {"detail": "latte"}, "Order empty"),
    Choice(VALID, "a list for a detail", {"detail": ["latte"]}, "Order empty"),
    *(Choice(VALID, f"only {field}", only(field), "Order invalid") for field in DETAIL),
    *(
        Choice(VALID, f"{field}: {kind}", order(**{field: value}), "Order invalid")
        for field in DETAIL
        for kind, value in (NO_TEXTS | BLANKS).items()
    ),
    *(
        Choice(VALID, f"{field}: {kind}", order(**{field: value}), "Order created")
        for field in DETAIL
        for kind, value in TEXTS.items()
    ),
    *(
        Choice(VALID, f"name: {kind}", order(name=value), "Order created")
        for kind, value in (NO_TEXTS | BLANKS).items()
    ),
    *(
        Choice(VALID, f"name: {kind}", order(name=value), "Named order created")
        for kind, value in TEXTS.items()
    ),
    Choice(VALID, "a name, but no drink", order(name="Ada", drink=""), "Order invalid"),
    Choice(NO_KEY, "nothing but the name", {"Cause": "ValidationException"}, "Order invalid"),
    Choice(NO_KEY, "around the name", {"Cause": "a ValidationException b"}, "Order invalid"),
    Choice(NO_KEY, "another name", {"Cause": "AccessDeniedException"}, "Order not claimed"),
    Choice(NO_KEY, "another case", {"Cause": "validationexception"}, "Order not claimed"),
    Choice(NO_KEY, "no cause", {"Cause": ""}, "Order not claimed"),
    Choice(NO_KEY, "a number", {"Cause": 1}, "Order not claimed"),
    Choice(REPEATED, "an event", CREATED | {"id": "e1"}, "Order already known"),
    Choice(REPEATED, "null for an id", CREATED | {"id": None}, "Order already known"),
    Choice(REPEATED, "by hand", CREATED, "Claim ended order"),
    Choice(IS_OPEN, "no config item", CHECKED | {"storeInfo": {}}, "Store closed"),
    Choice(IS_OPEN, "no store info", {}, "Store closed"),
    Choice(IS_OPEN, "no open", store(), "Store closed"),
    Choice(IS_OPEN, "not open", store(open={"BOOL": False}), "Store closed"),
    Choice(IS_OPEN, "open: a text", store(open={"S": "true"}), "Store closed"),
    Choice(IS_OPEN, "open: a number", store(open={"N": "1"}), "Store closed"),
    Choice(IS_OPEN, "open: null", store(open={"NULL": True}), "Store closed"),
    Choice(IS_OPEN, "open: no boolean", store(open={"BOOL": "true"}), "Store closed"),
    Choice(IS_OPEN, "closed, executions", store(**EXECUTIONS), "Store closed"),
    Choice(IS_OPEN, "executions", store(**OPEN, **EXECUTIONS), "ListExecutions"),
    Choice(
        IS_OPEN,
        "executions, whatever the capacity",
        store(**OPEN, **EXECUTIONS, capacity={"N": "0"}),
        "ListExecutions",
    ),
    *(
        Choice(
            IS_OPEN,
            f"capacityCheck: {check}",
            store(**OPEN, capacityCheck=check),
            "Reserve default capacity",
        )
        for check in ({"S": "reservation"}, {"S": "Executions"}, {"S": ""}, {"N": "1"})
    ),
    *(
        Choice(
            IS_OPEN,
            f"capacity: {number}",
            store(**OPEN, capacity={"N": number}),
            "Reserve capacity",
        )
        for number in ("1", "10", "0.5", "1000")
    ),
    *(
        Choice(IS_OPEN, f"capacity: {value}", store(**OPEN, capacity=value), "Out of capacity")
        for value in ({"N": "0"}, {"N": "-1"}, {"N": "-0.5"}, {"S": "5"}, {"NULL": True}, {})
    ),
    Choice(IS_OPEN, "no capacity", store(**OPEN), "Reserve default capacity"),
    Choice(IS_AVAILABLE, "eleven are running", running(11), "Out of capacity"),
    Choice(IS_AVAILABLE, "a hundred are running", running(100), "Out of capacity"),
    Choice(IS_AVAILABLE, "ten are running", running(10), "Awaiting order completion"),
    Choice(IS_AVAILABLE, "none is running", running(0), "Awaiting order completion"),
    Choice(IS_AVAILABLE, "no list", CHECKED, "Awaiting order completion"),
]
