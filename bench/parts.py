"""The two parts of the benchmark. A full run starts LocalStack anew for each."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any, Final

from bench import cold_start, cost
from bench.measure import Latencies, Progress, Throughput, burst, idle, throughput
from bench.stacks import Stacks, deployed

type Results = dict[str, Any]


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
WARM_UP_ORDERS: Final = 8


def measure_orders(stacks: Stacks, size: Size, progress: Progress) -> Results:
    """Measure the latency and cost of one order, bursts and cold starts."""
    idle_times = idle(stacks.modes, size.orders, progress)
    costs = {
        mode.name: cost.count(stacks, mode, size.cost_orders)
        for mode in (stacks.reservation, stacks.executions)
    }
    progress("counted what an order costs")
    bursts = _bursts(stacks, size.bursts, progress)
    starts = cold_start.measure(stacks.name, size.cold_starts, progress)
    return {
        "idle": _percentiles(idle_times),
        "bursts": bursts,
        "costs": costs,
        "cold_starts": {name: asdict(start) for name, start in starts.items()},
        "imports": cold_start.import_times(stacks.name),
    }


def measure_throughput(stacks: Stacks, size: Size, progress: Progress) -> Results:
    """Measure orders a second as the number of finished executions grows."""
    rates: dict[int, dict[str, Throughput]] = {}
    for finished in size.history:
        _finish_executions(stacks, finished, progress)
        rates[finished] = throughput(
            stacks.modes, size.throughput_orders, progress, f"{finished} finished before"
        )
    idle_times = idle(stacks.modes, size.orders, progress)
    return {
        "throughput": {
            str(finished): {
                name: {
                    "completed": len(one.times),
                    "refused": one.refused,
                    "per_second": one.per_second,
                }
                for name, one in modes.items()
            }
            for finished, modes in rates.items()
        },
        "loaded": _percentiles({name: one.times for name, one in rates[0].items()}),
        "idle_with_history": _percentiles(idle_times),
        "finished_executions": stacks.finished_executions(),
    }


PARTS: Final[dict[str, Callable[[Stacks, Size, Progress], Results]]] = {
    "throughput": measure_throughput,
    "orders": measure_orders,
}


def measure(names: Sequence[str], size: Size) -> Results:
    """Deploy the stacks once, and measure these parts."""
    progress = _progress()
    results: Results = {}
    with deployed() as stacks:
        throughput(stacks.modes, WARM_UP_ORDERS, progress, "to warm up")
        for name in names:
            results |= PARTS[name](stacks, size, progress)
    return results


def _progress() -> Progress:
    """Return a function that prints what is done, with the seconds since now."""
    began = time.monotonic()

    def progress(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", file=sys.stderr, flush=True)

    return progress


def _bursts(
    stacks: Stacks, bursts: tuple[int, int, int], progress: Progress
) -> list[dict[str, Any]]:
    rows = []
    for size in (10, 50, 100, 200):
        for mode, repeats in zip(stacks.modes, bursts, strict=True):
            runs = [burst(mode, size) for _ in range(repeats)]
            rows.append(
                {
                    "mode": mode.name,
                    "size": size,
                    "admitted": [run.admitted for run in runs],
                    "wrongly_refused": [run.wrongly_refused for run in runs],
                    "over_admitted": [run.over_admitted for run in runs],
                    "seconds": [run.seconds for run in runs],
                }
            )
            progress(f"{repeats} bursts of {size}, {mode.name}")
    return rows


def _finish_executions(stacks: Stacks, wanted: int, progress: Progress) -> None:
    """Complete orders until that many executions have succeeded."""
    stacks.reservation.activate()
    while (missing := wanted - stacks.finished_executions()) > 0:
        throughput([stacks.reservation], min(100, missing), progress, "to have a history")


def _percentiles(measured: Latencies) -> dict[str, dict[str, dict[str, float] | None]]:
    """Return p50, p95 and p99 in seconds, by mode and by the field of Times."""
    return {
        mode: {
            name: _of([asdict(times)[name] for times in orders])
            for name in ("to_task_token", "to_completed", "to_told")
        }
        for mode, orders in measured.items()
    }


def _of(seconds: list[float | None]) -> dict[str, float] | None:
    known = [one for one in seconds if one is not None]
    if len(known) < 2:
        return None
    cuts = quantiles(known, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}
