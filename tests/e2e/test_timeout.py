"""An order that no barista cares for times out; a heartbeat keeps it."""

from harness.orders import COMPLETED, TIMED_OUT, Order, execution_of
from harness.polling import until
from harness.shop import DeployedShop

from .capabilities import heartbeats_end, need

MESSAGE = "Your order timed out because no barista finished it. Please order again."
JULIA = {"baristaId": "Julia"}


def test_a_forgotten_order_times_out_and_a_cared_for_one_does_not(shop: DeployedShop) -> None:
    need(heartbeats_end)
    cared_for, forgotten = Order(), Order()
    with shop.workflow.impatient():
        prepared = shop.order_by_hand(cared_for)
        shop.wait_for_preparation(cared_for)
        # Younger than the other one, so when it times out the other one is past its time too.
        shop.order_by_hand(forgotten)

    def beat() -> str:
        response = shop.click(cared_for, "heartbeat", JULIA)
        assert response.status_code == 200, response.text
        return str(shop.item(forgotten).get("status"))

    until("order timed out", beat, lambda status: status == "timed out")

    event = shop.wait_for_event(forgotten, TIMED_OUT)
    assert event["detail"] == forgotten.detail | {"message": MESSAGE}
    assert shop.workflow.output(execution_of(event))["orderTimedOut"]["orderCreated"] == (
        forgotten.detail | {"orderStatus": "timed out"}
    )
    assert shop.reservations() == {cared_for.order_id}
    shop.complete(cared_for)
    assert "orderCompleted" in shop.workflow.output(prepared)
    shop.wait_for_event(cared_for, COMPLETED)
    assert shop.events_about(cared_for, TIMED_OUT) == []

    assert shop.wait_for_text(forgotten, "timed out") == f"{forgotten.drink}: {MESSAGE}"
    clicks = ("complete", "decline", "heartbeat")
    answers = [shop.click(forgotten, what, JULIA | {"reason": "Too late."}) for what in clicks]
    assert [answer.status_code for answer in answers] == [410, 410, 410]
    assert "timed out" in answers[0].json()["message"]
    assert shop.item(forgotten)["status"] == "timed out"
