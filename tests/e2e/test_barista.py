"""The barista's API: completing, declining and looking at orders."""

from harness.orders import COMPLETED, REJECTED, WAITING, Order
from harness.polling import until
from harness.shop import DeployedShop

JULIA, MARCO = {"baristaId": "Julia"}, {"baristaId": "Marco"}
NO_MILK = {"baristaId": "Julia", "reason": "We ran out of milk."}
DECLINED = {
    "code": "ERROR-104",
    "message": "The order cannot be executed because a barista declined it (We ran out of milk.).",
}


def test_completing_an_order_ends_it(shop: DeployedShop) -> None:
    order = Order()
    (execution,) = shop.prepare(order)

    response = shop.click(order, "complete", JULIA)

    assert response.status_code == 200
    assert response.json()["orderId"] == order.order_id
    created = shop.workflow.output(execution)["orderCompleted"]["orderCreated"]
    assert created == order.detail | {"orderStatus": "ready for pickup", "baristaId": "Julia"}
    assert shop.reservations() == set()
    assert shop.wait_for_event(order, COMPLETED)["detail"] == order.detail | {
        "baristaId": "Julia",
        "message": "Your order is ready for pick-up. Julia prepared it.",
    }
    shop.wait_for_status(order, "ready for pickup")
    shown = shop.get(f"/orders/{order.order_id}")
    assert shown.status_code == 200
    known = {name: value for name, value in shown.json().items() if not name.endswith("At")}
    assert 1 <= known.pop("number") <= 99
    assert known == order.detail | {
        "status": "ready for pickup",
        "baristaId": "Julia",
        "message": "Your order is ready for pick-up. Julia prepared it.",
    }
    times = [shown.json()[time] for time in ("receivedAt", "preparingAt", "endedAt")]
    assert times == sorted(times)


def test_the_counter_shows_what_is_in_preparation_and_what_has_ended(shop: DeployedShop) -> None:
    orders = [Order(), Order(), Order()]
    for order in orders:
        shop.prepare(order)
    first, second, third = (order.order_id for order in orders)
    assert shop.counter(3) == [first, second, third]

    shop.complete(orders[1])
    shop.wait_for_status(orders[1], "ready for pickup")
    assert shop.counter(2) == [first, third]

    for order in (orders[0], orders[2]):
        shop.complete(order)
        shop.wait_for_status(order, "ready for pickup")
    assert shop.counter(0) == []
    ended = shop.get("/orders?status=ended").json()["orders"]  # The last that ended first.
    assert [order["orderId"] for order in ended[:3]] == [third, first, second]


def test_a_decision_that_the_workflow_has_not_received_is_sent_with_a_repeat_of_its_event(
    shop: DeployedShop,
) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    shop.decide(order, kind="complete", baristaId="julia", name="Julia", at="2026-03-02T08:20:00Z")
    shop.send_again(shop.wait_for_event(order, WAITING))
    assert "orderCompleted" in shop.workflow.output(execution)
    assert shop.wait_for_status(order, "ready for pickup")["baristaId"] == "Julia"


def test_declining_an_order_rejects_it_with_the_reason(shop: DeployedShop) -> None:
    order = Order()
    (execution,) = shop.prepare(order)

    response = shop.click(order, "decline", NO_MILK)

    assert response.status_code == 200
    assert shop.workflow.output(execution) == {
        "error": DECLINED,
        "contact": {
            "message": "Don't hesitate to contact us.",
            "email": "serverless-coffee@gmail.com",
            "phone": "0800 1234-5678",
        },
    }
    assert shop.reservations() == set()
    assert shop.wait_for_event(order, REJECTED)["detail"] == order.detail | DECLINED
    assert shop.wait_for_text(order, "rejected") == f"{order.drink}: {DECLINED['message']}"
    item = shop.wait_for_status(order, "rejected")
    assert (item["code"], item["message"]) == (DECLINED["code"], DECLINED["message"])


def test_one_barista_makes_a_drink_and_everybody_sees_who(shop: DeployedShop) -> None:
    mine, other = Order(), Order()
    shop.prepare(mine, other)
    numbers = {order: int(shop.item(order)["number"]) for order in (mine, other)}
    assert len({*numbers.values()}) == 2
    assert shop.click(mine, "take", JULIA).status_code == 200
    refused = shop.click(mine, "take", MARCO)
    assert (refused.status_code, "Julia" in refused.json()["message"]) == (409, True)
    assert shop.click(mine, "complete", MARCO).status_code == 409
    shop.cancel(mine)
    until(
        "cancellation that was refused",
        lambda: shop.item(mine),
        lambda item: "cancelRefusedAt" in item,
    )
    until(
        "board",
        shop.board,
        lambda board: (numbers[mine] in board["making"]) and board["waiting"] == [numbers[other]],
    )
    assert shop.get(f"/orders/{mine.order_id}").json()["takenBy"] == "Julia"
    assert shop.click(mine, "take", MARCO | {"over": True}).status_code == 200
    assert shop.give_back(mine, "Julia").status_code == 409
    assert shop.give_back(mine, "Marco").status_code == 200
    shop.complete(mine, other)
    shop.wait_for_status(mine, "ready for pickup")
    until("number that is called", shop.board, lambda board: numbers[mine] in board["ready"])


def test_a_drink_is_made_again_as_an_order_of_its_own(shop: DeployedShop) -> None:
    first = Order()
    shop.prepare(first)
    shop.complete(first)
    shop.wait_for_status(first, "ready for pickup")
    answer = shop.click(first, "again", JULIA)
    assert answer.status_code == 202
    again = Order(order_id=answer.json()["orderId"], user_id=first.user_id)
    shop.wait_for_preparation(again)
    shown = shop.get(f"/orders/{again.order_id}").json()
    assert (shown["drink"], shown["againOf"]) == (first.drink, first.order_id)
    assert shop.click(first, "again", JULIA).status_code == 409
    shop.complete(again)
    assert shop.wait_for_text(again, "ready for pickup")
