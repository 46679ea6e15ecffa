"""What was parked in a dead-letter queue goes on as if nothing had happened."""

import os

import pytest

from harness.deployment import region
from harness.orders import CREATED, DELETED, Order
from harness.shop import DeployedShop

from .capabilities import knows_sources_of_dead_letters, need
from .commands import operate, park, redrive


def test_what_was_parked_goes_on(shop: DeployedShop) -> None:
    need(knows_sources_of_dead_letters)
    order, canceled = Order(), Order()
    shop.prepare(canceled)
    park(shop, "OrderCreated", CREATED, order.detail)
    park(shop, "OrderDeleted", DELETED, {"orderId": canceled.order_id})

    moved = redrive(shop.stack_name)

    assert moved.returncode == 0, moved.stderr
    header, *rows = [line.split() for line in moved.stdout.splitlines()[:3]]
    assert header == ["QUEUE", "EVENT", "ORDER", "OR", "EXECUTION", "AGE"]
    assert [row[:3] for row in rows] == [
        ["OrderCreated", CREATED, order.order_id],
        ["OrderDeleted", DELETED, canceled.order_id],
    ]
    assert [line.split(maxsplit=1) for line in moved.stdout.splitlines()[3:]] == [
        ["CustomerNotification", "empty"],
        ["OrderCreated", "1 back on the bus"],
        ["OrderDeleted", "1 back in the queue"],
        ["OrderTracking", "empty"],
    ]
    shop.wait_for_status(canceled, "canceled")
    shop.wait_for_preparation(order)
    shop.complete(order)
    assert "empty" in redrive(shop.stack_name).stdout.splitlines()[1]


@pytest.mark.parametrize("command", ["redrive", "trace"])
def test_a_stack_that_is_not_there_is_named(command: str) -> None:
    told = operate(command, "no-such-stack", *(["1"] if command == "trace" else []))

    assert told.returncode == 1
    assert f"Is no-such-stack deployed in {region()}" in told.stderr


def test_a_person_is_asked_before_anything_is_moved(shop: DeployedShop) -> None:
    need(knows_sources_of_dead_letters)
    order = Order()
    park(shop, "OrderCreated", CREATED, order.detail)

    moved = redrive(shop.stack_name, options=())  # Without a terminal.
    assert moved.returncode == 1
    assert order.order_id in moved.stdout
    assert "--older-than" in moved.stderr

    for answer, status, said in (("n", 1, "Nothing was moved."), ("y", 0, "1 back on the bus")):
        keyboard, terminal = os.openpty()
        os.write(keyboard, f"{answer}\n".encode())
        moved = redrive(shop.stack_name, options=(), stdin=terminal)
        os.close(terminal)
        os.close(keyboard)
        assert moved.returncode == status, moved.stderr
        assert said in moved.stdout + moved.stderr
    shop.wait_for_preparation(order)
    shop.complete(order)
