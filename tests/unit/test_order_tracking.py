"""The order table follows the workflow's events, in whatever order they come."""

from typing import Any, NamedTuple

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from aws.order_table import OrderTable
from orders.model import Cancel, Status
from tests.unit.events import (
    ANOTHER_RUN,
    DRINK,
    NOW,
    ORDER_ID,
    RECEIVED_AT,
    RUN,
    SECRET,
    USER_ID,
    batch_failures,
    waiting_event,
)
from tests.unit.printed import Printed
from tests.unit.step_functions import StepFunctions
from tests.unit.tables import Tables
from tests.unit.tracking import ended, follow

CODE = {"code": "ERROR-103", "message": "All baristas are busy."}


class Ending(NamedTuple):
    """An outcome's event, and what it does to the order and to the metrics."""

    detail_type: str
    detail: dict[str, str]
    status: str
    metric: str

    def event(self, **changes: Any) -> dict[str, Any]:
        return ended(self.detail_type, **self.detail, **changes)


ENDINGS = [
    Ending(
        "OrderCompleted",
        {"baristaId": "Julia", "message": "Ready."},
        "ready for pickup",
        "OrdersCompleted",
    ),
    Ending("OrderRejected", CODE, "rejected", "OrdersRejected ERROR-103"),
    Ending("OrderTimedOut", {"message": "Too late."}, "timed out", "OrdersTimedOut"),
    Ending("OrderCanceled", {"message": "As you asked."}, "canceled", "OrdersCanceled"),
    Ending("OrderFailed", {"message": "Sorry."}, "failed", "OrdersFailed"),
]
each_ending = pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.status)


@pytest.mark.parametrize("detail_type", ["OrderInPreparation", "Unknown"])
def test_an_event_for_another_consumer_changes_nothing(tables: Tables, detail_type: str) -> None:
    tables.claim()
    before = tables.item()
    with pytest.raises(BatchProcessingError):
        follow(ended(detail_type))
    assert tables.item() == before


def test_each_end_has_a_row() -> None:
    assert [ending.status for ending in ENDINGS] == [each for each in Status if each.has_ended]


@each_ending
def test_an_order_ends_as_it_was_announced_and_a_repeat_changes_and_counts_nothing(
    tables: Tables, printed: Printed, ending: Ending
) -> None:
    tables.claim()
    assert follow(waiting_event(), waiting_event(), ending.event()) == batch_failures()
    item = tables.item()
    assert item["status"] == ending.status
    assert item.items() >= ending.detail.items()
    assert item["endedAt"].endswith("Z")
    assert {"taskToken", "attempt", "decision"}.isdisjoint(item)
    again = ending.event(event_id="another")
    assert follow(waiting_event(), ending.event(), again) == batch_failures()
    assert tables.item() == item
    counted = {name: value for name, value in printed.metrics.items() if name != "SecondsToReady"}
    assert counted == {"OrdersReceived": 1, ending.metric: 1}


def test_the_time_to_ready_is_measured_from_the_order(tables: Tables, printed: Printed) -> None:
    tables.claim(at=RECEIVED_AT)
    follow(ended())
    assert printed.metrics["SecondsToReady"] > 0
    assert printed.metrics["OrdersReceived"] == 1  # Its wait was not heard of.


def test_events_of_an_earlier_run_change_nothing(tables: Tables, printed: Printed) -> None:
    tables.claim()
    follow(ended("OrderTimedOut"))
    tables.claim(run=ANOTHER_RUN, by_hand=True)
    before, counted = tables.item(), printed.metrics
    assert follow(waiting_event(), ended("OrderTimedOut"), ended("OrderFailed")) == batch_failures()
    assert tables.item() == before
    assert printed.metrics == counted


def test_an_order_that_was_refused_before_a_run_had_it_is_recorded(
    tables: Tables, printed: Printed
) -> None:
    invalid = ended("OrderRejected", drink=None, code="ERROR-100", message="Not so.")
    assert follow(invalid, invalid) == batch_failures()
    item = tables.item()
    assert item.pop("endedAt") == item.pop("receivedAt") == item.pop("sortedAt")
    assert item == {
        "orderId": ORDER_ID,
        "status": "rejected",
        "counter": "ended",
        "userId": USER_ID,
        "code": "ERROR-100",
        "message": "Not so.",
        "overAt": "2026-03-02T08:15:02.000Z",
        "decided": {},
    }
    assert printed.metrics == {"OrdersReceived": 1, "OrdersRejected ERROR-100": 1}


def test_an_order_that_was_too_old_for_a_run_is_recorded_once(
    tables: Tables, printed: Printed
) -> None:
    too_old = ended("OrderRejected", run=None, code="ERROR-105", message="Too old.")
    assert follow(too_old) == batch_failures()
    before = tables.item()
    assert (before["status"], before["code"]) == ("rejected", "ERROR-105")
    assert follow(too_old) == batch_failures()
    assert tables.item() == before
    assert printed.metrics == {"OrdersReceived": 1, "OrdersRejected ERROR-105": 1}


@pytest.mark.parametrize("has_ended", [False, True])
def test_an_invalid_repeat_does_not_end_the_order_that_a_run_has(
    tables: Tables, order_table: OrderTable, printed: Printed, has_ended: bool
) -> None:
    tables.claim()
    if has_ended:
        order_table.end(ORDER_ID, RUN, Status.READY, NOW, {})
    before = tables.item()
    invalid = ended("OrderRejected", run=ANOTHER_RUN, code="ERROR-100", message="Not so.")
    assert follow(invalid) == batch_failures()
    assert tables.item() == before
    assert printed.metrics == {}


@pytest.mark.parametrize("detail_type", ["OrderCompleted", "OrderTimedOut", "OrderCanceled"])
def test_only_a_refused_or_broken_order_may_be_new(tables: Tables, detail_type: str) -> None:
    assert follow(ended(detail_type)) == batch_failures()
    assert tables.item() == {}


@pytest.mark.parametrize("order_id", [None, "", 17, ["1"], {"a": 1}, "x" * 501])
def test_an_invalid_order_without_an_id_is_not_kept(tables: Tables, order_id: Any) -> None:
    assert follow(ended("OrderRejected", order_id=order_id, **CODE)) == batch_failures()
    assert tables.orders.scan()["Items"] == []


# --- The batch ----------------------------------------------------------------------------------


def test_only_what_failed_is_delivered_again(tables: Tables) -> None:
    tables.claim()
    unknown = ended("SomethingElse")
    assert follow("no JSON", waiting_event(), {"detail-type": "x"}, unknown) == batch_failures(
        0, 2, 3
    )
    assert tables.item()["status"] == "in preparation"


def test_a_batch_of_failures_does_not_quote_a_token(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    # Lambda logs what the handler raises.
    order_table.decide(ORDER_ID, Cancel(), NOW)
    tables.claim()
    step_functions.error = "ValidationException"
    with pytest.raises(BatchProcessingError) as raised:
        follow(waiting_event())
    assert SECRET not in str(raised.value)


def test_every_log_line_names_its_order(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, printed: Printed
) -> None:
    for order_id in ("1", "2", "3"):
        tables.claim(order_id)
    order_table.decide("2", Cancel(), NOW)
    order_table.decide("3", Cancel(), NOW)
    follow(waiting_event("1"), waiting_event("2"), ended(order_id="1"))
    step_functions.error = "TaskTimedOut"
    follow(waiting_event("1"), waiting_event("unknown"), waiting_event("3"))
    logs = printed.logs
    assert [line["order_id"] for line in logs] == ["1", "2", "1", "1", "unknown", "3"]
    # By this make trace finds a run after the next one has the order.
    assert (logs[2]["message"], logs[2]["execution"]) == ("Order ended", RUN)
    assert DRINK not in printed.text
    assert USER_ID not in printed.text
