"""The answer to the workflow's PutEvents gets lost: it waits anew, with another token."""

from tests.e2e.inbox import Message
from tests.e2e.orders import WAITING, Order
from tests.e2e.polling import until
from tests.e2e.shop import Shop

from .audit import audit
from .queues import Queues
from .switch import failing

LOST_ANSWER: dict[str, object] = {
    "service": "events",
    "operation": "PutEvents",
    "kind": "lost-answer",
    "code": "InternalException",
    "status": 500,
    "calls": 1,
}


def test_a_token_that_arrives_late_does_not_replace_that_of_a_later_attempt(
    shop: Shop, queues: Queues
) -> None:
    order = Order()
    with failing(LOST_ANSWER):
        shop.place(order)
        waits = until(
            f"two attempts to wait with {order}",
            lambda: shop.all_heard(order, WAITING),
            lambda events: len(events) == 2,
        )
    first, second = sorted(waits, key=_attempt)
    assert (_attempt(first), _attempt(second)) == (0, 1)
    until(
        "the second token",
        lambda: shop.item(order).get("taskToken"),
        lambda token: token == second["detail"]["TaskToken"],
    )
    before = shop.item(order)

    shop.send_again(first)

    shop.logs.about("order-tracking", order, "dropped")
    assert shop.item(order) == before
    shop.complete(order)
    audit(shop, queues, [order]).report("two attempts to wait", "1 lost answer, 1 late token")


def _attempt(event: Message) -> int:
    return int(event["detail"]["attempt"])
