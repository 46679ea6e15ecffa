"""Texts that are blank, that show what they are not, or that name somebody else's customer."""

from collections import Counter

from harness.orders import CREATED, REJECTED, Order, attributes
from tests.e2e.customer import Customer
from tests.e2e.shop import DeployedShop

from .audit import audit
from .queues import Queues

UNSEEN = ["\u202egnp.ettal", "Flat\x1b[2Jwhite", "two\nlines", "Flat\u200bwhite", " \t", "\u3000"]
BLANK = [" ", " " * 300, "\t", "\r\n", " \n "]


def test_misleading_texts_are_refused(shop: DeployedShop, queues: Queues) -> None:
    victim, blank = Order(), [Order(drink=text) for text in BLANK]
    # One id, wrong in two ways, each of them twice.
    wrong = Order(drink="")
    also_wrong = Order(drink="\n", user_id=wrong.user_id, order_id=wrong.order_id)
    stranger = Customer(shop)

    for text in UNSEEN:
        for body in ({"name": text, "drink": "Flat white"}, {"name": "Ada", "drink": text}):
            answer = Customer(shop).request_order(body)
            assert answer.status_code == 422, answer.text
    shop.place(victim, *blank, wrong, also_wrong, wrong, also_wrong)
    shop.publish(CREATED, *(Order().detail | {"orderId": text} for text in BLANK))
    shop.wait_for_preparation(victim)
    stranger.order(name=victim.user_id)
    stranger.wait_for_status("in preparation")
    (of_the_page,) = (order_id for order_id in shop.counter() if order_id != victim.order_id)
    asked = Order(order_id=of_the_page, user_id=of_the_page)
    shop.complete(victim, asked)

    faults = f"{2 * len(UNSEEN)} unseen, {2 * len(BLANK)} blank, 1 id wrong in two ways"
    findings = audit(shop, queues, [victim, asked, *blank])
    findings.report("texts that mislead", faults)
    assert findings.counts() == {"ready for pickup": 2, "rejected": len(BLANK)}
    assert len(shop.events_about(wrong, REJECTED)) == 4
    told = Counter(attributes(message)["status"] for message in shop.messages_to(wrong))
    assert told == {"rejected": 2}
