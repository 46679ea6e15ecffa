"""Events come at least once and people click twice; there is one drink all the same."""

from concurrent.futures import ThreadPoolExecutor

import requests

from harness.orders import COMPLETED, CREATED, WAITING, Order, attributes

from .shop import DeployedShop

JULIA = {"baristaId": "Julia"}
BARISTAS = ("Julia", "Marco")


def ignored(order: Order) -> dict[str, object]:
    return {
        "orderIgnored": {
            "displayMessage": f"Order with id {order.order_id} "
            "is known already and was not made again."
        }
    }


def test_a_repeated_event_makes_no_second_drink(shop: DeployedShop) -> None:
    order = Order()

    shop.publish(CREATED, order.detail, order.detail)
    (execution,) = shop.wait_for_preparation(order)
    shop.place(order)
    repeats = set(shop.workflow.executions(order, at_least=3)) - {execution}
    assert [shop.workflow.output(repeat) for repeat in repeats] == [ignored(order)] * 2
    assert shop.item(order)["execution"] == execution
    assert shop.reservations() == {order.order_id}

    shop.complete(order)
    ended = shop.wait_for_status(order, "ready for pickup")
    shop.place(order)
    repeats = set(shop.workflow.executions(order, at_least=4)) - {execution}
    assert [shop.workflow.output(repeat) for repeat in repeats] == [ignored(order)] * 3
    assert shop.item(order) == ended

    shop.wait_for_message(order, "ready for pickup")
    assert len(shop.events_about(order, WAITING)) == 1
    assert len(shop.events_about(order, COMPLETED)) == 1
    told = [attributes(message)["status"] for message in shop.messages_to(order)]
    assert sorted(told) == ["in preparation", "ready for pickup"]


def test_an_order_in_preparation_is_not_run_again_by_hand(shop: DeployedShop) -> None:
    order = Order()
    (execution,) = shop.prepare(order)

    again = shop.order_by_hand(order)

    assert shop.workflow.output(again) == ignored(order)
    assert shop.item(order)["execution"] == execution
    shop.complete(order)


def test_only_who_claimed_an_order_can_click_again(shop: DeployedShop) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    shop.claim(order, "Julia")

    clicks = [
        shop.click(order, "complete", {"baristaId": "Marco"}),
        shop.click(order, "decline", {"baristaId": "Marco", "reason": "No milk."}),
        shop.click(order, "heartbeat", {"baristaId": "Marco"}),
    ]
    assert [click.status_code for click in clicks] == [409, 409, 409]
    assert "Julia" in clicks[0].json()["message"]

    assert shop.click(order, "complete", JULIA).status_code == 200
    created = shop.workflow.output(execution)["orderCompleted"]["orderCreated"]
    assert created["baristaId"] == "Julia"


def test_of_two_baristas_who_click_at_once_one_gets_the_order(shop: DeployedShop) -> None:
    order = Order()
    (execution,) = shop.prepare(order)

    def click(barista: str) -> requests.Response:
        return shop.click(order, "complete", {"baristaId": barista})

    with ThreadPoolExecutor() as pool:
        clicks = dict(zip(BARISTAS, pool.map(click, BARISTAS), strict=True))

    (winner,) = (barista for barista, click in clicks.items() if click.status_code == 200)
    (loser,) = (click for click in clicks.values() if click.status_code == 409)
    assert winner in loser.json()["message"]
    assert shop.workflow.output(execution)["orderCompleted"]["orderCreated"]["baristaId"] == winner
    shop.wait_for_status(order, "ready for pickup")
    shop.wait_for_message(order, "ready for pickup")
    assert len(shop.events_about(order, COMPLETED)) == 1
