"""The exercise's own steps, one by one, with its payloads."""

from collections.abc import Iterator

import pytest

from harness.aws import ON_AWS
from harness.orders import IN_PREPARATION, WAITING, Order
from harness.shop import DeployedShop

PAYLOAD = {
    "orderId": "1234567890",
    "userId": "lars.roewekamp",
    "drink": "Americano grande latte",
}


def the_order() -> Order:
    return Order(user_id="lars.roewekamp")


@pytest.fixture
def waiting(shop: DeployedShop) -> Iterator[tuple[Order, str]]:
    """An order that was started by hand, and its execution, which waits for a barista."""
    order = the_order()
    execution = shop.order_by_hand(order)
    shop.workflow.token(execution)
    yield order, execution
    shop.workflow.complete(execution)


def test_steps_1_and_2_an_order_enters_the_workflow_and_the_store_info_is_read(
    shop: DeployedShop, waiting: tuple[Order, str]
) -> None:
    order, execution = waiting
    assert shop.workflow.state_outputs(execution)["Order created"] == {
        "orderToCreate": {"state": "received", **order.detail},
        "displayMessage": f"Order with id {order.order_id} entered workflow.",
    }

    output = shop.workflow.state_outputs(execution)["Get store info"]
    assert output["storeInfo"]["Item"] == {"PK": {"S": "config"}, "open": {"BOOL": True}}


def test_step_3_counts_the_running_executions_if_told_to(shop: DeployedShop) -> None:
    shop.configure(capacityCheck="executions")
    execution = shop.order_by_hand(the_order())
    shop.workflow.token(execution)

    output = shop.workflow.state_outputs(execution)["ListExecutions"]
    running = [run["ExecutionArn"] for run in output["isCapacityAvailable"]["Executions"]]
    # On AWS the list lags behind: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
    assert running == [execution] or (ON_AWS and running == [])
    assert "Is capacity available?" in shop.workflow.states_entered(execution)
    assert shop.reservations() == set()

    shop.workflow.complete(execution)


def test_step_3_reserves_a_slot_by_default(shop: DeployedShop, waiting: tuple[Order, str]) -> None:
    order, execution = waiting
    assert shop.reservations() == {order.order_id}
    assert "ListExecutions" not in shop.workflow.states_entered(execution)


def test_step_4_announces_the_preparation_and_hands_out_the_task_token(
    shop: DeployedShop, waiting: tuple[Order, str]
) -> None:
    order, execution = waiting
    event = shop.wait_for_event(order, WAITING)
    shop.wait_for_preparation(order)
    assert event["source"] == "ok.serverlessworkshop"
    assert event["detail"] == {
        "Message": "Thank you for 'submitting an order'. "
        "The workflow resumes as soon as a barista finish your drink.",
        "TaskToken": shop.workflow.token(execution),
        "attempt": 0,
        "since": shop.item(order)["preparingAt"],
        **order.detail,
    }
    assert shop.wait_for_event(order, IN_PREPARATION)["detail"] == order.detail
    assert shop.workflow.states_entered(execution)[-1] == "Awaiting order completion"


def test_steps_5_and_6_an_order_is_completed_and_can_be_run_again(shop: DeployedShop) -> None:
    for _ in range(2):
        execution = shop.workflow.start({"detail": PAYLOAD})
        assert shop.workflow.complete(execution) == {
            "orderCompleted": {
                "displayMessage": "Order with id 1234567890 is ready for pick up.",
                "orderCreated": {
                    "orderId": "1234567890",
                    "orderStatus": "ready for pickup",
                    "userId": "lars.roewekamp",
                    "drink": "Americano grande latte",
                    "baristaId": "Julia",
                },
            }
        }
        # Some emulators tell order_tracking of the end late, and until then it is a repeat.
        shop.wait_for_status(Order(order_id="1234567890"), "ready for pickup")


def test_step_6_a_closed_store_refuses_the_order(shop: DeployedShop) -> None:
    shop.configure(open=False)
    execution = shop.order_by_hand(the_order())

    assert shop.workflow.output(execution) == {
        "error": {
            "code": "ERROR-101",
            "message": "The order cannot be executed because the store is closed.",
        },
        "contact": {
            "message": "Don't hesitate to contact us.",
            "email": "serverless-coffee@gmail.com",
            "phone": "0800 1234-5678",
        },
    }
    assert shop.workflow.states_entered(execution)[-3:] == [
        "Store closed",
        "Error Handling",
        "Announce outcome",
    ]


def test_a_completed_order_costs_at_most_ten_transitions(shop: DeployedShop) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    shop.complete(order)

    assert len(shop.workflow.states_entered(execution)) <= 10
