"""An execution that failed or was stopped is cleaned up after."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from jsonschema import Draft202012Validator

from aws.order_table import OrderTable
from orders.model import Barista, Cancel, Complete, Decision, Decline, Status
from tests.contracts.definitions import schema
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import (
    ANOTHER_RUN,
    DRINK,
    NOW,
    ORDER_ID,
    RUN,
    USER_ID,
    batch_failures,
    make_event,
    waiting_event,
    with_a_long_number,
)
from tests.unit.printed import Printed
from tests.unit.step_functions import StepFunctions
from tests.unit.tables import Tables
from tests.unit.tracking import follow

FAILED = "OrderProcessor.OrderFailed"
ORDERED = {"orderId": ORDER_ID, "userId": USER_ID, "drink": DRINK}


@pytest.fixture(autouse=True)
def started_with(step_functions: StepFunctions) -> None:
    for run in (RUN, ANOTHER_RUN):
        step_functions.inputs[run] = json.dumps({"detail": ORDERED})


def short(value: Any) -> str:
    return ascii(value)[:20]


def broke(run: str = RUN, status: str = "ABORTED") -> dict[str, Any]:
    return {
        "id": "1",
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "resources": [run],
        "detail": {"executionArn": run, "status": status, "input": None},
    }


def test_the_slot_comes_back_and_everybody_hears(tables: Tables, bus: FakeEventBus) -> None:
    tables.claim()
    for run in (RUN, ANOTHER_RUN):
        tables.reserve(run)
    follow(waiting_event())

    assert follow(broke()) == batch_failures()
    assert tables.reservations() == {"second"}
    [event] = bus.received()
    assert (event["detail-type"], event["source"]) == (FAILED, "ok.serverlessworkshop")
    assert event["resources"] == [RUN]  # So the customer hears once of two reports.
    assert event["detail"].items() >= ORDERED.items()
    Draft202012Validator(schema(FAILED)).validate(event["detail"])

    assert follow(event) == batch_failures()
    assert tables.item()["status"] == "failed"
    assert tables.item()["message"] == event["detail"]["message"]


def test_a_repeated_report_of_a_broken_execution_changes_nothing(
    tables: Tables, bus: FakeEventBus, printed: Printed
) -> None:
    tables.claim()
    assert follow(broke(), broke()) == batch_failures()
    follow(*bus.received())
    assert follow(broke()) == batch_failures()
    assert bus.received() == []
    assert printed.metrics == {"OrdersReceived": 1, "OrdersFailed": 1}


def test_an_earlier_run_that_breaks_late_gives_its_own_slot_back(
    tables: Tables, order_table: OrderTable, bus: FakeEventBus
) -> None:
    tables.claim()
    order_table.end(ORDER_ID, RUN, Status.TIMED_OUT, NOW, {})
    tables.claim(run=ANOTHER_RUN, by_hand=True)
    for run in (RUN, ANOTHER_RUN):  # The earlier one was redriven.
        tables.reserve(run)
    before = tables.item()
    assert follow(broke(RUN)) == batch_failures()
    assert bus.received() == []
    assert tables.item() == before
    assert tables.reservations() == {"second"}


def test_an_order_that_broke_before_a_run_had_it_is_not_made_by_a_repeat_of_its_event(
    tables: Tables, bus: FakeEventBus
) -> None:
    # Neither before its end is recorded nor after.
    assert follow(broke()) == batch_failures()
    assert not tables.claim(run=ANOTHER_RUN)
    follow(*bus.received())
    assert not tables.claim(run=ANOTHER_RUN)
    item = tables.item()
    assert (item["status"], item["userId"], item["drink"]) == ("failed", USER_ID, DRINK)
    assert tables.claim(run=ANOTHER_RUN, by_hand=True), "by hand it can run again"


def test_an_order_that_was_refused_as_invalid_and_corrected_may_break_as_well(
    tables: Tables, order_table: OrderTable, bus: FakeEventBus
) -> None:
    order_table.end(ORDER_ID, None, Status.REJECTED, NOW, {"code": "ERROR-100", "message": "No."})
    assert follow(broke()) == batch_failures()
    assert follow(*bus.received()) == batch_failures()
    item = tables.item()
    assert (item["status"], item["execution"]) == ("failed", RUN)
    assert "code" not in item


@pytest.mark.parametrize(
    ("decision", "detail_type", "status"),
    [
        (Complete(Barista("Julia", "Julia")), "OrderCompleted", "ready for pickup"),
        (Decline(Barista("Julia", "Julia"), "no milk"), "OrderRejected", "rejected"),
        (Cancel(), "OrderCanceled", "canceled"),
    ],
)
def test_what_was_decided_before_the_execution_broke_is_announced(
    tables: Tables,
    order_table: OrderTable,
    bus: FakeEventBus,
    decision: Decision,
    detail_type: str,
    status: str,
) -> None:
    tables.claim()
    tables.reserve()
    follow(waiting_event())
    order_table.decide(ORDER_ID, decision, NOW)
    assert follow(broke()) == batch_failures()
    assert tables.reservations() == set()
    [event] = bus.received()
    assert event["detail-type"] == f"OrderProcessor.{detail_type}"
    assert event["detail"].items() >= ORDERED.items()
    Draft202012Validator(schema(event["detail-type"])).validate(event["detail"])
    assert follow(event) == batch_failures()
    assert tables.item()["status"] == status


def test_no_decision_is_taken_after_the_failure_is_announced(
    tables: Tables, order_table: OrderTable, bus: FakeEventBus
) -> None:
    tables.claim()
    follow(waiting_event())
    follow(broke())
    for decision in (Complete(Barista("Julia", "Julia")), Cancel()):
        assert order_table.decide(ORDER_ID, decision, NOW) is None
    follow(broke())
    assert [event["detail-type"] for event in bus.received()] == [FAILED, FAILED]


def test_a_cancellation_that_came_before_its_order_is_announced(
    order_table: OrderTable, bus: FakeEventBus
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    assert follow(broke()) == batch_failures()
    assert [event["detail-type"] for event in bus.received()] == ["OrderProcessor.OrderCanceled"]


@pytest.mark.parametrize(
    "drink", [None, 17, ["a"], {"a": 1}, "", "\ud800", "é" * 200_000, ["é" * 10_000]], ids=short
)
def test_an_invalid_order_is_refused_and_may_come_again_corrected(
    tables: Tables, bus: FakeEventBus, step_functions: StepFunctions, drink: Any
) -> None:
    step_functions.inputs[RUN] = json.dumps({"detail": ORDERED | {"drink": drink, "milk": "oat"}})
    assert follow(broke()) == batch_failures()
    [event] = bus.received()
    Draft202012Validator(schema(event["detail-type"])).validate(event["detail"])
    assert event["detail"]["code"] == "ERROR-100"
    is_kept = len(json.dumps(drink)) < 100 and drink != "\ud800"
    assert event["detail"]["drink"] == (drink if is_kept else None)
    assert follow(event) == batch_failures()
    assert tables.item()["status"] == "rejected"
    assert tables.claim(run=ANOTHER_RUN)


def test_a_number_of_any_length_keeps_no_broken_execution_back(
    tables: Tables, bus: FakeEventBus, step_functions: StepFunctions
) -> None:
    ordered = ORDERED | {"drink": "LONG", "milk": "LONG"}
    step_functions.inputs[RUN] = with_a_long_number({"detail": ordered})
    assert follow(broke()) == batch_failures()
    [event] = bus.received()
    assert event["detail"].items() >= (ORDERED | {"drink": None}).items()
    rejected = event | {"detail": event["detail"] | ordered}
    assert follow(with_a_long_number(rejected)) == batch_failures()
    assert tables.item()["status"] == "rejected"


@pytest.mark.parametrize(
    "started_with",
    [
        *('{"detail": {}}', '{"detail": {"orderId": 17}}', '{"detail": {"orderId": ""}}'),
        *('{"detail": "17"}', '{"detail": null}', "{}", '["detail"]', '"detail"', "null"),
    ],
)
def test_an_execution_without_an_order_needs_no_cleaning_up(
    tables: Tables, bus: FakeEventBus, step_functions: StepFunctions, started_with: str
) -> None:
    step_functions.inputs[RUN] = started_with
    assert follow(broke()) == batch_failures()
    assert bus.received() == []
    assert tables.orders.scan()["Items"] == []


def test_the_order_ends_even_where_the_config_table_is_gone(
    tables: Tables, bus: FakeEventBus
) -> None:
    tables.claim()
    tables.config.delete()
    assert follow(broke()) == batch_failures()
    assert [event["detail-type"] for event in bus.received()] == [FAILED]


def test_an_event_that_the_bus_refused_is_sent_again(tables: Tables, bus: FakeEventBus) -> None:
    tables.claim()
    tables.reserve()
    bus.error = "ThrottlingException"
    with pytest.raises(BatchProcessingError, match="refused OrderFailed: ThrottlingException"):
        follow(broke())
    # The slot comes back before anything is said, so that who reads "order again" finds it free.
    assert tables.reservations() == set()
    assert tables.item()["status"] == "received"

    bus.error = None
    assert follow(broke()) == batch_failures()
    assert bus.types() == [FAILED]


def test_an_execution_that_is_not_known_yet_is_looked_at_again(
    step_functions: StepFunctions,
) -> None:
    del step_functions.inputs[RUN]
    assert follow(broke(), broke(ANOTHER_RUN)) == batch_failures(0)


def test_every_log_line_names_its_order(
    tables: Tables, bus: FakeEventBus, order_table: OrderTable, printed: Printed
) -> None:
    tables.claim()
    follow(broke(), broke(ANOTHER_RUN), *bus.received())
    order_table.end(ORDER_ID, RUN, Status.FAILED, NOW, {})
    follow(broke(), make_event(FAILED))
    assert len(printed.logs) == 4
    assert {line["order_id"] for line in printed.logs} == {ORDER_ID}
