"""Measures the modes in turn, so that whatever slows the machine down slows all of them down."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from typing import Final

from bench.stacks import CAPACITY, ENTRIES, Mode, Refused, Times, new_order_id

CONCURRENCY: Final = 8
"""Orders in progress at once under load: fewer than the slots, so that none is refused."""

type Latencies = dict[str, list[Times]]
type Progress = Callable[[str], None]


@dataclass(frozen=True)
class Burst:
    """The result of orders sent at once. ``seconds`` is until each is admitted or refused."""

    size: int
    admitted: int
    seconds: float

    @property
    def over_admitted(self) -> int:
        return max(0, self.admitted - CAPACITY)

    @property
    def wrongly_refused(self) -> int:
        return max(0, min(CAPACITY, self.size) - self.admitted)


@dataclass(frozen=True)
class Throughput:
    """The times of the completed orders, and the seconds that all orders took together."""

    times: list[Times]
    refused: int
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds


def idle(modes: Sequence[Mode], orders: int, progress: Progress) -> Latencies:
    """Process one order at a time, each in another mode than the one before."""
    measured: Latencies = {mode.name: [] for mode in modes}
    for number in range(1, orders + 1):
        for mode in modes:
            mode.activate()
            measured[mode.name].append(mode.process(new_order_id()))
        if number % 20 == 0 or number == orders:
            progress(f"{number} of {orders} orders of each mode, one at a time")
    return measured


def burst(mode: Mode, size: int) -> Burst:
    """Send orders at once to an empty store, wait for the answers, complete the admitted ones."""
    mode.activate()
    orders = [new_order_id() for _ in range(size)]
    batches = list(batched(orders, ENTRIES, strict=False))
    began = time.perf_counter()
    with ThreadPoolExecutor(max_workers=len(batches)) as pool:
        list(pool.map(lambda batch: mode.place(*batch), batches))
    admitted = [order for order in orders if mode.is_admitted(order)]
    seconds = time.perf_counter() - began
    with ThreadPoolExecutor(CONCURRENCY) as pool:
        list(pool.map(mode.complete, admitted))
    return Burst(size, len(admitted), seconds)


def throughput(
    modes: Sequence[Mode], orders: int, progress: Progress, why: str
) -> dict[str, Throughput]:
    """Process orders with CONCURRENCY at once, up to 100 of a mode before the next mode's turn."""
    sums = {mode.name: Throughput([], 0, 0.0) for mode in modes}
    done = 0
    for turn, block in enumerate(batched(range(orders), 100, strict=False)):
        for mode in modes if turn % 2 == 0 else reversed(modes):
            mode.activate()
            began = time.perf_counter()
            results = _process(mode, len(block))
            seconds = time.perf_counter() - began
            before, times = sums[mode.name], [one for one in results if one]
            sums[mode.name] = Throughput(
                before.times + times,
                before.refused + len(results) - len(times),
                before.seconds + seconds,
            )
        done += len(block)
        progress(f"{done} of {orders} orders of each mode, {why}")
    return sums


def _process(mode: Mode, orders: int) -> list[Times | None]:
    """Process orders with CONCURRENCY at once. Returns None for each that is refused."""

    def process(order_id: str) -> Times | None:
        try:
            return mode.process(order_id)
        except Refused:
            return None

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        return list(pool.map(process, [new_order_id() for _ in range(orders)]))
