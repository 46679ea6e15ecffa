"""What the customer is told when SNS's answer is lost, and when an event comes late."""

from harness.faults import failing
from harness.ledger import NOT_NOTIFIED, audit
from harness.orders import IN_PREPARATION, Order
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop
from tests.e2e.commands import silenced

from .figures import say


def test_a_message_comes_twice_if_the_answer_of_sns_is_lost(
    shop: DeployedShop, queues: Queues
) -> None:
    """The SDK sends it again, and SNS does not know it by then: docs/reliability.md."""
    order = Order()
    shop.prepare(order)
    shop.wait_for_message(order, "in preparation")
    lost = {"service": "sns", "operation": "Publish", "kind": "lost-answer", "calls": 1}
    with failing(lost | {"code": "InternalError", "status": 500}):
        shop.complete(order)
        told = until(
            f"three messages to {order.user_id}",
            lambda: shop.statuses_told(order),
            lambda told: len(told) == 3,
        )
    queues.run_empty()
    assert sorted(shop.statuses_told(order)) == sorted(told)
    assert told.count("ready for pickup") == 2
    say("Messages whose answer was lost: 1, of which told twice: 1")


def test_in_preparation_is_heard_of_after_the_end(shop: DeployedShop, queues: Queues) -> None:
    order = Order()
    with silenced(shop, "CustomerNotificationRule"):
        shop.prepare(order)
        late = shop.wait_for_event(order, IN_PREPARATION)
    shop.complete(order)
    shop.wait_for_message(order, "ready for pickup")

    shop.send_again(late)

    shop.logs.about("customer-notification", order, NOT_NOTIFIED)
    history = shop.get(f"/orders/{order.order_id}/history").json()["moments"]
    told = [moment["what"] for moment in history if moment["what"].startswith("customer told")]
    assert told == ["customer told how it ended"]
    audit(shop, queues, [order]).report("in preparation heard of after the end", "1 late event")
