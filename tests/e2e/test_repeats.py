"""Events come at least once and people click twice; there is one drink all the same."""

from concurrent.futures import ThreadPoolExecutor

import requests

from harness.orders import COMPLETED, CREATED, WAITING, Order
from harness.shop import DeployedShop

BARISTAS = ("Julia", "Marco")


def test_a_repeated_event_makes_no_second_drink(shop: DeployedShop) -> None:
    order = Order()
    ignored = {
        "orderIgnored": {
            "displayMessage": f"Order with id {order.order_id} "
            "is known already and was not made again."
        }
    }

    shop.publish(CREATED, order.detail, order.detail)
    (execution,) = shop.wait_for_preparation(order)
    shop.place(order)
    repeats = set(shop.workflow.executions(order, at_least=3)) - {execution}
    assert [shop.workflow.output(repeat) for repeat in repeats] == [ignored] * 2
    assert shop.item(order)["execution"] == execution
    assert shop.reservations() == {order.order_id}

    shop.complete(order)
    ended = shop.wait_for_status(order, "ready for pickup")
    shop.place(order)
    repeats = set(shop.workflow.executions(order, at_least=4)) - {execution}
    assert [shop.workflow.output(repeat) for repeat in repeats] == [ignored] * 3
    assert shop.item(order) == ended

    shop.wait_for_message(order, "ready for pickup")
    assert len(shop.events_about(order, WAITING)) == 1
    assert len(shop.events_about(order, COMPLETED)) == 1
    assert sorted(shop.statuses_told(order)) == ["in preparation", "ready for pickup"]


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
