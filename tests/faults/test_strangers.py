"""What strangers can't do: get at a task token, or hold all slots."""

import json

from tests.e2e.customer import Customer
from tests.e2e.shop import DeployedShop

from .crowd import at_once
from .figures import say
from .queues import Queues


def test_a_stranger_holds_no_more_slots_than_a_code_is_good_for(shop: DeployedShop) -> None:
    shop.configure(orderCodes={"minutes": 5, "orders": 3})
    code = shop.get(f"/order-code?page={shop.outputs['OrderPageUrl']}").json()["code"]
    keys = [Customer(shop) for _ in range(10)]
    let_in: list[Customer] = []

    def order(key: Customer) -> None:
        if key.is_admitted_with(code):
            let_in.append(key)

    at_once(order, keys)
    assert len(let_in) == 3
    for key in let_in:
        key.wait_for_status("in preparation")
    assert shop.reservations() == {key.order_id for key in let_in}
    say("A stranger with ten keys and a code that is good for 3 orders holds 3 slots")
    for key in let_in:
        key.cancel()
        key.wait_for_status("canceled")


def test_no_token_got_out(shop: DeployedShop, queues: Queues) -> None:
    said = {
        "log lines": [line for group in shop.logs.groups() for line in shop.logs.lines(group)],
        "notifications": [json.dumps(message) for message in shop.customers.received()],
        "answers": shop.answers,
        "queues": [text for queue, text in queues.waiting().items() if "Tracking" not in queue],
    }
    for what, texts in said.items():
        assert texts
        assert shop.with_token(texts) == [], what
    searched = ", ".join(f"{len(texts)} {what}" for what, texts in said.items())
    say(f"{len(shop.tokens())} task tokens, none of them in {searched}")
