"""Executions that ended without anybody hearing of it are found and cleaned up after."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from aws.order_table import OrderTable
from order_tracking import reconciler
from order_tracking.handler import handler
from orders.model import Barista, Cancel, Status, iso
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import (
    ANOTHER_RUN,
    DRINK,
    EXECUTIONS,
    NOW,
    ORDER_ID,
    RECEIVED_AT,
    RUN,
    USER_ID,
    Context,
    batch_failures,
    sqs_batch,
    waiting_event,
)
from tests.unit.printed import Printed
from tests.unit.step_functions import StepFunctions
from tests.unit.tables import Tables

pytestmark = pytest.mark.usefixtures("step_functions")

BROKE = {"stopDate": datetime.fromisoformat(NOW), "status": "FAILED"}
UNKNOWN: Any = {"ExpressionAttributeValues": {":pk": "unknown-executions"}}
LATER = datetime.fromisoformat(NOW) + timedelta(minutes=10)


def ended_with(**output: Any) -> dict[str, Any]:
    return BROKE | {"status": "SUCCEEDED", "output": json.dumps(output)}


def look(at: datetime = LATER, *, remaining_millis: int = 10_000) -> None:
    event = {"detail-type": "Scheduled Event", "source": "aws.events", "time": iso(at)}
    context = Context(remaining_millis=remaining_millis)
    assert handler(sqs_batch(event | {"resources": [], "detail": {}}), context) == batch_failures()


def hear(bus: FakeEventBus) -> list[dict[str, Any]]:
    """What was said, once the order table has followed it."""
    events = bus.received()
    if events:
        assert handler(sqs_batch(*events), Context()) == batch_failures()
    return events


def prepare(
    tables: Tables, step_functions: StepFunctions, order_id: str = ORDER_ID, run: str = RUN
) -> None:
    tables.claim(order_id, run)
    tables.reserve(run)
    handler(sqs_batch(waiting_event(order_id, run)), Context())
    order = {"orderId": order_id, "userId": USER_ID, "drink": DRINK}
    step_functions.inputs[run] = json.dumps({"detail": order})


def test_an_execution_that_broke_is_found(
    tables: Tables, step_functions: StepFunctions, bus: FakeEventBus, printed: Printed
) -> None:
    prepare(tables, step_functions)
    prepare(tables, step_functions, "another", ANOTHER_RUN)
    step_functions.ends[RUN] = BROKE
    look()
    [event] = hear(bus)
    assert (event["detail-type"], event["resources"]) == ("OrderProcessor.OrderFailed", [RUN])
    assert tables.item()["status"] == "failed"
    assert tables.reservations() == {"second"}
    assert tables.item("another")["status"] == "in preparation"
    metrics = printed.metrics
    assert [metrics[name] for name in ("Capacity", "CapacityInUse", "SlotsFreed")] == [10, 2, 1]
    waited = LATER - datetime.fromisoformat(RECEIVED_AT)
    assert metrics["OldestOrderSeconds"] == waited.total_seconds()

    look()
    assert hear(bus) == []


def test_an_order_is_unattended_from_its_preparation_on_or_since_it_was_prolonged(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, printed: Printed
) -> None:
    prepare(tables, step_functions)
    prepare(tables, step_functions, "another", ANOTHER_RUN)
    prepared = datetime.fromisoformat(tables.item()["preparingAt"])
    later = datetime.fromisoformat(tables.item("another")["preparingAt"]) + timedelta(minutes=10)
    look(later + timedelta(minutes=1))
    order_table.prolong(ORDER_ID, Barista("Julia", "Julia"), iso(later))
    order_table.prolong("another", Barista("Julia", "Julia"), iso(later + timedelta(minutes=2)))
    look(later + timedelta(minutes=5))
    looks = [line for line in printed.emf if "UnattendedSeconds" in line]
    [first, second] = [line["UnattendedSeconds"] for line in looks]
    assert first == [(later + timedelta(minutes=1) - prepared).total_seconds()]
    assert second == [300]


def test_an_order_that_is_not_yet_in_preparation_is_unattended_too(
    tables: Tables, printed: Printed
) -> None:
    tables.claim()
    look(datetime.fromisoformat(RECEIVED_AT) + timedelta(minutes=2))
    assert printed.metrics["UnattendedSeconds"] == 120


CREATED = {"orderId": ORDER_ID, "baristaId": "Julia"}


@pytest.mark.parametrize(
    ("output", "status"),
    [
        ({"orderCompleted": {"orderCreated": CREATED}}, "ready for pickup"),
        ({"orderTimedOut": {"orderCreated": CREATED}}, "timed out"),
        ({"orderCanceled": {"orderCreated": CREATED}}, "canceled"),
        ({"error": {"code": "ERROR-101", "message": "Closed."}, "contact": {}}, "rejected"),
        ({"orderIgnored": {}}, "failed"),
    ],
)
def test_an_outcome_that_got_lost_is_announced_again(
    tables: Tables,
    step_functions: StepFunctions,
    bus: FakeEventBus,
    output: dict[str, Any],
    status: str,
) -> None:
    prepare(tables, step_functions)
    tables.release()
    step_functions.ends[RUN] = ended_with(**output)
    look()
    [event] = hear(bus)
    assert event["resources"] == [RUN]
    assert tables.item()["status"] == status


def test_the_output_of_a_run_outranks_a_decision_that_it_did_not_receive(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, bus: FakeEventBus
) -> None:
    prepare(tables, step_functions)
    order_table.decide(ORDER_ID, Cancel(), NOW)
    step_functions.ends[RUN] = ended_with(orderTimedOut={})
    look()
    hear(bus)
    assert tables.item()["status"] == "timed out"


def test_a_slot_without_an_order_comes_back(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, bus: FakeEventBus
) -> None:
    prepare(tables, step_functions)
    order_table.end(ORDER_ID, RUN, Status.READY, NOW, {})
    step_functions.ends[RUN] = BROKE
    look()
    assert hear(bus) == []
    assert tables.reservations() == set()


def test_an_execution_that_aws_has_forgotten_is_over(
    tables: Tables, step_functions: StepFunctions, bus: FakeEventBus
) -> None:
    prepare(tables, step_functions)
    step_functions.inputs.clear()
    look()
    [event] = hear(bus)
    assert event["detail"]["drink"] == DRINK
    assert tables.item()["status"] == "failed"
    assert tables.reservations() == set()


def test_the_slot_of_an_unknown_execution_without_an_order_comes_back_after_minutes(
    tables: Tables, printed: Printed
) -> None:
    """Before, it may be an execution that has only just been started."""
    for run in (RUN, ANOTHER_RUN):
        tables.reserve(run)
    look()
    look(LATER + timedelta(minutes=5))  # These two events may come at once, after an outage.
    assert tables.reservations() == {"first", "second"}
    [noted] = tables.config.scan(FilterExpression="PK = :pk", **UNKNOWN)["Items"]
    since: Any = noted["since"]
    tables.config.put_item(Item=noted | {"since": since | {RUN: NOW}})
    look()
    assert tables.reservations() == {"second"}
    assert printed.metrics["SlotsFreed"] == 1


def test_a_run_that_broke_before_it_had_its_order_is_found(
    tables: Tables, step_functions: StepFunctions, bus: FakeEventBus
) -> None:
    order = {"orderId": ORDER_ID, "userId": USER_ID, "drink": DRINK}
    step_functions.inputs[RUN] = json.dumps({"detail": order})
    for number, status in enumerate(["FAILED", "TIMED_OUT", "ABORTED"]):
        run = f"{EXECUTIONS}:{number}"
        step_functions.ends[run] = BROKE | {"status": status}
        step_functions.inputs[run] = json.dumps({"detail": order | {"orderId": status}})
    step_functions.ends[RUN] = ended_with()
    look(LATER + timedelta(hours=2))
    assert hear(bus) == []  # That is too long ago.
    look()
    told = {event["detail"]["orderId"]: event["detail-type"] for event in hear(bus)}
    assert told == dict.fromkeys(["FAILED", "TIMED_OUT", "ABORTED"], "OrderProcessor.OrderFailed")
    assert tables.item("ABORTED")["status"] == "failed"
    look()
    assert hear(bus) == []


@pytest.mark.parametrize("order", [{}, {"orderId": 17}, {"orderId": ORDER_ID, "drink": None}])
def test_an_invalid_order_whose_run_broke_is_told_once(
    step_functions: StepFunctions, bus: FakeEventBus, order: dict[str, Any]
) -> None:
    step_functions.inputs[RUN] = json.dumps({"detail": order})
    step_functions.ends[RUN] = BROKE
    look()
    assert len(hear(bus)) == (order.get("orderId") == ORDER_ID)
    look()
    assert hear(bus) == []


def test_what_fails_keeps_nothing_else_from_being_done(
    tables: Tables,
    order_table: OrderTable,
    step_functions: StepFunctions,
    bus: FakeEventBus,
    printed: Printed,
) -> None:
    old = iso(LATER - timedelta(days=31))
    tables.claim("old", at=old)
    order_table.end("old", RUN, Status.READY, old, {})
    prepare(tables, step_functions)
    step_functions.ends[RUN] = BROKE
    bus.error = "ThrottlingException"
    step_functions.listing_fails = True
    look()
    assert (printed.metrics["OrdersForgotten"], printed.metrics["CapacityInUse"]) == (1, 1)
    bus.error = None
    look()
    assert [event["detail"]["orderId"] for event in hear(bus)] == [ORDER_ID]


@pytest.mark.parametrize("ends", [{}, BROKE], ids=["runs", "has just broken"])
def test_an_order_whose_run_goes_on_is_left_alone(
    tables: Tables, step_functions: StepFunctions, bus: FakeEventBus, ends: dict[str, Any]
) -> None:
    prepare(tables, step_functions)
    if ends:
        step_functions.ends[RUN] = ends
    look(LATER if not ends else datetime.fromisoformat(NOW) + timedelta(minutes=2))
    assert hear(bus) == []
    assert tables.item()["status"] == "in preparation"
    assert tables.reservations() == {"first"}


def test_an_order_that_has_just_come_is_not_looked_at(tables: Tables, bus: FakeEventBus) -> None:
    tables.claim()
    tables.reserve()
    look(datetime.fromisoformat(RECEIVED_AT) + timedelta(minutes=2))  # It is unknown to AWS.
    assert hear(bus) == []
    assert tables.reservations() == {"first"}


def test_a_long_list_is_worked_off_one_look_after_the_other(
    tables: Tables, step_functions: StepFunctions, bus: FakeEventBus, printed: Printed
) -> None:
    for number in range(4):
        prepare(tables, step_functions, str(number), f"{EXECUTIONS}:{number}")
        step_functions.ends[f"{EXECUTIONS}:{number}"] = BROKE
    for left in range(4, 0, -1):
        assert len(tables.reservations()) == left
        look(remaining_millis=7_000)
        hear(bus)
    assert tables.reservations() == set()
    # Those of the looks before are still listed as broken.
    assert [line["left"] for line in printed.logs if "left" in line] == [3] * 4


def test_those_at_the_head_of_the_list_do_not_hide_the_others(
    tables: Tables,
    step_functions: StepFunctions,
    bus: FakeEventBus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reconciler, "MAX_ORDERS", 2)
    for number in range(4):
        tables.claim(str(number), f"{EXECUTIONS}:{number}", at=f"2026-03-02T08:1{number}:00.000Z")
    step_functions.inputs[f"{EXECUTIONS}:1"] = "{}"
    look()
    assert sorted(event["detail"]["orderId"] for event in hear(bus)) == ["0"]
    look()
    assert sorted(event["detail"]["orderId"] for event in hear(bus)) == ["2"]
