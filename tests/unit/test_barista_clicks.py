"""What comes of a barista's click, from API Gateway's event to its answer."""

import time

import pytest

from aws.order_table import OrderTable
from barista_callback import callback
from orders.model import Barista, Cancel, Complete, Decision, Decline, Status
from tests.unit.api import CLICKS, JULIA, click, refused
from tests.unit.events import NOW, ORDER_ID, RUN, TOKEN
from tests.unit.printed import Printed
from tests.unit.step_functions import Call, StepFunctions, completed, declined, prolonged
from tests.unit.tables import Tables

pytestmark = pytest.mark.usefixtures("waiting")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback, "END_TIMEOUT_SECONDS", 0.001)


@pytest.mark.parametrize(
    ("action", "body", "sent"),
    [
        ("complete", JULIA, completed("Julia", TOKEN)),
        ("decline", JULIA | {"reason": " no milk "}, declined("no milk", TOKEN)),
    ],
)
def test_a_decision_resumes_the_workflow(
    step_functions: StepFunctions, action: str, body: dict[str, str], sent: Call
) -> None:
    status_code, answer = click(action, body)
    assert (status_code, answer["orderId"]) == (200, ORDER_ID)
    assert step_functions.calls == [sent]


def test_a_heartbeat_prolongs_the_wait_and_decides_nothing(
    tables: Tables, step_functions: StepFunctions
) -> None:
    before = tables.item()
    status_code, answer = click("heartbeat", JULIA)
    assert (status_code, answer["orderId"]) == (200, ORDER_ID)
    assert step_functions.calls == [prolonged(TOKEN)]
    after = tables.item()
    assert after.pop("prolongedAt") > before["preparingAt"]
    assert after.pop("prolongedBy") == "Julia"
    assert after == before


def test_the_same_click_again_is_sent_again(step_functions: StepFunctions) -> None:
    assert click("complete", JULIA) == click("complete", JULIA)
    assert step_functions.calls == [completed("Julia", TOKEN)] * 2


@pytest.mark.parametrize(("action", "body"), CLICKS)
@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (Complete(Barista("Paul", "Paul")), "Paul has completed it"),
        (Decline(Barista("Paul", "Paul"), "no beans"), "Paul has declined it (no beans)"),
        (Cancel(), "the customer has canceled it"),
    ],
)
def test_a_barista_who_comes_too_late_hears_why(
    order_table: OrderTable,
    step_functions: StepFunctions,
    action: str,
    body: dict[str, str],
    decision: Decision,
    why: str,
) -> None:
    order_table.decide(ORDER_ID, decision, NOW)
    assert click(action, body) == refused(409, f"Order {ORDER_ID}: {why}.")
    assert step_functions.calls == []


@pytest.mark.parametrize(("action", "body"), CLICKS)
@pytest.mark.parametrize(
    ("status", "status_code", "how"),
    [
        (Status.READY, 409, "Paul completed it"),
        (Status.REJECTED, 409, "it was rejected (ERROR-104)"),
        (Status.CANCELED, 409, "it is canceled"),
        (Status.FAILED, 409, "it is failed"),
        (Status.TIMED_OUT, 410, "timed out before it was finished"),
    ],
)
def test_a_click_after_the_end_changes_nothing(
    tables: Tables,
    order_table: OrderTable,
    step_functions: StepFunctions,
    action: str,
    body: dict[str, str],
    status: Status,
    status_code: int,
    how: str,
) -> None:
    texts = {"barista_name": "Paul", "code": "ERROR-104"}
    order_table.end(ORDER_ID, RUN, status, NOW, dict(texts))
    before = tables.item()
    answer = click(action, body)
    assert answer[0] == status_code
    assert how in answer[1]["message"]
    assert tables.item() == before
    assert step_functions.calls == []


OVER = ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]


@pytest.mark.parametrize("code", OVER)
def test_a_heartbeat_that_the_workflow_no_longer_waits_for_changes_nothing(
    tables: Tables, step_functions: StepFunctions, code: str
) -> None:
    before = tables.item()
    step_functions.error = code
    answer = click("heartbeat", JULIA)
    assert answer[0] == 410
    assert "ended a moment ago" in answer[1]["message"]
    assert tables.item() == before


@pytest.mark.parametrize("code", OVER)
@pytest.mark.parametrize(
    ("action", "body", "status", "texts", "told"),
    [
        (*CLICKS[0], Status.READY, {"barista_name": "Julia"}, (200, "The order is completed")),
        (*CLICKS[1], Status.REJECTED, {"code": "ERROR-104"}, (200, "The order is declined")),
        (*CLICKS[0], Status.TIMED_OUT, {}, (410, "timed out before it was finished")),
        (*CLICKS[1], Status.TIMED_OUT, {}, (410, "timed out before it was finished")),
        (*CLICKS[0], Status.REJECTED, {"code": "ERROR-104"}, (409, "rejected (ERROR-104)")),
        (*CLICKS[1], Status.REJECTED, {"code": "ERROR-100"}, (409, "rejected (ERROR-100)")),
        (*CLICKS[0], Status.READY, {"barista_name": "Paul"}, (409, "Paul completed it")),
        (*CLICKS[0], Status.FAILED, {}, (409, "it is failed")),
    ],
)
def test_where_the_workflow_no_longer_waits_the_orders_end_tells_why(
    order_table: OrderTable,
    step_functions: StepFunctions,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    action: str,
    body: dict[str, str],
    status: Status,
    texts: dict[str, str | None],
    told: tuple[int, str],
) -> None:
    # AWS says the same of a time-out and of a callback that got through, but lost its answer.
    def meanwhile(_seconds: float) -> None:
        order_table.end(ORDER_ID, RUN, status, NOW, texts)

    monkeypatch.setattr(time, "sleep", meanwhile)
    step_functions.error = code
    answer = click(action, body)
    assert answer[0] == told[0]
    assert told[1] in answer[1]["message"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("code", OVER)
@pytest.mark.parametrize(
    ("action", "body", "decision"),
    [
        (*CLICKS[0], Complete(Barista("Julia", "Julia"))),
        (*CLICKS[1], Decline(Barista("Julia", "Julia"), "no milk")),
    ],
)
def test_a_click_is_kept_where_the_end_takes_its_time(
    order_table: OrderTable,
    step_functions: StepFunctions,
    code: str,
    action: str,
    body: dict[str, str],
    decision: Complete | Decline,
) -> None:
    step_functions.error = code
    status_code, answer = click(action, body)
    assert (status_code, answer["message"][:23]) == (202, "Your click was recorded")
    order = order_table.load(ORDER_ID)
    assert order
    assert order.decision == decision


def test_a_barista_may_decide_otherwise_after_an_outage(
    order_table: OrderTable, step_functions: StepFunctions
) -> None:
    step_functions.error = "ThrottlingException"
    assert click("decline", JULIA | {"reason": "no milk"})[0] == 503
    step_functions.error = None
    told = refused(409, f"Order {ORDER_ID}: Julia has declined it (no milk).")
    assert click("complete", {"baristaId": "Paul"}) == told
    assert click("complete", JULIA)[0] == 200
    assert step_functions.calls[-1] == completed("Julia", TOKEN)
    order = order_table.load(ORDER_ID)
    assert order
    assert order.decision == Complete(Barista("Julia", "Julia"))


@pytest.mark.parametrize(
    ("first", "then", "what"),
    [(CLICKS[0], CLICKS[1], "completed it"), (CLICKS[1], CLICKS[0], "declined it (no milk)")],
)
def test_what_the_workflow_has_received_cannot_be_changed(
    tables: Tables,
    step_functions: StepFunctions,
    first: tuple[str, dict[str, str]],
    then: tuple[str, dict[str, str]],
    what: str,
) -> None:
    assert click(*first)[0] == 200
    before = tables.item()
    step_functions.error = "TaskTimedOut"
    told = f"Order {ORDER_ID}: Julia has {what}, and it is about to end."
    assert click(*then) == refused(409, told)
    assert tables.item() == before


@pytest.mark.parametrize(("action", "body"), CLICKS)
def test_an_outage_can_be_tried_again(
    step_functions: StepFunctions, action: str, body: dict[str, str]
) -> None:
    step_functions.error = "ThrottlingException"
    answer = click(action, body)
    assert answer == refused(503, "The shop's systems are busy. Try again in a moment.")
    step_functions.error = None
    assert click(action, body)[0] == 200


@pytest.mark.parametrize(("action", "body"), CLICKS)
def test_a_click_on_an_order_that_is_not_in_preparation_is_refused(
    tables: Tables, step_functions: StepFunctions, action: str, body: dict[str, str]
) -> None:
    tables.claim("new")
    told = "Order new is not in preparation yet. Try again in a moment."
    assert click(action, body, "new") == refused(409, told)
    assert "decision" not in tables.item("new")
    assert step_functions.calls == []


def test_what_is_logged_about_a_click_names_its_order(
    step_functions: StepFunctions, printed: Printed
) -> None:
    click("complete", JULIA)
    click("heartbeat", JULIA)
    step_functions.error = "ThrottlingException"
    click("complete", JULIA)
    assert [line["message"] for line in printed.logs] == [
        "A barista has decided",
        "Request refused",
        "An AWS call failed",
    ]
    assert {line["order_id"] for line in printed.logs} == {ORDER_ID}
