"""What strangers can't do: get at a task token, or hold all slots."""

import json

from harness.customer import Customer
from harness.ledger import audit
from harness.orders import Order
from harness.queues import Queues
from harness.shop import DeployedShop
from orders.model import CodeRules

from .crowd import at_once
from .figures import say

TURNS = 30


def code_of(shop: DeployedShop, minutes: int) -> str:
    """The code for these minutes: for others it is another than an earlier test has used up."""
    shop.configure(orderCodes={"minutes": minutes, "orders": CodeRules().orders})
    return str(shop.get(f"/order-code?page={shop.outputs['OrderPageUrl']}").json()["code"])


def canceled(customers: list[Customer]) -> list[Order]:
    """Their orders, of which they want none."""
    for customer in customers:
        customer.wait_for_status("in preparation")
        customer.cancel()
        customer.wait_for_status("canceled")
    return [Order(order_id=one.order_id, user_id=one.order_id) for one in customers]


def test_a_stranger_with_a_code_leaves_slots(shop: DeployedShop, queues: Queues) -> None:
    code = code_of(shop, minutes=1000)
    let_in: list[Customer] = []

    def order(key: Customer) -> None:
        if key.is_admitted_with(code):
            let_in.append(key)

    at_once(order, [Customer(shop.outputs) for _ in range(20)])
    for key in let_in:
        key.wait_for_status("in preparation")
    assert shop.reservations() == {key.order_id for key in let_in}
    assert 2 * len(let_in) < 10  # Two codes are good at a time.
    other = Order()
    shop.prepare(other)
    shop.complete(other)
    findings = audit(shop, queues, [*canceled(let_in), other])
    findings.report("a stranger with 20 keys and a code", f"{len(let_in)} slots held")


def test_ordering_and_canceling_in_turn_uses_no_code_up(shop: DeployedShop, queues: Queues) -> None:
    code = code_of(shop, minutes=1001)
    orders: list[Order] = []
    for _ in range(TURNS):
        stranger = Customer(shop.outputs)
        assert stranger.is_admitted_with(code)
        orders += canceled([stranger])
    honest = Customer(shop.outputs)
    assert honest.is_admitted_with(code)
    findings = audit(shop, queues, orders + canceled([honest]))
    findings.report("a stranger orders and cancels in turn", f"{TURNS} cancellations")


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
