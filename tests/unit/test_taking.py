"""Who makes a drink: one barista at a time, and the customer no longer cancels it."""

import json
from collections.abc import Mapping

import pytest

from aws import clients
from aws.order_table import OrderTable
from order_cancellation.cancellation import cancel
from orders.model import Barista, Cancel, Complete, Status
from orders.timeline import Step, timeline
from tests.unit.api import CLICKS, JULIA, ask, click, look, refused, request
from tests.unit.events import ANOTHER_RUN, NOW, ORDER_ID, RUN, TOKEN
from tests.unit.step_functions import StepFunctions, completed, prolonged
from tests.unit.tables import Tables

pytestmark = pytest.mark.usefixtures("waiting")
MARCO = {"baristaId": "Marco"}
TAKE = f"/orders/{ORDER_ID}/take"


def take(body: Mapping[str, object] = JULIA) -> tuple[int, str]:
    status, answer = click("take", body)
    return status, answer["message"]


def give_back(body: dict[str, str] = JULIA) -> int:
    return request("DELETE", TAKE, body)[0]


def test_who_takes_an_order_is_seen_and_its_time_begins_again(
    step_functions: StepFunctions,
) -> None:
    before = look()[1]
    assert take()[0] == 200
    assert step_functions.calls == [prolonged(TOKEN)]
    after = look()[1]
    assert after["takenBy"] == "Julia"
    assert after["timesOutAt"] > before["timesOutAt"]
    assert request("GET", "/orders", query={"status": "in preparation"})[1]["orders"] == [after]


def test_a_second_barista_hears_who_makes_it_and_may_take_it_over() -> None:
    take()
    assert take(MARCO) == (
        409,
        f"Order {ORDER_ID}: Julia is making it. Take it over, or leave it.",
    )
    assert look()[1]["takenBy"] == "Julia"
    assert take(MARCO | {"over": True})[0] == 200
    assert look()[1]["takenBy"] == "Marco"
    assert take()[0] == 409


def test_the_same_barista_may_ask_again(step_functions: StepFunctions) -> None:
    assert take() == take()
    assert step_functions.calls == [prolonged(TOKEN)] * 2


@pytest.mark.parametrize(("action", "body"), CLICKS[:2])
def test_only_who_makes_it_decides(
    step_functions: StepFunctions, action: str, body: dict[str, str]
) -> None:
    take(MARCO)
    assert click(action, body) == refused(
        409, f"Order {ORDER_ID}: Marco is making it. Take it over first."
    )
    assert click(action, body | MARCO)[0] == 200
    assert len(step_functions.calls) == 2


def test_a_click_that_came_before_the_take_counts(order_table: OrderTable) -> None:
    order_table.decide(ORDER_ID, Complete(Barista("Marco", "Marco")), NOW)
    assert take() == (409, f"Order {ORDER_ID}: Marco has completed it.")
    assert take(JULIA | {"over": True})[0] == 409


def test_what_is_given_back_can_be_taken_and_canceled(
    order_table: OrderTable, step_functions: StepFunctions
) -> None:
    take()
    assert give_back(MARCO) == 409
    assert give_back() == 200
    assert "takenBy" not in look()[1]
    assert give_back() == 409
    assert order_table.decide(ORDER_ID, Cancel(), NOW)
    assert take()[0] == 409
    assert len(step_functions.calls) == 1


def test_without_a_body_nobody_gives_it_back() -> None:
    answer = ask("DELETE", TAKE)
    assert answer["statusCode"] == 422
    assert [error["field"] for error in json.loads(answer["body"])["errors"]] == ["body.baristaId"]


def test_a_take_of_what_is_over_says_how_it_ended(
    order_table: OrderTable, step_functions: StepFunctions
) -> None:
    step_functions.error = "TaskTimedOut"
    assert take()[0] == 410
    order_table.end(ORDER_ID, RUN, Status.CANCELED, NOW, {})
    assert take() == (409, f"Order {ORDER_ID} has ended: it is canceled.")
    assert "takenBy" not in look()[1]


def test_a_drink_that_somebody_makes_is_not_canceled(
    order_table: OrderTable, step_functions: StepFunctions
) -> None:
    take()
    cancel(order_table, clients.workflow(), ORDER_ID, NOW, NOW)
    assert step_functions.calls == [prolonged(TOKEN)]
    order = order_table.load(ORDER_ID)
    assert order is not None
    assert order.decision is None
    entries = [(entry.step, entry.by) for entry in timeline(order)]
    assert (Step.TAKEN, "Julia") in entries
    assert (Step.WITHOUT_EFFECT, None) in entries
    assert Step.PROLONGED not in dict(entries)
    assert click("complete", JULIA)[0] == 200
    assert step_functions.calls[-1] == completed("Julia", TOKEN)


def test_another_run_begins_without_a_taker(tables: Tables, order_table: OrderTable) -> None:
    take()
    order_table.note_refused_cancellation(ORDER_ID, NOW)
    order_table.end(ORDER_ID, RUN, Status.TIMED_OUT, NOW, {})
    assert tables.claim(run=ANOTHER_RUN, by_hand=True)
    assert not {"takenBy", "takenById", "takenAt", "cancelRefusedAt"} & tables.item().keys()
