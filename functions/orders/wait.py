"""How long an order is likely to take, from how long the last ones took."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import ceil, floor
from statistics import quantiles

from orders.model import Order, Status

# Fewer tell too little.
LEAST = 5


@dataclass(frozen=True)
class Wait:
    """Seconds for each order until one's own is made: eight of ten took from ``low`` to ``high``.

    So an order with two others ahead takes three times as long. docs/decisions/wait.md says how
    often that comes true.
    """

    low: float
    high: float

    def minutes(self, ahead: int) -> tuple[int, int]:
        """From how many minutes to how many an order takes that has so many ahead."""
        places = ahead + 1
        return floor(self.low * places / 60), max(1, ceil(self.high * places / 60))


def estimate(ended: Collection[Order], active: Iterable[Order]) -> Wait | None:
    """From the orders that ended lately and those that have not; None if too few became ready."""
    ready = [
        (_time(order.received_at), _time(order.ended_at))
        for order in ended
        if order.status is Status.READY
    ]
    if len(ready) < LEAST:
        return None
    received = sorted(_time(order.received_at) for order in (*ended, *active))
    ends = sorted(_time(order.ended_at) for order in ended)
    # How many orders were there when an order came: by counting, for an hour may have thousands.
    for_each_place = [
        (end - came) / (1 + max(0, bisect_left(received, came) - bisect_right(ends, came)))
        for came, end in ready
    ]
    deciles = quantiles(for_each_place, n=10, method="inclusive")
    return Wait(deciles[0], deciles[-1])


def _time(text: str | None) -> float:
    return datetime.fromisoformat(text or "1970-01-01T00:00:00Z").timestamp()
