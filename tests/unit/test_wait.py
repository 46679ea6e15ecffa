"""How long an order is likely to take, and how often that comes true."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from aws.config_table import ConfigTable
from aws.order_table import OrderTable
from harness.day import HOUR, arrivals
from orders.model import Order, Status, iso
from orders.wait import LEAST, Wait, estimate
from tests.unit.events import RUN
from tests.unit.storefront_api import ask
from tests.unit.tables import Tables
from tests.unit.tracking import follow

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
type Times = tuple[float, float]


def order(received: float, ended: float | None, status: Status = Status.READY) -> Order:
    """Seconds after nine."""
    received_at, ended_at = (
        None if second is None else iso(NINE + timedelta(seconds=second))
        for second in (received, ended)
    )
    return Order(f"{received}", status, received_at=received_at, ended_at=ended_at)


def test_too_few_orders_tell_nothing() -> None:
    one = order(0, 60)
    assert estimate([one] * (LEAST - 1), []) is None
    assert estimate([one] * (LEAST - 1) + [order(0, 5, Status.CANCELED)], []) is None
    assert estimate([one] * LEAST, []) == Wait(60, 60)


def test_the_orders_ahead_count_whatever_became_of_them() -> None:
    ahead = [order(-10, 30, Status.CANCELED), order(-20, 40), order(-30, -1)]
    in_turn = [order(0, 180)] * LEAST
    assert estimate(in_turn, [order(-5, None, Status.IN_PREPARATION)]) == Wait(90, 90)
    wait = estimate([*in_turn * 20, *ahead], [])
    assert wait == Wait(60, 60)
    assert wait.minutes(0) == (1, 1)
    assert Wait(45, 100).minutes(2) == (2, 5)


@pytest.mark.usefixtures("tables")
def test_the_reconciler_notes_it_and_the_page_shows_it(
    tables: Tables, order_table: OrderTable, config_table: ConfigTable
) -> None:
    assert "wait" not in ask("GET", "/menu", headers={})["body"]
    now = datetime.now(UTC)
    for number in range(LEAST):
        at = iso(now - timedelta(seconds=150, milliseconds=-number))
        tables.claim(str(number), f"{RUN}-{number}", at=at)
        at = iso(now - timedelta(seconds=30))
        order_table.end(str(number), f"{RUN}-{number}", Status.READY, at, {})
    follow({"detail-type": "Scheduled Event", "time": now.isoformat(), "detail": {}})
    assert config_table.load_wait() == Wait(26, 96)
    tables.reserve("another")
    assert '"wait":{"low":0,"high":4}' in ask("GET", "/menu", headers={})["body"]
    follow(
        {
            "detail-type": "Scheduled Event",
            "time": (now + timedelta(hours=2)).isoformat(),
            "detail": {},
        }
    )
    assert config_table.load_wait() is None


# --- How often it comes true --------------------------------------------------------------------


def a_day(seed: int, baristas: int, capacity: int = 10) -> list[Times]:
    """A day with an order every 100 seconds, every 50 from nine to ten; 90 seconds each."""
    chance = random.Random(seed)  # noqa: S311
    free = [0.0] * baristas
    orders: list[Times] = []
    for now in arrivals(chance, gap=100):
        if sum(ready > now for _, ready in orders) < capacity:
            barista = min(range(baristas), key=free.__getitem__)
            free[barista] = max(now, free[barista]) + chance.lognormvariate(math.log(85), 0.35)
            orders.append((now, free[barista]))
    return orders


def came_true(day: list[Times]) -> Iterator[bool]:
    """Of each order with an estimate: whether it took as long as its customer was told before."""
    for received, ready in day:
        minute = received // 60 * 60  # When the reconciler looked last.
        lately = [order(*times) for times in day if minute - HOUR <= times[1] <= minute]
        waiting = [order(since, None) for since, end in day if since <= minute < end]
        if wait := estimate(lately, waiting):
            low, high = wait.minutes(sum(since < received < end for since, end in day))
            yield low <= (ready - received) / 60 <= high


@pytest.mark.parametrize("baristas", [1, 2, 3])
def test_eight_of_ten_orders_take_as_long_as_was_said(baristas: int) -> None:
    told = [true for seed in range(3) for true in came_true(a_day(seed, baristas))]
    print(f"{baristas} baristas: {sum(told)} of {len(told)}")  # noqa: T201 (-s shows it)
    assert sum(told) >= 0.8 * len(told)
