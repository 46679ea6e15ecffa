"""The order table follows the workflow's events, in whatever order they come."""

from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from order_tracking.handler import handler
from orders.model import Barista, Cancel, Complete, Decline, Status
from orders.order_table import OrderTable
from tests.unit.printed import Printed
from tests.unit.shop import (
    ANOTHER_RUN,
    DRINK,
    NOW,
    ORDER_ID,
    RECEIVED_AT,
    SECRET,
    TOKEN,
    USER_ID,
    Context,
    Shop,
    failed,
    queued,
    said,
    waiting,
)
from tests.unit.step_functions import StepFunctions, canceled, taken

CODE = {"code": "ERROR-103", "message": "All baristas are busy."}
ENDINGS: list[tuple[str, dict[str, str], str, str]] = [
    ("OrderCompleted", {"baristaId": "Julia", "message": "Ready."}, "ready for pickup",
     "OrdersCompleted"),
    ("OrderRejected", CODE, "rejected", "OrdersRejected ERROR-103"),
    ("OrderTimedOut", {"message": "Too late."}, "timed out", "OrdersTimedOut"),
    ("OrderCanceled", {"message": "As you asked."}, "canceled", "OrdersCanceled"),
    ("OrderFailed", {"message": "Sorry."}, "failed", "OrdersFailed"),
]  # fmt: skip


def follow(*events: Any) -> dict[str, Any]:
    answer: dict[str, Any] = handler(queued(*events), Context())
    return answer


def ended(detail_type: str = "OrderCompleted", **changes: Any) -> dict[str, Any]:
    return said(f"OrderProcessor.{detail_type}", **changes)


def test_an_order_that_waits_is_in_preparation(shop: Shop, printed: Printed) -> None:
    shop.claim()
    assert follow(waiting()) == failed()
    item = shop.item()
    assert item["status"] == "in preparation"
    assert item["taskToken"] == TOKEN
    assert item["preparingAt"].endswith("Z")
    assert printed.metrics == {"OrdersReceived": 1}


def test_each_end_has_a_row() -> None:
    assert [status for _, _, status, _ in ENDINGS] == [each for each in Status if each.has_ended]


@pytest.mark.parametrize(("detail_type", "detail", "status", "metric"), ENDINGS)
def test_an_order_ends_as_it_was_announced(
    shop: Shop,
    printed: Printed,
    detail_type: str,
    detail: dict[str, str],
    status: str,
    metric: str,
) -> None:
    shop.claim()
    follow(waiting())
    assert follow(ended(detail_type, **detail)) == failed()
    item = shop.item()
    assert item["status"] == status
    assert item.items() >= detail.items()
    assert item["endedAt"].endswith("Z")
    assert "taskToken" not in item
    assert {**printed.metrics, "SecondsToReady": 0} == {
        "OrdersReceived": 1,
        metric: 1,
        "SecondsToReady": 0,
    }


def test_the_time_to_ready_is_measured_from_the_order(shop: Shop, printed: Printed) -> None:
    shop.claim(at=RECEIVED_AT)
    follow(ended())
    assert printed.metrics["SecondsToReady"] > 0


@pytest.mark.parametrize(("detail_type", "detail", "status", "metric"), ENDINGS)
def test_news_that_comes_again_changes_and_counts_nothing(
    shop: Shop,
    printed: Printed,
    detail_type: str,
    detail: dict[str, str],
    status: str,
    metric: str,
) -> None:
    shop.claim()
    follow(waiting(), waiting(), ended(detail_type, **detail))
    before = shop.item()
    again = ended(detail_type, event_id="another", **detail)
    assert follow(waiting(), ended(detail_type, **detail), again) == failed()
    assert shop.item() == before
    assert before["status"] == status
    assert (printed.metrics["OrdersReceived"], printed.metrics[metric]) == (1, 1)


@pytest.mark.parametrize(("detail_type", "detail", "status", "metric"), ENDINGS)
def test_the_end_stands_when_it_comes_before_the_wait(
    shop: Shop,
    printed: Printed,
    detail_type: str,
    detail: dict[str, str],
    status: str,
    metric: str,
) -> None:
    shop.claim()
    assert follow(ended(detail_type, **detail), waiting()) == failed()
    assert shop.item()["status"] == status
    assert {"taskToken", "preparingAt"}.isdisjoint(shop.item())
    assert (printed.metrics["OrdersReceived"], printed.metrics[metric]) == (1, 1)


def test_the_news_of_an_earlier_run_change_nothing(shop: Shop, printed: Printed) -> None:
    shop.claim()
    follow(ended("OrderTimedOut"))
    shop.claim(run=ANOTHER_RUN, state="Claim ended order")
    before, counted = shop.item(), printed.metrics
    assert follow(waiting(), ended("OrderTimedOut"), ended("OrderFailed")) == failed()
    assert shop.item() == before
    assert printed.metrics == counted


def test_an_order_that_was_refused_before_a_run_had_it_is_recorded(
    shop: Shop, printed: Printed
) -> None:
    invalid = ended("OrderRejected", drink=None, code="ERROR-100", message="Not so.")
    assert follow(invalid, invalid) == failed()
    item = shop.item()
    assert item.pop("endedAt") == item.pop("receivedAt")
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


def test_an_order_that_was_too_old_for_a_run_is_recorded_once(shop: Shop, printed: Printed) -> None:
    too_old = ended("OrderRejected", run=None, code="ERROR-105", message="Too old.")
    assert follow(too_old) == failed()
    before = shop.item()
    assert (before["status"], before["code"]) == ("rejected", "ERROR-105")
    assert follow(too_old) == failed()
    assert shop.item() == before
    assert printed.metrics == {"OrdersReceived": 1, "OrdersRejected ERROR-105": 1}


def test_an_invalid_repeat_does_not_end_the_order_that_a_run_has(
    shop: Shop, printed: Printed
) -> None:
    shop.claim()
    before = shop.item()
    invalid = ended("OrderRejected", run=ANOTHER_RUN, code="ERROR-100", message="Not so.")
    assert follow(invalid) == failed()
    assert shop.item() == before
    assert printed.metrics == {}


@pytest.mark.parametrize("detail_type", ["OrderCompleted", "OrderTimedOut", "OrderCanceled"])
def test_only_a_refused_or_broken_order_may_be_new(shop: Shop, detail_type: str) -> None:
    assert follow(ended(detail_type)) == failed()
    assert shop.item() == {}


@pytest.mark.parametrize("order_id", [None, "", 17, ["1"], {"a": 1}, "x" * 2049])
def test_an_invalid_order_without_an_id_is_not_kept(shop: Shop, order_id: Any) -> None:
    assert follow(ended("OrderRejected", order_id=order_id, **CODE)) == failed()
    assert shop.orders.scan()["Items"] == []


# --- Cancellations that came early --------------------------------------------------------------


def test_a_cancellation_that_came_early_is_acted_on(
    shop: Shop, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    shop.claim()
    assert follow(waiting()) == failed()
    assert step_functions.calls == [canceled(TOKEN)]


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_cancellation_that_is_too_late_after_all_is_no_error(
    shop: Shop, order_table: OrderTable, step_functions: StepFunctions, code: str
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    shop.claim()
    step_functions.error = code
    assert follow(waiting()) == failed()


def test_a_cancellation_that_met_throttling_is_tried_again(
    shop: Shop, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    shop.claim()
    shop.claim("2")
    step_functions.error = "ThrottlingException"
    assert follow(waiting(), waiting("2")) == failed(0)
    step_functions.error = None
    assert follow(waiting()) == failed()
    assert step_functions.calls[-1] == canceled(TOKEN)


def test_a_baristas_decision_is_not_sent_again_by_tracking(
    shop: Shop, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    shop.claim()
    follow(waiting())
    order_table.decide(ORDER_ID, Complete(Barista("Julia", "Julia")), NOW)
    assert follow(waiting()) == failed()
    assert step_functions.calls == []


# --- Attempts, each with a token of its own -----------------------------------------------------


def test_the_token_of_the_latest_attempt_is_kept(shop: Shop, printed: Printed) -> None:
    shop.claim()
    follow(waiting(token="second", attempt=1))
    before = shop.item()
    assert before["taskToken"] == "second"
    assert follow(waiting(token="first", attempt=0)) == failed()
    assert shop.item() == before
    follow(waiting(token="third", attempt=2))
    assert shop.item()["taskToken"] == "third"
    assert printed.metrics == {"OrdersReceived": 1}


def test_an_order_that_runs_again_counts_its_attempts_anew(shop: Shop) -> None:
    shop.claim()
    follow(waiting(attempt=3), ended("OrderTimedOut"))
    shop.claim(run=ANOTHER_RUN, state="Claim ended order")
    assert follow(waiting(run=ANOTHER_RUN, token="of the other run")) == failed()
    assert shop.item()["taskToken"] == "of the other run"


@pytest.mark.parametrize(
    "decision",
    [Complete(Barista("Julia", "Julia")), Decline(Barista("Julia", "Julia"), "No milk."), Cancel()],
)
def test_what_was_decided_with_an_earlier_token_is_sent_again(
    shop: Shop,
    order_table: OrderTable,
    step_functions: StepFunctions,
    decision: Complete | Decline | Cancel,
) -> None:
    shop.claim()
    follow(waiting(token="first"))
    order_table.decide(ORDER_ID, decision, NOW)
    assert follow(waiting(token="second", attempt=1)) == failed()
    [(_, parameters)] = step_functions.calls
    assert parameters["taskToken"] == "second"


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("error", [None, "TaskTimedOut", "InvalidToken"])
def test_a_run_that_waits_without_its_order_is_ended_and_its_slot_is_free(
    shop: Shop,
    order_table: OrderTable,
    step_functions: StepFunctions,
    again: bool,
    error: str | None,
) -> None:
    # It was redriven after its order had ended; or it is over, and the event was late.
    shop.claim()
    order_table.decide(ORDER_ID, Cancel(), NOW)
    follow(ended("OrderTimedOut"))
    if again:
        shop.claim(run=ANOTHER_RUN, state="Claim ended order")
        shop.reserve(ANOTHER_RUN)
    shop.reserve()
    before = shop.item()
    step_functions.error = error
    assert follow(waiting()) == failed()
    assert shop.item() == before
    assert step_functions.calls == [taken(TOKEN)]
    assert shop.reservations() == ({"second"} if again else set())


def test_ending_a_run_without_its_order_is_tried_again(
    shop: Shop, step_functions: StepFunctions
) -> None:
    shop.claim()
    shop.claim("2")
    follow(ended("OrderTimedOut"))
    step_functions.error = "ThrottlingException"
    assert follow(waiting(), waiting("2")) == failed(0)


def test_a_run_whose_order_is_unknown_goes_on_waiting(
    shop: Shop, step_functions: StepFunctions
) -> None:
    assert follow(waiting()) == failed()
    assert shop.item() == {}
    assert step_functions.calls == []


# --- The batch ----------------------------------------------------------------------------------


def test_only_what_failed_is_delivered_again(shop: Shop) -> None:
    shop.claim()
    unknown = ended("SomethingElse")
    assert follow("no JSON", waiting(), {"detail-type": "x"}, unknown) == failed(0, 2, 3)
    assert shop.item()["status"] == "in preparation"


def test_a_batch_of_failures_does_not_quote_a_token(
    shop: Shop, order_table: OrderTable, step_functions: StepFunctions
) -> None:
    # Lambda logs what the handler raises.
    order_table.decide(ORDER_ID, Cancel(), NOW)
    shop.claim()
    step_functions.error = "ValidationException"
    with pytest.raises(BatchProcessingError) as raised:
        follow(waiting())
    assert SECRET not in str(raised.value)


def test_every_log_line_names_its_order(
    shop: Shop, order_table: OrderTable, step_functions: StepFunctions, printed: Printed
) -> None:
    for order_id in ("1", "2", "3"):
        shop.claim(order_id)
    order_table.decide("2", Cancel(), NOW)
    order_table.decide("3", Cancel(), NOW)
    follow(waiting("1"), waiting("2"), ended(order_id="1"))
    step_functions.error = "TaskTimedOut"
    follow(waiting("1"), waiting("unknown"), waiting("3"))
    assert [line["order_id"] for line in printed.logs] == ["1", "2", "1", "1", "unknown", "3"]
    assert DRINK not in printed.text
    assert USER_ID not in printed.text
