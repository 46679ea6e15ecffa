"""Writes the figures as Markdown, and compares them with the targets."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final, NamedTuple

from bench import bills
from bench.measure import CONCURRENCY, QUICK, Results, Size
from bench.stacks import CAPACITY
from bench.tables import table

MODES: Final = ("reservation", "executions", "baseline")
WITHOUT_API: Final = ("CustomerNotification", "OrderCancellation", "OrderTracking")
"""The functions that load neither pydantic nor cryptography, so they start faster."""

WAITS: Final = ("event to task token", "click to `OrderCompleted`", "click to notification")
"""What the fields of Times are, in their order."""

INTRODUCTION: Final = """\
`reservation` is the stack as it is deployed, `executions` the same stack with the
exercise's capacity check (only the config item differs), and `baseline` a workflow
of one state that waits for its task token, on the same LocalStack. They are measured
in turn.
"""

MISSED: Final = "**missed**"


class Target(NamedTuple):
    """A figure and its limit. ``exact`` if it is a count, which few orders are enough for."""

    name: str
    figure: float
    limit: float
    at_least: bool = False
    exact: bool = False

    def verdict(self, size: Size) -> str:
        """Whether it is met, if the run had enough orders to tell."""
        if size is QUICK and not self.exact:
            return "not judged: too few orders"
        met = self.figure >= self.limit if self.at_least else self.figure <= self.limit
        return "met" if met else MISSED


def targets(results: Results) -> list[Target]:
    """The targets, each a count or a ratio of two figures of this run."""
    ours, exercise, baseline = (_p50(results["idle"][mode]) for mode in MODES)
    later, exercise_later, _ = (_p50(results["idle_with_history"][mode]) for mode in MODES)
    rates = [modes["reservation"]["per_second"] for modes in results["throughput"].values()]
    bursts = [row["runs"] for row in results["bursts"] if row["mode"] == "reservation"]
    inits = {name: start["init_ms"] for name, start in results["cold_starts"].items()}
    return [
        Target("idle, event to task token: p50 / p50 of `executions`", ours / exercise, 1.05),
        Target("idle, event to task token: p50 / p50 of `baseline`", ours / baseline, 1.6),
        Target("the first of these, with finished executions", later / exercise_later, 0.8),
        Target(
            "orders a second with finished executions / with none",
            rates[-1] / rates[0],
            0.95,
            at_least=True,
        ),
        Target(
            "bursts that admitted more or fewer than 10 orders",
            sum(admitted != CAPACITY for runs in bursts for admitted, _ in runs),
            0,
            exact=True,
        ),
        Target(
            "state transitions of a completed order",
            results["costs"]["reservation"]["state transitions"],
            10,
            exact=True,
        ),
        *(
            Target(
                f"init of {name} / init of BaristaCallback",
                inits[name] / inits["BaristaCallback"],
                0.8,
            )
            for name in WITHOUT_API
        ),
    ]


def missed_targets(results: Results, size: Size) -> list[Target]:
    """The targets that were not met, of those that the run has enough orders for."""
    return [target for target in targets(results) if target.verdict(size) == MISSED]


def report(results: Results, size: Size) -> str:
    """The text that is printed, and that a full run writes to docs/benchmarks.md."""
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Printed by `make bench` on {datetime.now(UTC):%Y-%m-%d}. {_machine()}",
            "",
            INTRODUCTION,
            *_targets(results, size),
            *_latencies(results, size),
            *_throughput(results, size),
            *_bursts(results),
            *bills.of_orders(results["costs"]),
            *bills.of_situations(results),
            *_cold_starts(results),
        ]
    )


def _targets(results: Results, size: Size) -> list[str]:
    rows = [
        (
            target.name,
            f"{target.figure:.2f}",
            f"{'at least' if target.at_least else 'at most'} {target.limit:g}",
            target.verdict(size),
        )
        for target in targets(results)
    ]
    return table("Targets", ("figure", "measured", "target", ""), rows)


def _latencies(results: Results, size: Size) -> list[str]:
    situations = {
        f"one at a time ({size.orders})": results["idle"],
        f"{CONCURRENCY} at a time ({size.throughput_orders})": results["loaded"],
        f"one at a time, after {results['finished_executions']:,} others ({size.orders})": results[
            "idle_with_history"
        ],
    }
    rows = [
        (wait, situation, *(_percentiles(latencies[mode], field) for mode in MODES))
        for field, wait in enumerate(WAITS)
        for situation, latencies in situations.items()
    ]
    header = ("seconds from", "orders (number of each mode)", *MODES)
    return table("Latency: p50, p95 and p99", header, rows)


def _percentiles(times: list[list[float | None]], field: int) -> str:
    known = [seconds for order in times if (seconds := order[field]) is not None]
    if len(known) < 2:
        return ""
    cuts = quantiles(known, n=100, method="inclusive")
    return ", ".join(f"{cuts[cut - 1]:.3f}" for cut in (50, 95, 99))


def _throughput(results: Results, size: Size) -> list[str]:
    def rate(figures: Any) -> str:
        refused = f" ({figures['refused']} refused)" if figures["refused"] else ""
        return f"{figures['per_second']:.2f}{refused}"

    rows = [
        (f"{int(finished):,}", *(rate(modes[mode]) for mode in MODES))
        for finished, modes in results["throughput"].items()
    ]
    title = f"Orders a second, {CONCURRENCY} at a time ({size.throughput_orders} of each mode)"
    return table(title, ("finished before", *MODES), rows)


def _bursts(results: Results) -> list[str]:
    rows = []
    for row in results["bursts"]:
        counts = [admitted for admitted, _ in row["runs"]]
        wrongly_refused = sum(max(0, min(CAPACITY, row["size"]) - each) for each in counts)
        over_admitted = sum(max(0, each - CAPACITY) for each in counts)
        limited = row["mode"] != "baseline"
        rows.append(
            (
                str(row["size"]),
                row["mode"],
                str(len(counts)),
                " to ".join(str(each) for each in sorted({min(counts), max(counts)})),
                str(wrongly_refused) if limited else "no limit",
                str(over_admitted) if limited else "no limit",
                f"{median(seconds for _, seconds in row['runs']):.1f}",
            )
        )
    header = (
        "orders at once",
        "mode",
        "repeats",
        "admitted",
        "wrongly refused, total",
        "over-admitted, total",
        "seconds until all are answered, p50",
    )
    return table(f"Bursts, capacity {CAPACITY}", header, rows)


def _cold_starts(results: Results) -> list[str]:
    rows = [
        (
            name,
            f"{start['init_ms']:.0f}",
            f"{start['first_call_ms']:.0f}",
            f"{start['megabytes']:.1f}",
        )
        for name, start in results["cold_starts"].items()
    ]
    header = ("function", "init ms", "first invocation ms", "MB unzipped")
    return table("Cold starts", header, rows)


def _p50(times: list[list[float]]) -> float:
    """The p50 from event to task token."""
    return median(order[0] for order in times)


def _machine() -> str:
    cpus = Path("/proc/cpuinfo")  # Linux alone has it.
    named = re.search(r"model name\s*: (.*)", cpus.read_text()) if cpus.exists() else None
    name = named[1] if named else platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"The machine: {os.cpu_count()} cores of {name}, {memory:.0f} GiB."
