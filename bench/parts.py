"""The two parts of the benchmark, each on a stage of its own unless it is a quick one."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles
from typing import Any, Final

from bench import cold_start, cost
from bench.measure import Latencies, Progress, Throughput, burst, idle, throughput
from bench.stage import Stage, staged

type Results = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    orders: int
    bursts: tuple[int, int, int]  # Of each mode.
    throughput_orders: int
    piles: tuple[int, ...]
    cold_starts: int
    cost_orders: int


FULL: Final = Size(200, (10, 3, 3), 500, (0, 1_000, 3_000), 10, 20)
QUICK: Final = Size(3, (1, 1, 1), 8, (0, 20), 1, 1)
WARM_UP_ORDERS: Final = 8


def latency_and_cost(stage: Stage, size: Size, progress: Progress) -> Results:
    """One order's latencies, bursts, costs and cold starts."""
    idle_times = idle(stage.modes, size.orders, progress)
    costs = {shop.name: cost.counted(stage, shop, size.cost_orders) for shop in stage.shops}
    progress("counted what an order costs")
    bursts = _bursts(stage, size.bursts, progress)
    now, first = cold_start.measured(stage.outputs, size.cold_starts, progress)
    return {
        "idle": _percentiles(idle_times),
        "bursts": bursts,
        "costs": costs,
        "cold_starts": {name: asdict(start) for name, start in now.items()},
        "first_cold_starts": first and {name: asdict(start) for name, start in first.items()},
        "imports": cold_start.shares(),
    }


def throughput_and_piles(stage: Stage, size: Size, progress: Progress) -> Results:
    """How many orders a second, with more and more finished executions behind."""
    served: dict[int, dict[str, Throughput]] = {}
    for pile in size.piles:
        _pile_up(stage, pile, progress)
        served[pile] = throughput(
            stage.modes, size.throughput_orders, progress, f"{pile} finished before"
        )
    piled_idle = idle(stage.modes, size.orders, progress)
    return {
        "throughput": {
            str(pile): {
                name: {
                    "completed": len(one.times),
                    "refused": one.refused,
                    "per_second": one.per_second,
                }
                for name, one in modes.items()
            }
            for pile, modes in served.items()
        },
        "loaded": _percentiles({name: one.times for name, one in served[0].items()}),
        "piled_idle": _percentiles(piled_idle),
        "piled_executions": stage.finished_executions(),
    }


PARTS: Final[dict[str, Callable[[Stage, Size, Progress], Results]]] = {
    "throughput": throughput_and_piles,
    "latency": latency_and_cost,
}


def measured(names: Sequence[str], size: Size) -> Results:
    """What these parts measure, on one stage."""
    progress = say()
    results: Results = {}
    with staged() as stage:
        throughput(stage.modes, WARM_UP_ORDERS, progress, "to warm up")
        for name in names:
            results |= PARTS[name](stage, size, progress)
    return results


def say() -> Progress:
    """Tell someone who waits what is done, and when."""
    began = time.monotonic()

    def progress(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", file=sys.stderr, flush=True)

    return progress


def _bursts(stage: Stage, bursts: tuple[int, int, int], progress: Progress) -> list[dict[str, Any]]:
    rows = []
    for size in (10, 50, 100, 200):
        for mode, repeats in zip(stage.modes, bursts, strict=True):
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


def _pile_up(stage: Stage, pile: int, progress: Progress) -> None:
    """Finish executions until that many lie behind."""
    stage.reservation.enter()
    while (missing := pile - stage.finished_executions()) > 0:
        throughput([stage.reservation], min(100, missing), progress, "to have them behind")


def _percentiles(measured: Latencies) -> dict[str, dict[str, dict[str, float] | None]]:
    """By mode and by what was waited for: p50, p95, p99 in seconds."""
    return {
        mode: {
            name: _of([asdict(times)[name] for times in orders])
            for name in ("to_parked_token", "to_completed", "to_told")
        }
        for mode, orders in measured.items()
    }


def _of(seconds: list[float | None]) -> dict[str, float] | None:
    known = [one for one in seconds if one is not None]
    if len(known) < 2:
        return None
    cuts = quantiles(known, n=100, method="inclusive")
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98]}
