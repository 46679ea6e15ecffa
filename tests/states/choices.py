"""Each Choice: what comes next on both sides of each comparison, and for other types."""

from typing import Any

from .rows import DETAIL, Choice, Json

MISSING = object()
REFUSED = {
    "missing": MISSING,
    "null": None,
    "a number": 7,
    "true": True,
    "an object": {},
    "a list": ["latte"],
    "empty": "",
    "spaces": " " * 17,
    "other blanks": "\t \r\n\n",
    "what SQS refuses": "x\uffff",
    "what SQS refuses, too": "\ufffex",
    "a control character": "x\x1f",
    "another one": "\x00x",
}
TAKEN = {
    "a letter": "x",
    "a letter behind every blank": f"\t\r\n{' ' * 17}x ",
    "beyond ASCII": "☕",
    "beyond 16 bits": "👩‍🍳",
    "a digit": "0",
    "the last that SQS takes": "\x7f\ud7ff\ue000\ufffd\U0010ffff",
}
LONGEST = {"orderId": 500, "userId": 10_000, "drink": 10_000}


def order(**fields: object) -> Json:
    """An event with an order, of which these fields are otherwise, or missing."""
    detail = {name: value for name, value in (DETAIL | fields).items() if value is not MISSING}
    return {"detail": detail}


def store(**item: Json) -> Json:
    return {"storeInfo": {"Item": {"PK": {"S": "config"}, **item}}}


def running(count: int) -> Json:
    return {"isCapacityAvailable": {"Executions": [{"Name": "run"}] * count}}


OPEN: dict[str, Any] = {"open": {"BOOL": True}}
# One value of each type that an attribute may have. The maps and lists hold what would be right.
TYPES: dict[str, Json] = {
    "S": {"S": "5"},
    "N": {"N": "5"},
    "B": {"B": "NQ=="},
    "BOOL": {"BOOL": True},
    "NULL": {"NULL": True},
    "M": {"M": {"BOOL": {"BOOL": True}, "S": {"S": "executions"}, "N": {"N": "5"}}},
    "L": {"L": [{"BOOL": True}, {"S": "executions"}, {"N": "5"}]},
    "SS": {"SS": ["executions"]},
    "NS": {"NS": ["5"]},
    "BS": {"BS": ["NQ=="]},
}
EXECUTIONS: dict[str, Any] = {"capacityCheck": {"S": "executions"}}

VALID = "Is order valid?"
IS_OPEN = "Is store open?"
IS_AVAILABLE = "Is capacity available?"

CHOICES = [
    Choice(VALID, "no input", {}, "Order invalid"),
    Choice(VALID, "no fields", {"detail": {}}, "Order invalid"),
    Choice(VALID, "no detail", DETAIL, "Order invalid"),
    Choice(VALID, "null for a detail", {"detail": None}, "Order invalid"),
    Choice(VALID, "a string for a detail", {"detail": "latte"}, "Order invalid"),
    Choice(VALID, "a list for a detail", {"detail": [DETAIL]}, "Order invalid"),
    *(
        Choice(VALID, f"{field}: {kind}", order(**{field: value}), "Order invalid")
        for field in DETAIL
        for kind, value in (REFUSED | {"too long": "☕" * (LONGEST[field] + 1)}).items()
    ),
    *(
        Choice(VALID, f"{field}: {kind}", order(**{field: value}), "Order created")
        for field in DETAIL
        for kind, value in (TAKEN | {"longest": "☕" * LONGEST[field]}).items()
    ),
    *(
        Choice(VALID, f"orderId: {unkept}", order(orderId=unkept), "Order invalid")
        for unkept in ("notification#1", ".", "..")
    ),
    *(
        Choice(VALID, f"orderId: {kept!a}", order(orderId=kept), "Order created")
        for kept in ("...", "a.", ".\n", "%2e", "a/../b", "\\", ";")
    ),
    *(Choice(VALID, f"name: {name}", order(name=name), "Order created") for name in ("", 7)),
    Choice(IS_OPEN, "no config item", {"storeInfo": {}}, "Store closed"),
    Choice(IS_OPEN, "no store info", {}, "Store closed"),
    Choice(IS_OPEN, "no open", store(), "Store closed"),
    Choice(IS_OPEN, "not open", store(open={"BOOL": False}), "Store closed"),
    Choice(IS_OPEN, "open: no boolean", store(open={"BOOL": "true"}), "Store closed"),
    *(
        Choice(IS_OPEN, f"open: {kind}", store(open=value), "Store closed")
        for kind, value in TYPES.items()
        if kind != "BOOL"
    ),
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
            "Reserve capacity",
        )
        for check in ({"S": "reservation"}, {"S": "Executions"}, {"S": ""}, *TYPES.values())
    ),
    *(
        Choice(
            IS_OPEN,
            f"capacity: {number}",
            store(**OPEN, capacity={"N": number}),
            "Reserve capacity",
        )
        for number in ("1", "10", "0.5", "1000", "1E+2")
    ),
    *(
        Choice(IS_OPEN, f"capacity: {value}", store(**OPEN, capacity=value), "Out of capacity")
        for value in (
            *({"N": "0"}, {"N": "-1"}, {"N": "-0.5"}, {}),
            *(value for kind, value in TYPES.items() if kind != "N"),
        )
    ),
    Choice(IS_OPEN, "no capacity", store(**OPEN), "Reserve capacity"),
    Choice(IS_AVAILABLE, "eleven are running", running(11), "Out of capacity"),
    Choice(IS_AVAILABLE, "a hundred are running", running(100), "Out of capacity"),
    Choice(IS_AVAILABLE, "ten are running", running(10), "Awaiting order completion"),
    Choice(IS_AVAILABLE, "none is running", running(0), "Awaiting order completion"),
    Choice(IS_AVAILABLE, "no list", {}, "Awaiting order completion"),
]
