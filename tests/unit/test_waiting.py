"""A run waits: which token is kept, and which decision is sent again or for the first time."""

import json

import pytest

from aws.order_table import OrderTable
from orders.model import Barista, Cancel, Complete, Decline, Status
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import (
    ANOTHER_RUN,
    DRINK,
    NOW,
    ORDER_ID,
    RUN,
    TOKEN,
    USER_ID,
    batch_failures,
    waiting_event,
)
from tests.unit.printed import Printed
from tests.unit.step_functions import StepFunctions, canceled, completed, taken
from tests.unit.tables import Tables
from tests.unit.tracking import ended, follow

# --- Cancellations that came early --------------------------------------------------------------


@pytest.mark.parametrize("error", [None, "TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_cancellation_that_came_early_is_acted_on_even_if_too_late(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions, error: str | None
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    tables.claim()
    tables.claim("2")
    step_functions.error = "ThrottlingException"
    assert follow(waiting_event(), waiting_event("2")) == batch_failures(0)
    step_functions.error = error
    assert follow(waiting_event()) == batch_failures()
    assert step_functions.calls == [canceled(TOKEN)] * 2


def test_a_decision_that_could_not_be_sent_on_is_sent_with_the_next_delivery(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    """The run waits with its second token, which was stored, and Step Functions throttled."""
    tables.claim()
    follow(waiting_event(token="first"))
    order_table.decide(ORDER_ID, Complete(Barista("Julia", "Julia")), NOW)
    tables.claim("2")
    second = waiting_event(token="second", attempt=1)
    step_functions.error = "ThrottlingException"
    assert follow(second, waiting_event("2")) == batch_failures(0)
    step_functions.error = None
    assert follow(second) == batch_failures()
    assert step_functions.calls == [completed("Julia", "second")] * 2


# --- Attempts, each with a token of its own -----------------------------------------------------


def test_the_token_of_the_latest_attempt_is_kept(tables: Tables, printed: Printed) -> None:
    tables.claim()
    follow(waiting_event(token="second", attempt=1))
    before = tables.item()
    assert before["taskToken"] == "second"
    assert follow(waiting_event(token="first", attempt=0)) == batch_failures()
    assert tables.item() == before
    follow(waiting_event(token="third", attempt=2, since=NOW))
    third = {"taskToken": "third", "attempt": 2, "preparingAt": NOW}  # Its time began anew.
    assert tables.item() == before | third
    assert printed.metrics == {"OrdersReceived": 1}


@pytest.mark.parametrize(
    "decision",
    [Complete(Barista("Julia", "Julia")), Decline(Barista("Julia", "Julia"), "No milk."), Cancel()],
)
def test_what_was_decided_with_an_earlier_token_is_sent_again(
    tables: Tables,
    order_table: OrderTable,
    step_functions: StepFunctions,
    decision: Complete | Decline | Cancel,
) -> None:
    tables.claim()
    follow(waiting_event(token="first"))
    order_table.decide(ORDER_ID, decision, NOW)
    assert follow(waiting_event(token="second", attempt=1)) == batch_failures()
    [(_, parameters)] = step_functions.calls
    assert parameters["taskToken"] == "second"


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("error", [None, "TaskTimedOut", "InvalidToken"])
def test_a_run_that_waits_without_its_order_is_ended_and_its_slot_is_free(
    tables: Tables,
    order_table: OrderTable,
    step_functions: StepFunctions,
    again: bool,
    error: str | None,
) -> None:
    # It was redriven after its order had ended; or it is over, and the event was late.
    tables.claim()
    order_table.decide(ORDER_ID, Cancel(), NOW)
    follow(ended("OrderTimedOut"))
    if again:
        tables.claim(run=ANOTHER_RUN, by_hand=True)
        tables.reserve(ANOTHER_RUN)
    tables.reserve()
    before = tables.item()
    step_functions.error = error
    assert follow(waiting_event()) == batch_failures()
    assert tables.item() == before
    assert step_functions.calls == [taken(TOKEN)]
    assert tables.reservations() == ({"second"} if again else set())


def test_ending_a_run_without_its_order_is_tried_again(
    tables: Tables, step_functions: StepFunctions
) -> None:
    tables.claim()
    tables.claim("2")
    follow(ended("OrderTimedOut"))
    step_functions.error = "ThrottlingException"
    assert follow(waiting_event(), waiting_event("2")) == batch_failures(0)


def test_a_run_whose_order_is_unknown_goes_on_waiting(
    tables: Tables, step_functions: StepFunctions
) -> None:
    assert follow(waiting_event()) == batch_failures()
    assert tables.item() == {}
    assert step_functions.calls == []


def test_a_run_that_was_cleaned_up_after_and_waits_again_is_ended(
    tables: Tables, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    """It was redriven before the end that was announced for it was recorded."""
    tables.claim()
    tables.reserve()
    order_table.stop_waiting(ORDER_ID, RUN)
    assert follow(waiting_event()) == batch_failures()
    assert "taskToken" not in tables.item()
    assert step_functions.calls == [taken(TOKEN)]
    assert tables.reservations() == set()


# --- Events of no execution ---------------------------------------------------------------------


def test_a_token_that_no_execution_sent_is_parked_and_ends_nothing(
    tables: Tables, step_functions: StepFunctions
) -> None:
    tables.claim()
    event = waiting_event() | {"resources": []}
    assert follow(event, ended(run=ANOTHER_RUN)) == batch_failures(0)
    assert step_functions.calls == []
    assert "taskToken" not in tables.item()


@pytest.mark.parametrize("claimed", [True, False])
def test_an_end_that_no_execution_sent_ends_no_order(tables: Tables, claimed: bool) -> None:
    if claimed:
        tables.claim(run="None")
    before = tables.item()
    assert follow(ended(run=None)) == batch_failures()
    assert tables.item() == before


# --- The order is at the counter -----------------------------------------------------------------


def test_everybody_else_is_told_without_the_token_at_each_delivery(
    tables: Tables, bus: FakeEventBus
) -> None:
    """A repeat may be of an event whose first delivery died before it told anybody."""
    tables.claim()
    detail = {"orderId": ORDER_ID, "userId": USER_ID, "drink": DRINK}
    for deliveries in (1, 2):
        assert follow(waiting_event()) == batch_failures()
        told = [(json.loads(entry["Detail"]), entry["Resources"]) for entry in bus.preparing]
        assert told == [(detail, [RUN])] * deliveries


def test_nobody_is_told_of_an_order_that_is_decided_or_over(
    tables: Tables, order_table: OrderTable, bus: FakeEventBus
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    tables.claim()
    follow(waiting_event())
    order_table.end(ORDER_ID, RUN, Status.CANCELED, NOW, {})
    follow(waiting_event())
    assert bus.preparing == []
