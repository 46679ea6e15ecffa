"""A callback or a wait that is tried again, because the answer to the first try got lost."""

import pytest

from harness.faults import error, failed, failing
from harness.inbox import Message
from harness.ledger import audit
from harness.orders import WAITING, Order
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop

LOST_ANSWER: dict[str, object] = {
    "service": "events",
    "operation": "PutEvents",
    "kind": "lost-answer",
    "code": "InternalException",
    "status": 500,
    "calls": 1,
}
JULIA = {"baristaId": "Julia"}
NO_MILK = JULIA | {"reason": "no milk"}


def test_a_token_that_arrives_late_does_not_replace_that_of_a_later_attempt(
    shop: DeployedShop, queues: Queues
) -> None:
    order = Order()
    first, _ = _wait_twice(shop, order)
    before = shop.item(order)

    shop.send_again(first)

    shop.logs.about("order-tracking", order, "dropped")
    assert shop.item(order) == before
    shop.complete(order)
    audit(shop, queues, [order]).report("two attempts to wait", "1 lost answer, 1 late token")


def test_a_decision_that_was_not_sent_on_with_the_second_token(
    shop: DeployedShop, queues: Queues
) -> None:
    """order_tracking stored the token, and was killed before its callback."""
    order = Order()
    _, second = _wait_twice(shop, order)
    shop.decide(order, kind="complete", at=second["detail"]["since"], name="Julia", **JULIA)

    shop.send_again(second)

    assert shop.wait_for_status(order, "ready for pickup")["baristaId"] == "Julia"
    findings = audit(shop, queues, [order])
    findings.report("a decision that was not sent on", "1 lost answer, 1 repeat")


@pytest.mark.alarms("BrokenExecutionAlarm")
def test_a_barista_decides_otherwise_after_the_workflow_has_heard(
    shop: DeployedShop, queues: Queues
) -> None:
    order = Order()
    (execution,) = shop.prepare(order)
    with failing(error("events", "InternalException", 500, "PutEvents")):
        assert shop.click(order, "complete", JULIA).status_code == 200
        late = shop.click(order, "decline", NO_MILK)
        assert (late.status_code, "Julia has completed it" in late.text) == (409, True)
        shop.workflow.stop(execution)
        calls = failed()

    shop.wait_for_status(order, "ready for pickup")
    findings = audit(shop, queues, [order])
    findings.report("declined after it was completed, then stopped", f"{calls} failed calls")


def test_a_click_whose_callback_got_through_without_an_answer(
    shop: DeployedShop, queues: Queues
) -> None:
    order = Order()
    shop.prepare(order)
    lost = LOST_ANSWER | {"service": "stepfunctions", "operation": "SendTaskSuccess"}
    # What AWS says to the SDK's second try.
    over = error("stepfunctions", "TaskTimedOut", 400, "SendTaskSuccess")
    with failing(lost, over):
        click = shop.click(order, "complete", JULIA)
        assert failed() == 2

    assert click.status_code == 200, click.text
    assert shop.wait_for_status(order, "ready for pickup")["baristaId"] == "Julia"
    findings = audit(shop, queues, [order])
    findings.report("a callback without an answer, and its retry", "1 lost answer, 1 refusal")


def test_a_barista_decides_otherwise_after_an_outage(shop: DeployedShop, queues: Queues) -> None:
    order, other = Order(), Order()
    shop.prepare(order, other)
    throttled = error("stepfunctions", "ThrottlingException", 400)
    with failing(throttled):
        assert shop.click(order, "decline", NO_MILK).status_code == 503
        assert shop.click(other, "decline", NO_MILK).status_code == 503
        calls = failed()

    marco = shop.click(order, "complete", {"baristaId": "Marco"})
    assert (marco.status_code, "Julia has declined it" in marco.text) == (409, True)
    assert shop.click(order, "complete", JULIA).status_code == 200
    reason = {"reason": "the cow is ill"}
    assert shop.click(other, "decline", JULIA | reason).status_code == 200

    assert "the cow is ill" in shop.wait_for_status(other, "rejected")["message"]
    findings = audit(shop, queues, [order, other])
    findings.report("decided otherwise after an outage", f"{calls} failed calls")
    assert findings.counts() == {"ready for pickup": 1, "rejected": 1}


def _wait_twice(shop: DeployedShop, order: Order) -> tuple[Message, Message]:
    """Lose the answer to the first attempt to wait; the events of both, once the second is kept."""
    with failing(LOST_ANSWER):
        shop.place(order)
        waits = until(
            f"two attempts to wait with {order}",
            lambda: shop.events_about(order, WAITING),
            lambda events: len(events) == 2,
        )
    first, second = sorted(waits, key=_attempt)
    assert (_attempt(first), _attempt(second)) == (0, 1)
    # LocalStack gives the second attempt the token of the first.
    kept = (second["detail"]["TaskToken"], 1)
    until(
        "the second token",
        lambda: shop.item(order),
        lambda item: (item.get("taskToken"), item.get("attempt")) == kept,
    )
    return first, second


def _attempt(event: Message) -> int:
    return int(event["detail"]["attempt"])
