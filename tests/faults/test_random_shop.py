"""The day of `make play`, on which much happens at once, with this run's seed."""

from coffee_shop import BARISTAS
from harness.day import plan
from harness.play import Day
from harness.shop import DeployedShop

from .figures import chance

SECONDS = 160


def test_every_order_of_a_busy_day_ends_once(shop: DeployedShop) -> None:
    day = Day(plan(chance("Busy day").randrange(1_000_000), SECONDS), dict.fromkeys(BARISTAS, shop))
    try:
        day.play()
        day.close().report("a busy day", day.faults())
    finally:
        day.tidy_up()
