"""What comes of a barista's click, from API Gateway's event to its answer."""

import time

import pytest

from aws.order_table import OrderTable
from barista_callback import callback
from orders.model import Barista, Cancel, Complete, Decline, Status
from tests.unit.api import CLICKS, JULIA, click, prepare, refused
from tests.unit.events import NOW, ORDER_ID, RUN, TOKEN
from tests.unit.printed import Printed
from tests.unit.step_functions import StepFunctions, completed, declined, prolonged
from tests.unit.tables import Tables

pytestmark = pytest.mark.usefixtures("waiting")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback, "END_TIMEOUT_SECONDS", 0.001)


@pytest.fixture
def waiting(tables: Tables, order_table: OrderTable) -> None:
    prepare(tables, order_table)


def test_completing_resumes_the_workflow(step_functions: StepFunctions) -> None:
    status_code, answer = click("complete", JULIA)
    assert (status_code, answer["orderId"]) == (200, ORDER_ID)
    assert step_functions.calls == [completed("Julia", TOKEN)]


def test_declining_resumes_the_workflow(step_functions: StepFunctions) -> None:
    status_code, answer = click("decline", JULIA | {"reason": " no milk "})
    assert (status_code, answer["orderId"]) == (200, ORDER_ID)
    assert step_functions.calls == [declined("no milk", TOKEN)]


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


@pytest.mark.usefixtures("impatient")
def test_a_retry_succeeds_when_only_the_first_answer_was_lost(
    order_table: OrderTable, step_functions: StepFunctions
) -> None:
    click("complete", JULIA)
    step_functions.error = "TaskTimedOut"
    status_code, body = click("complete", JULIA)
    assert status_code == 200
    # It may also have been too late, both times: nothing is promised that is not known.
    assert body["message"].startswith("Your click was recorded")
    order = order_table.load(ORDER_ID)
    assert order
    assert order.decision == Complete(Barista("Julia", "Julia"))


@pytest.mark.parametrize(("action", "body"), CLICKS)
def test_another_barista_comes_too_late(
    order_table: OrderTable,
    step_functions: StepFunctions,
    action: str,
    body: dict[str, str],
) -> None:
    order_table.decide(ORDER_ID, Complete(Barista("Paul", "Paul")), NOW)
    told = refused(409, f"Order {ORDER_ID}: Paul has completed it.")
    assert click(action, body) == told
    assert step_functions.calls == []


def test_a_barista_hears_that_the_customer_was_faster(order_table: OrderTable) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    told = refused(409, f"Order {ORDER_ID}: the customer has canceled it.")
    assert click("complete", JULIA) == told


def test_a_barista_hears_who_declined_and_why(order_table: OrderTable) -> None:
    order_table.decide(ORDER_ID, Decline(Barista("Paul", "Paul"), "no beans"), NOW)
    told = refused(409, f"Order {ORDER_ID}: Paul has declined it (no beans).")
    assert click("complete", JULIA) == told


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
    assert (status_code, answer["message"][:23]) == (200, "Your click was recorded")
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


def test_of_two_decisions_of_one_barista_the_workflow_takes_the_first(
    order_table: OrderTable, step_functions: StepFunctions, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The answer to the first got lost, the second does not know that.
    step_functions.error = "ThrottlingException"
    click("decline", JULIA | {"reason": "no milk"})
    step_functions.error = "TaskTimedOut"
    texts = {"code": "ERROR-104", "message": "No milk."}
    monkeypatch.setattr(
        time,
        "sleep",
        lambda _: order_table.end(ORDER_ID, RUN, Status.REJECTED, NOW, dict(texts)),
    )
    told = refused(409, f"Order {ORDER_ID} has ended: it was rejected (ERROR-104).")
    assert click("complete", JULIA) == told


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
