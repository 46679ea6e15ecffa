"""A function's process is killed between two of its calls: the order ends once all the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import le

import pytest

from harness.faults import failed, turn_off, turn_on
from harness.ledger import Findings, audit
from harness.orders import Order
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop

from .crowd import new_orders

KILLS = 3  # Of each kind in each place.
JULIA = {"baristaId": "Julia"}
MARCO = {"baristaId": "Marco"}


def kill(shop: DeployedShop, *calls: tuple[str, str, str], number: int = KILLS) -> None:
    """Kill the callers of so many calls: kind, service and operation of each.

    Of DynamoDB's, those for the order table.
    """
    table = {"dynamodb": {"table": shop.outputs["OrderTableName"]}}
    turn_on(
        *(
            {"kind": kind, "service": service, "operation": operation, "calls": number}
            | table.get(service, {})
            for kind, service, operation in calls
        )
    )


def killed_around[Item](do: Callable[[Item], object], items: Iterable[Item], each: int) -> None:
    """Do something with one after the other, and wait until so many functions are killed.

    Messages that come together would be one batch, and one kill.
    """
    for number, item in enumerate(items, 1):
        do(item)
        due = number * each
        until(f"{due} kills", failed, partial(le, due))


@pytest.fixture(autouse=True)
def _off() -> Iterator[None]:
    yield
    turn_off()


@pytest.fixture(scope="module", autouse=True)
def _impatient(queues: Queues) -> Iterator[None]:
    """Let the messages of a function that was killed come again soon."""
    with queues.impatient(tries=5):
        yield


@pytest.mark.alarms("FunctionErrorAlarm")
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_the_callback_of_a_click(
    shop: DeployedShop, queues: Queues, when: str
) -> None:
    orders = new_orders(KILLS)
    shop.prepare(*orders)
    kill(shop, (f"killed-{when}", "stepfunctions", "SendTaskSuccess"))
    for order in orders:
        assert shop.click(order, "complete", JULIA).status_code == 502
    assert failed() == KILLS

    others = {shop.click(order, "complete", MARCO).status_code for order in orders}
    assert others == {409}
    again = {shop.click(order, "complete", JULIA).status_code for order in orders}
    assert again == {200} if when == "before" else again <= {200, 409}

    findings = audit(shop, queues, orders)
    report(findings, f"{when} a click's callback")
    assert findings.counts() == {"ready for pickup": KILLS}
    assert {shop.item(order)["baristaId"] for order in orders} == {"Julia"}


@pytest.mark.alarms("FunctionErrorAlarm", "BrokenExecutionAlarm")
def test_killed_around_a_cancellation_and_the_end_of_a_broken_execution(
    shop: DeployedShop, queues: Queues
) -> None:
    canceled, broken = new_orders(2 * KILLS), new_orders(2 * KILLS)
    shop.configure(capacity=4 * KILLS)
    shop.prepare(*canceled)
    executions = dict(zip(broken, shop.prepare(*broken), strict=True))
    kill(
        shop,
        ("killed-before", "stepfunctions", "SendTaskFailure"),
        ("killed-after", "stepfunctions", "SendTaskFailure"),
        ("killed-before", "events", "PutEvents"),
        ("killed-after", "events", "PutEvents"),
    )

    def end(pair: tuple[Order, Order]) -> None:  # Two functions, and a message for each.
        shop.cancel(pair[0])
        shop.workflow.stop(executions[pair[1]])

    killed_around(end, list(zip(canceled, broken, strict=True)), each=2)
    clicks = [shop.click(order, "complete", JULIA) for order in canceled + broken]

    findings = audit(shop, queues, canceled + broken)
    report(findings, "around a cancellation and a broken execution's end")
    assert findings.ends == dict.fromkeys((order.order_id for order in canceled), "canceled") | (
        dict.fromkeys((order.order_id for order in broken), "failed")
    )
    refused = [click.status_code for click in clicks]
    assert refused[: len(canceled)] == [409] * len(canceled), "the cancellation had been decided"
    assert set(refused[len(canceled) :]) <= {409, 410}, refused


@pytest.mark.alarms("FunctionErrorAlarm")
def test_killed_around_the_storing_of_a_token(shop: DeployedShop, queues: Queues) -> None:
    orders = new_orders(2 * KILLS)
    canceled = orders[::KILLS]  # One whose function is killed before, and one after.
    for order in canceled:
        shop.cancel(order)
    for order in canceled:
        shop.logs.about("order-cancellation", order, "Cancellation kept")
    before = deaths(shop, "order-tracking")
    for number, order in enumerate(orders):
        when = "before" if number < KILLS else "after"
        kill(shop, (f"killed-{when}", "dynamodb", "UpdateItem"), number=1)
        shop.place(order)
        until("a kill", failed, partial(le, 1))
    for order in canceled:
        shop.wait_for_status(order, "canceled")
    others = [order for order in orders if order not in canceled]
    shop.wait_for_preparation(*others)
    shop.complete(*others)

    findings = audit(shop, queues, orders)
    report(findings, "around a token's storing")
    assert findings.counts() == {"canceled": len(canceled), "ready for pickup": len(others)}
    assert deaths(shop, "order-tracking") - before == 2 * KILLS


@pytest.mark.alarms("FunctionErrorAlarm")
def test_killed_around_the_sending_of_a_notification(shop: DeployedShop, queues: Queues) -> None:
    orders = new_orders(3 * KILLS)
    kill(
        shop,
        ("killed-after", "dynamodb", "PutItem"),
        ("killed-before", "sns", "Publish"),
        ("killed-after", "sns", "Publish"),
    )
    killed_around(shop.place, orders, each=1)
    shop.wait_for_preparation(*orders)
    queues.run_empty()  # Once an end is told, "in preparation" is not told again.
    shop.complete(*orders)

    findings = audit(shop, queues, orders)
    again = told_again(shop, orders, findings)
    report(findings, f"around a notification's sending, {again} messages sent again")
    assert findings.counts() == {"ready for pickup": len(orders)}
    assert again == KILLS, "SNS does not know what it was given before a function was killed"


def told_again(shop: DeployedShop, orders: Sequence[Order], findings: Findings) -> int:
    """How often customers were told again that an order is in preparation: here no finding."""
    told = {order: shop.statuses_told(order) for order in orders}
    again = {order: states.count("in preparation") - 1 for order, states in told.items()}
    assert all(len(states) == again[order] + 2 for order, states in told.items()), told
    assert len(findings.doubled) == sum(more > 0 for more in again.values()), findings.doubled
    findings.doubled.clear()
    return sum(again.values())


def deaths(shop: DeployedShop, function: str) -> int:
    """How many processes of a function have been killed so far."""
    lines = shop.logs.lines(f"/aws/lambda/{shop.stack_name}-{function}")
    return sum("Runtime exited with error: signal: killed" in line for line in lines)


def report(findings: Findings, where: str) -> None:
    findings.report(f"killed {where}", f"{failed()} kills")
