"""What comes of a barista's click, from API Gateway's event to its answer."""

import pytest

from orders.model import Cancel, Complete, Decline, Status
from orders.store import OrderStore
from tests.unit.api import CLICKS, JULIA, click, prepare, refused
from tests.unit.printed import Printed
from tests.unit.shop import NOW, ORDER_ID, RUN, TOKEN, Shop
from tests.unit.step_functions import StepFunctions, completed, declined, prolonged

pytestmark = pytest.mark.usefixtures("waiting")


@pytest.fixture
def waiting(shop: Shop, store: OrderStore) -> None:
    prepare(shop, store)


def test_completing_resumes_the_workflow(step_functions: StepFunctions) -> None:
    status_code, answer = click("complete", JULIA)
    assert (status_code, answer["orderId"]) == (200, ORDER_ID)
    assert step_functions.calls == [completed("Julia", TOKEN)]


def test_declining_resumes_the_workflow(step_functions: StepFunctions) -> None:
    status_code, answer = click("decline", JULIA | {"reason": " no milk "})
    assert (status_code, answer["orderId"]) == (200, ORDER_ID)
    assert step_functions.calls == [declined("no milk", TOKEN)]


def test_a_heartbeat_prolongs_the_wait_and_decides_nothing(
    shop: Shop, step_functions: StepFunctions
) -> None:
    before = shop.item()
    status_code, answer = click("heartbeat", JULIA)
    assert (status_code, answer["orderId"]) == (200, ORDER_ID)
    assert step_functions.calls == [prolonged(TOKEN)]
    after = shop.item()
    assert after.pop("prolongedAt") > before["preparingAt"]
    assert after == before


def test_the_same_click_again_is_sent_again(step_functions: StepFunctions) -> None:
    assert click("complete", JULIA) == click("complete", JULIA)
    assert step_functions.calls == [completed("Julia", TOKEN)] * 2


def test_a_retry_succeeds_when_only_the_first_answer_was_lost(
    store: OrderStore, step_functions: StepFunctions
) -> None:
    click("complete", JULIA)
    step_functions.error = "TaskTimedOut"
    status_code, body = click("complete", JULIA)
    assert status_code == 200
    # It may also have been too late, both times: nothing is promised that is not known.
    assert body["message"].startswith("You have clicked before.")
    order = store.get(ORDER_ID)
    assert order
    assert order.decision == Complete("Julia")


@pytest.mark.parametrize(("action", "body"), CLICKS)
def test_another_barista_comes_too_late(
    store: OrderStore,
    step_functions: StepFunctions,
    action: str,
    body: dict[str, str],
) -> None:
    store.decide(ORDER_ID, Complete("Paul"))
    told = refused(409, f"Order {ORDER_ID}: Paul has completed it.")
    assert click(action, body) == told
    assert step_functions.calls == []


def test_a_barista_hears_that_the_customer_was_faster(store: OrderStore) -> None:
    store.decide(ORDER_ID, Cancel())
    told = refused(409, f"Order {ORDER_ID}: the customer has canceled it.")
    assert click("complete", JULIA) == told


def test_a_barista_hears_who_declined_and_why(store: OrderStore) -> None:
    store.decide(ORDER_ID, Decline("Paul", "no beans"))
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
    shop: Shop,
    store: OrderStore,
    step_functions: StepFunctions,
    action: str,
    body: dict[str, str],
    status: Status,
    status_code: int,
    how: str,
) -> None:
    texts = {"barista_id": "Paul", "code": "ERROR-104"}
    store.end(ORDER_ID, RUN, status, NOW, dict(texts))
    before = shop.item()
    answer = click(action, body)
    assert answer[0] == status_code
    assert how in answer[1]["message"]
    assert shop.item() == before
    assert step_functions.calls == []


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
@pytest.mark.parametrize(("action", "body"), CLICKS)
def test_a_click_that_the_workflow_no_longer_waits_for_leaves_no_claim(
    shop: Shop,
    step_functions: StepFunctions,
    action: str,
    body: dict[str, str],
    code: str,
) -> None:
    before = shop.item()
    step_functions.error = code
    answer = click(action, body)
    assert answer[0] == 410
    assert "ended a moment ago" in answer[1]["message"]
    assert shop.item() == before


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
def test_an_order_that_nobody_waits_for_yet_is_not_clicked(
    shop: Shop, step_functions: StepFunctions, action: str, body: dict[str, str]
) -> None:
    shop.claim("new")
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
