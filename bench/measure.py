"""What is measured of the modes, always in turn, so that the machine's moods hit them alike."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from typing import Final

from bench.stage import CAPACITY, ENTRIES, Mode, Refused, Times, new_order

HANDS: Final = 8
"""Orders under way at once under load: fewer than the slots, so that none is refused."""

type Latencies = dict[str, list[Times]]
type Progress = Callable[[str], None]


@dataclass(frozen=True)
class Burst:
    """What came of orders sent at once."""

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
    """The orders that were picked up, and in how many seconds all of them were."""

    times: list[Times]
    refused: int
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds


def idle(modes: Sequence[Mode], orders: int, progress: Progress) -> Latencies:
    """One order at a time, each in another mode than the one before."""
    measured: Latencies = {mode.name: [] for mode in modes}
    for number in range(1, orders + 1):
        for mode in modes:
            mode.enter()
            measured[mode.name].append(mode.serve(new_order()))
        if number % 20 == 0 or number == orders:
            progress(f"{number} of {orders} orders of each mode, one at a time")
    return measured


def burst(mode: Mode, size: int) -> Burst:
    """Send orders at once into an empty shop, wait until all have an answer, serve who got in."""
    mode.enter()
    orders = [new_order() for _ in range(size)]
    batches = list(batched(orders, ENTRIES, strict=False))
    began = time.perf_counter()
    with ThreadPoolExecutor(max_workers=len(batches)) as pool:
        list(pool.map(lambda batch: mode.place(*batch), batches))
    admitted = [order for order in orders if mode.settled(order)]
    seconds = time.perf_counter() - began
    _at_once(mode.pick_up, admitted)
    return Burst(size, len(admitted), seconds)


def throughput(
    modes: Sequence[Mode], orders: int, progress: Progress, doing: str
) -> dict[str, Throughput]:
    """Always-ready baristas: as many orders at a time as there are hands, in blocks of a mode."""
    sums = {mode.name: Throughput([], 0, 0.0) for mode in modes}
    done = 0
    for turn, block in enumerate(batched(range(orders), 100, strict=False)):
        for mode in modes if turn % 2 == 0 else reversed(modes):
            mode.enter()
            began = time.perf_counter()
            served = _many(mode, len(block))
            seconds = time.perf_counter() - began
            before, times = sums[mode.name], [one for one in served if one]
            sums[mode.name] = Throughput(
                before.times + times,
                before.refused + len(served) - len(times),
                before.seconds + seconds,
            )
        done += len(block)
        progress(f"{done} of {orders} orders of each mode, {doing}")
    return sums


def _many(mode: Mode, orders: int) -> list[Times | None]:
    def serve(order_id: str) -> Times | None:
        try:
            return mode.serve(order_id)
        except Refused:
            return None

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(serve, [new_order() for _ in range(orders)]))


def _at_once(do: Callable[[str], object], orders: Iterable[str]) -> None:
    with ThreadPoolExecutor(HANDS) as pool:
        list(pool.map(do, orders))
