"""Measures the modes in turn, so that whatever slows the machine down slows all of them down."""

import json
import logging
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any, Final

from bench import cold_start, cost, pages
from bench.stacks import ENTRIES, Mode, Stacks, Times, deployed, new_order_id

CONCURRENCY: Final = 8
"""Orders in progress at once under load: fewer than the slots, so that none is refused."""

WARM_UP_ORDERS: Final = 8

type Results = dict[str, Any]
type Latencies = dict[str, list[Times]]

logger = logging.getLogger("bench")


@dataclass(frozen=True)
class Size:
    """How much is measured. ``history`` has the numbers of finished executions to begin with."""

    orders: int
    bursts: tuple[int, int, int]  # The repeats in each mode.
    throughput_orders: int
    history: tuple[int, ...]
    cold_starts: int
    cost_orders: int


FULL: Final = Size(200, (10, 3, 3), 500, (0, 1_000, 3_000), 10, 20)
QUICK: Final = Size(3, (1, 1, 1), 8, (0, 20), 1, 1)


def measure_throughput(stacks: Stacks, size: Size) -> Results:
    """Measure orders a second as the number of finished executions grows."""
    rates = {}
    loaded: list[Latencies] = []
    for finished in size.history:
        while (missing := finished - stacks.finished_executions()) > 0:
            throughput([stacks.reservation], min(100, missing), "to have a history")
        rates[finished], latencies = throughput(
            stacks.modes, size.throughput_orders, f"{finished} finished before"
        )
        loaded.append(latencies)
    return {
        "throughput": rates,
        "loaded": loaded[0],
        "idle_with_history": idle(stacks.modes, size.orders),
        "finished_executions": stacks.finished_executions(),
    }


def measure_orders(stacks: Stacks, size: Size) -> Results:
    """Measure the latency and cost of one order, of the pages and a month; bursts, cold starts."""
    # First, while there are no orders of the last hour to look at.
    situations = pages.count_situations(stacks, size.cost_orders)
    idle_times = idle(stacks.modes, size.orders)
    costs = {
        mode.name: cost.count_order(stacks, mode, size.cost_orders)
        for mode in (stacks.reservation, stacks.executions)
    }
    pages.add_metrics_of_orders(situations, costs["reservation"])
    return {
        "idle": idle_times,
        "costs": costs,
        "situations": situations,
        "bursts": [
            {"mode": mode.name, "size": orders, "runs": [burst(mode, orders) for _ in range(times)]}
            for orders in (10, 50, 100, 200)
            for mode, times in zip(stacks.modes, size.bursts, strict=True)
        ],
        "cold_starts": cold_start.measure(stacks.name, size.cold_starts),
    }


PARTS: Final[dict[str, Callable[[Stacks, Size], Results]]] = {
    "throughput": measure_throughput,
    "orders": measure_orders,
}


def idle(modes: Sequence[Mode], orders: int) -> Latencies:
    """Process one order at a time, each in another mode than the one before."""
    measured: Latencies = {mode.name: [] for mode in modes}
    for _ in range(orders):
        for mode in modes:
            mode.activate()
            if times := mode.process(new_order_id()):
                measured[mode.name].append(times)
    logger.info("%d orders of each mode, one at a time", orders)
    return measured


def burst(mode: Mode, size: int) -> tuple[int, float]:
    """Send orders at once to an empty store, wait for the answers, complete the admitted ones.

    Returns how many were admitted, and the seconds until each was admitted or refused.
    """
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
    logger.info("a burst of %d, %s", size, mode.name)
    return len(admitted), seconds


def throughput(
    modes: Sequence[Mode], orders: int, why: str
) -> tuple[dict[str, dict[str, float]], Latencies]:
    """Process orders with CONCURRENCY at once, up to 100 of a mode before the next mode's turn.

    Returns by mode the completed orders a second with the number of refused ones, and the times.
    """
    completed: Latencies = {mode.name: [] for mode in modes}
    seconds: dict[str, float] = defaultdict(float)
    for turn, block in enumerate(batched(range(orders), 100, strict=False)):
        for mode in modes if turn % 2 == 0 else reversed(modes):
            mode.activate()
            began = time.perf_counter()
            with ThreadPoolExecutor(CONCURRENCY) as pool:
                results = list(pool.map(mode.process, [new_order_id() for _ in block]))
            seconds[mode.name] += time.perf_counter() - began
            completed[mode.name] += filter(None, results)
        logger.info("%d more orders of each mode, %s", len(block), why)
    rates = {
        name: {"per_second": len(times) / seconds[name], "refused": orders - len(times)}
        for name, times in completed.items()
    }
    return rates, completed


def main(part: str, file: str, *quick: str) -> None:
    """Deploy the stacks, and write what a part measured to a file, as JSON."""
    logging.basicConfig(format="%(relativeCreated)7d ms  %(message)s", level=logging.ERROR)
    logger.setLevel(logging.INFO)
    with deployed() as stacks:
        throughput(stacks.modes, WARM_UP_ORDERS, "to warm up")
        Path(file).write_text(json.dumps(PARTS[part](stacks, QUICK if quick else FULL)))


if __name__ == "__main__":
    main(*sys.argv[1:])
