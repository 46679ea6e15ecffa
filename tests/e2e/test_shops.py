"""One stack is one shop: two in one account neither fill nor see each other."""

from collections.abc import Iterator

import pytest

from harness.aws import ON_AWS
from harness.customer import Customer
from harness.deployment import Stack
from harness.orders import CANCELED, COMPLETED, WAITING, Order, execution_of
from harness.polling import until
from harness.shop import DeployedShop

from .deploying import deployed_shop

# Does not begin with the name of the first, by which tests find that one's queues.
OTHER = Stack("other-shop")


@pytest.fixture(scope="module")
def open_other() -> Iterator[DeployedShop]:
    if ON_AWS:
        pytest.skip("make aws-check deploys one stack, and this needs a second one")
    with deployed_shop(OTHER) as shop:
        yield shop


@pytest.fixture
def other(open_other: DeployedShop) -> Iterator[DeployedShop]:
    yield open_other
    open_other.close_up()


def test_one_is_closed_while_the_other_is_full(shop: DeployedShop, other: DeployedShop) -> None:
    shop.configure(open=False)
    other.configure(capacity=1)
    ada, bob, eve = Customer(shop.outputs), Customer(other.outputs), Customer(other.outputs)
    assert (shop.get("/menu").json()["open"], other.get("/menu").json()["open"]) == (False, True)
    bob.order()
    bob.wait_for_status("in preparation")
    assert (ada.refusal_code(), eve.refusal_code()) == ("ERROR-101", "ERROR-103")
    refused = [each.workflow.output(each.order_by_hand(Order())) for each in (shop, other)]
    assert [output["error"]["code"] for output in refused] == ["ERROR-101", "ERROR-103"]

    shop.configure(open=True, capacity=1)
    ada.order()
    ada.wait_for_status("in preparation")
    assert (shop.reservations(), other.reservations()) == ({ada.order_id}, {bob.order_id})
    for customer in (ada, bob):
        customer.cancel()
        customer.wait_for_status("canceled")


def test_the_same_order_in_both_is_two_orders(shop: DeployedShop, other: DeployedShop) -> None:
    """With the same id: what reached the other would be taken for a repeat, or end it."""
    same, mine, theirs = Order(), Order(), Order()
    (there,) = other.prepare(same)
    (here, _) = shop.prepare(same, mine)
    other.prepare(theirs)

    numbers = [int(other.item(order)["number"]) for order in (same, theirs)]
    assert (numbers[1] - numbers[0]) % 99 == 1  # None went to those of the first shop.
    alone = {"waiting": numbers, "making": [], "ready": []}
    until("board of the other shop", other.board, lambda board: board == alone)
    assert set(shop.counter(2)) == {same.order_id, mine.order_id}
    assert set(other.counter(2)) == {same.order_id, theirs.order_id}
    for action in ("take", "complete"):
        assert other.click(mine, action, {"baristaId": "Marco"}).status_code == 404
    assert other.get(f"/orders/{mine.order_id}").status_code == 404

    other.cancel(same)
    other.wait_for_message(same, "canceled")
    shop.complete(same, mine)
    shop.wait_for_message(same, "ready for pickup")
    other.complete(theirs)
    other.wait_for_message(theirs, "ready for pickup")
    for where, execution, outcome in ((shop, here, COMPLETED), (other, there, CANCELED)):
        for detail_type in (WAITING, outcome):
            (event,) = where.events_about(same, detail_type)
            assert execution_of(event) == execution
    assert sorted(shop.statuses_told(same)) == ["in preparation", "ready for pickup"]
    assert sorted(other.statuses_told(same)) == ["canceled", "in preparation"]
    for where, order in ((shop, theirs), (other, mine)):
        heard = {event["detail"].get("orderId") for event in where.bus.received()}
        assert order.order_id not in heard
        assert (where.messages_to(order), where.item(order)) == ([], {})
