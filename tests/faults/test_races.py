"""Two act on one order at the same instant: one outcome, and whoever lost is told so."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from threading import Barrier

import boto3
import requests

from harness.ledger import audit
from harness.orders import DELETED, SOURCE, Order
from harness.queues import Queues
from harness.shop import DeployedShop
from harness.workflow import IMPATIENT_SECONDS

from .crowd import at_once, decided, new_orders, place_at_once
from .figures import chance

BARISTAS = ("Julia", "Marco")


def brewing(shop: DeployedShop, number: int) -> list[Order]:
    shop.configure(capacity=number)
    orders = new_orders(number)
    place_at_once(shop, orders)
    assert decided(shop, orders) == (orders, [])
    return orders


def at_the_same_instant[A, B](one: Callable[[], A], other: Callable[[], B]) -> tuple[A, B]:
    start = Barrier(2)

    def after_the_barrier[R](act: Callable[[], R]) -> R:
        start.wait()
        return act()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(after_the_barrier, one)
        second = pool.submit(after_the_barrier, other)
        return first.result(), second.result()


def complete(shop: DeployedShop, order: Order, barista: str) -> requests.Response:
    return shop.click(order, "complete", {"baristaId": barista})


def cancel_now(shop: DeployedShop, order: Order) -> None:
    """Cancel by handing the event to its function, for the bus and the queue take their time."""
    event = {
        "id": order.order_id,
        "time": datetime.now(UTC).isoformat(),
        "source": SOURCE,
        "detail-type": DELETED,
        "resources": [],
        "detail": {"orderId": order.order_id},
    }
    message = {"messageId": "1", "body": json.dumps(event), "eventSource": "aws:sqs"}
    answer = boto3.client("lambda").invoke(
        FunctionName=f"{shop.stack_name}-order-cancellation",
        Payload=json.dumps({"Records": [message]}),
    )
    answered = json.loads(answer["Payload"].read())
    assert answered == {"batchItemFailures": []}, answered


def test_completed_or_canceled_but_never_both(shop: DeployedShop, queues: Queues) -> None:
    answered: dict[str, int] = {}
    orders = brewing(shop, 20)
    for number, order in enumerate(orders):
        cancel = cancel_now if number % 4 else DeployedShop.cancel
        click, _ = at_the_same_instant(
            partial(complete, shop, order, "Julia"), partial(cancel, shop, order)
        )
        assert click.status_code in {200, 409}, click.text
        answered[order.order_id] = click.status_code
    findings = audit(shop, queues, orders)
    findings.report("complete against cancel")
    assert findings.ends == {
        order_id: "ready for pickup" if status_code == 200 else "canceled"
        for order_id, status_code in answered.items()
    }


def test_completed_or_timed_out_but_never_both(shop: DeployedShop, queues: Queues) -> None:
    random = chance("Time-outs")
    shop.configure(capacity=20)
    orders = new_orders(20)
    answered: dict[str, int] = {}

    def click_in_the_last_moment(order: Order) -> None:
        (execution,) = shop.prepare(order)
        (waits_since,) = (
            event["timestamp"].timestamp()
            for event in shop.workflow.history(execution)
            if event["type"] == "TaskSubmitted"
        )
        moment = waits_since + IMPATIENT_SECONDS + random.uniform(-0.5, 0.2)
        time.sleep(max(0, moment - time.time()))  # Which moment it is, is what is tried.
        answered[order.order_id] = complete(shop, order, "Julia").status_code

    with shop.workflow.impatient():
        at_once(click_in_the_last_moment, orders, concurrency=5)
    assert set(answered.values()) <= {200, 202, 409, 410}
    findings = audit(shop, queues, orders)
    findings.report("a click in the moment of the time-out")
    told = {order_id: status for order_id, status in answered.items() if status != 202}
    assert findings.ends.items() >= {
        (order_id, "ready for pickup" if status_code == 200 else "timed out")
        for order_id, status_code in told.items()
    }


def take(shop: DeployedShop, order: Order, barista: str) -> requests.Response:
    return shop.click(order, "take", {"baristaId": barista})


def test_of_two_baristas_at_the_same_instant_one_takes(shop: DeployedShop, queues: Queues) -> None:
    orders = brewing(shop, 20)
    for order in orders:
        clicks = at_the_same_instant(
            partial(take, shop, order, BARISTAS[0]), partial(take, shop, order, BARISTAS[1])
        )
        answers = dict(zip(BARISTAS, clicks, strict=True))
        assert sorted(answer.status_code for answer in clicks) == [200, 409]
        (maker,) = (who for who, answer in answers.items() if answer.status_code == 200)
        assert shop.item(order)["takenBy"] == maker
        (idle,) = {*BARISTAS} - {maker}
        assert complete(shop, order, idle).status_code == 409
        assert complete(shop, order, maker).status_code == 200
    findings = audit(shop, queues, orders)
    findings.report("two baristas take at once")
    assert findings.counts() == {"ready for pickup": len(orders)}


def test_taken_or_canceled_but_never_both(shop: DeployedShop, queues: Queues) -> None:
    taken: dict[str, bool] = {}
    orders = brewing(shop, 20)
    for number, order in enumerate(orders):
        cancel = cancel_now if number % 4 else DeployedShop.cancel
        click, _ = at_the_same_instant(
            partial(take, shop, order, "Julia"), partial(cancel, shop, order)
        )
        assert click.status_code in {200, 409, 410}, click.text
        taken[order.order_id] = click.status_code == 200
    queues.run_empty()
    for order in orders:
        if taken[order.order_id]:
            assert complete(shop, order, "Julia").status_code == 200
    findings = audit(shop, queues, orders)
    findings.report("take against cancel")
    assert findings.ends == {
        order_id: "ready for pickup" if made else "canceled" for order_id, made in taken.items()
    }


def test_taken_or_completed_by_somebody_else_but_never_both(
    shop: DeployedShop, queues: Queues
) -> None:
    orders = brewing(shop, 20)
    for order in orders:
        taking, completing = at_the_same_instant(
            partial(take, shop, order, "Julia"), partial(complete, shop, order, "Marco")
        )
        # Marco's may come first: then the drink is made, and the take finds that.
        assert completing.status_code in {200, 409}, completing.text
        assert taking.status_code == (409 if completing.status_code == 200 else 200)
        made_by = "Marco" if completing.status_code == 200 else "Julia"
        assert complete(shop, order, made_by).status_code in {200, 409}
        assert shop.wait_for_status(order, "ready for pickup")["baristaId"] == made_by
    audit(shop, queues, orders).report("take against complete")


def test_an_order_whose_barista_is_gone_ends_or_is_taken_over(
    shop: DeployedShop, queues: Queues
) -> None:
    """A tablet that dies after a take sends nothing any more."""
    shop.configure(capacity=10)
    orders = new_orders(10)
    with shop.workflow.impatient():
        shop.prepare(*orders)
        for order in orders:
            assert take(shop, order, "Julia").status_code == 200
        for order in orders[:5]:
            answer = shop.click(order, "take", {"baristaId": "Marco", "over": True})
            assert answer.status_code == 200
            assert complete(shop, order, "Marco").status_code == 200
        findings = audit(shop, queues, orders)
    findings.report("a tablet that dies after a take")
    assert findings.counts() == {"ready for pickup": 5, "timed out": 5}


def test_no_two_orders_at_the_counter_share_a_number(shop: DeployedShop, queues: Queues) -> None:
    shop.configure(capacity=60)
    before, after = new_orders(60), new_orders(40)
    place_at_once(shop, before)
    shop.wait_for_preparation(*before)
    numbers = [int(shop.item(order)["number"]) for order in before]
    assert len({*numbers}) == len(numbers)
    kept = before[:20]
    at_once(lambda order: complete(shop, order, "Julia"), before[20:])
    for order in before[20:]:
        shop.wait_for_status(order, "ready for pickup")
    place_at_once(shop, after)  # They begin again at 1, and pass over those kept.
    shop.wait_for_preparation(*after)
    at_the_counter = [*kept, *after]
    numbers = [int(shop.item(order)["number"]) for order in at_the_counter]
    assert len({*numbers}) == len(numbers)
    at_once(lambda order: complete(shop, order, "Julia"), at_the_counter)
    audit(shop, queues, [*before, *after]).report("numbers of a crowd")


def test_an_order_is_run_again_by_hand_the_moment_it_has_ended(shop: DeployedShop) -> None:
    order = Order()
    for _ in range(2):
        execution = shop.order_by_hand(order)
        assert "orderCompleted" in shop.workflow.complete(execution)
