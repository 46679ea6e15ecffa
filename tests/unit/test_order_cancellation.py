"""A customer takes an order back."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

import order_tracking.handler
from aws.order_table import OrderTable
from order_cancellation.handler import handler
from orders.model import Barista, Cancel, Complete, Status, TaskToken
from tests.unit.events import (
    ANOTHER_RUN,
    NOW,
    ORDER_ID,
    RUN,
    TOKEN,
    Context,
    batch_failures,
    make_event,
    sqs_batch,
    waiting_event,
    with_a_long_number,
)
from tests.unit.printed import Printed
from tests.unit.step_functions import StepFunctions, canceled
from tests.unit.tables import Tables


def deleted(order_id: object = ORDER_ID) -> dict[str, Any]:
    return make_event("OrderDeleted", order_id=order_id, run=None)


def take_back(*events: object) -> dict[str, Any]:
    answer: dict[str, Any] = handler(sqs_batch(*events), Context())
    return answer


pytestmark = pytest.mark.usefixtures("waiting")


def test_an_event_for_another_consumer_cancels_nothing(step_functions: StepFunctions) -> None:
    with pytest.raises(BatchProcessingError):
        take_back(make_event("OrderCreated", run=None))
    assert step_functions.calls == []


def test_an_order_in_preparation_is_canceled(
    order_table: OrderTable, step_functions: StepFunctions
) -> None:
    assert take_back(deleted()) == batch_failures()
    assert step_functions.calls == [canceled(TOKEN)]
    order = order_table.load(ORDER_ID)
    assert order
    assert order.decision == Cancel()


def test_a_number_of_any_length_keeps_no_cancellation_back(step_functions: StepFunctions) -> None:
    event = make_event("OrderDeleted", run=None, reason="LONG", more=[{"a": "LONG"}])
    assert take_back(with_a_long_number(event)) == batch_failures()
    assert step_functions.calls == [canceled(TOKEN)]


@pytest.mark.parametrize("claimed", [True, False])
def test_a_cancellation_that_comes_early_is_kept(
    tables: Tables, step_functions: StepFunctions, claimed: bool
) -> None:
    if claimed:
        tables.claim("early")
    assert take_back(deleted("early")) == batch_failures()
    decision = tables.item("early")["decision"]
    assert (decision["kind"], set(decision)) == ("cancel", {"kind", "at"})
    assert step_functions.calls == []


def test_a_cancellation_after_the_baristas_click_changes_nothing(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, printed: Printed
) -> None:
    order_table.decide(ORDER_ID, Complete(Barista("Julia", "Julia")), NOW)
    before = tables.item()
    assert take_back(deleted()) == batch_failures()
    assert tables.item() == before
    assert step_functions.calls == []
    assert "Julia has completed it" in printed.logs[0]["reason"]


@pytest.mark.parametrize("status", [status for status in Status if status.has_ended])
def test_a_cancellation_after_the_end_changes_nothing(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, status: Status
) -> None:
    order_table.end(ORDER_ID, RUN, status, NOW, {})
    before = tables.item()
    assert take_back(deleted()) == batch_failures()
    assert tables.item() == before
    assert step_functions.calls == []


@pytest.mark.parametrize(
    ("sent_at", "is_canceled"),
    [("2026-03-02T08:15:01Z", False), ("2026-03-02T08:15:02Z", True)],
    ids=["before the first run's end", "in the same second or later"],
)
def test_a_cancellation_of_an_earlier_run_does_not_cancel_the_next(
    tables: Tables, step_functions: StepFunctions, printed: Printed, sent_at: str, is_canceled: bool
) -> None:
    completed = make_event("OrderProcessor.OrderCompleted", baristaId="Julia", message="Ready.")
    assert completed["time"] == "2026-03-02T08:15:02Z"
    assert order_tracking.handler.handler(sqs_batch(completed), Context()) == batch_failures()
    assert tables.claim(run=ANOTHER_RUN, by_hand=True)
    assert (
        order_tracking.handler.handler(sqs_batch(waiting_event(run=ANOTHER_RUN)), Context())
        == batch_failures()
    )

    assert take_back(deleted() | {"time": sent_at}) == batch_failures()

    assert step_functions.calls == ([canceled(TOKEN)] if is_canceled else [])
    assert ("decision" in tables.item()) is is_canceled
    assert ("An earlier run was meant." in printed.text) is not is_canceled


def test_a_cancellation_that_is_delivered_twice_is_one(step_functions: StepFunctions) -> None:
    assert take_back(deleted()) == batch_failures()
    step_functions.error = "TaskTimedOut"  # AWS's answer to the second callback.
    assert take_back(deleted()) == batch_failures()


@pytest.mark.parametrize("order_id", [None, "", 17, "LONG", ["1"], {"a": 1}, "x" * 2049])
def test_an_event_without_an_order_id_is_not_tried_again(
    tables: Tables, order_id: object, printed: Printed
) -> None:
    before = tables.orders.scan()["Items"]
    assert take_back(with_a_long_number(deleted(order_id))) == batch_failures()
    assert tables.orders.scan()["Items"] == before
    assert [line["level"] for line in printed.logs] == ["WARNING"]


def test_only_what_failed_is_delivered_again(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    for order_id in ("1", "2"):
        tables.claim(order_id)
        order_table.start_preparation(order_id, RUN, TaskToken(TOKEN + order_id), 0, NOW)
    no_event = json.dumps({"orderId": "3"})
    assert take_back(deleted("1"), "no JSON", deleted("2"), no_event) == batch_failures(1, 3)
    assert step_functions.calls == [canceled(f"{TOKEN}1"), canceled(f"{TOKEN}2")]


def test_throttling_is_tried_again(tables: Tables, step_functions: StepFunctions) -> None:
    tables.claim("early")
    step_functions.error = "ThrottlingException"
    assert take_back(deleted(), deleted("early")) == batch_failures(0)
    step_functions.error = None
    assert take_back(deleted()) == batch_failures()
    assert step_functions.calls[-1] == canceled(TOKEN)


def test_every_log_line_names_its_order(step_functions: StepFunctions, printed: Printed) -> None:
    take_back(deleted("early"), deleted(), deleted())
    step_functions.error = "TaskTimedOut"
    take_back(deleted())
    assert [line["order_id"] for line in printed.logs] == ["early", ORDER_ID, ORDER_ID, ORDER_ID]
