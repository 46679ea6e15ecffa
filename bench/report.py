"""Writes the figures as Markdown, and compares them with the targets."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import cost
from bench.measure import CONCURRENCY
from bench.parts import QUICK, Results, Size
from bench.stacks import CAPACITY

MODES: Final = ("reservation", "executions", "baseline")
WITHOUT_API: Final = ("CustomerNotification", "OrderCancellation", "OrderTracking")
"""The functions that load neither pydantic nor cryptography, so they start faster."""

WAITS: Final = {
    "to_task_token": "event to task token",
    "to_completed": "click to `OrderCompleted`",
    "to_told": "click to notification",
}


@dataclass(frozen=True)
class Target:
    """A figure and its limit. ``exact`` if it is a count, which few orders are enough for."""

    name: str
    figure: float
    limit: float
    at_least: bool = False
    exact: bool = False

    @property
    def met(self) -> bool:
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


def targets(results: Results) -> list[Target]:
    """The targets, each a count or a ratio of two figures of this run."""
    idle, later = results["idle"], results["idle_with_history"]
    rates = [results["throughput"][past]["reservation"]["per_second"] for past in _history(results)]
    ours = [row for row in results["bursts"] if row["mode"] == "reservation"]
    inits = {name: start["init_ms"] for name, start in results["cold_starts"].items()}
    return [
        Target("idle, event to task token: p50 / p50 of `executions`", _p50(idle, 1), 1.05),
        Target("idle, event to task token: p50 / p50 of `baseline`", _p50(idle, 2), 1.6),
        Target("the first of these, with finished executions", _p50(later, 1), 0.8),
        Target(
            "orders a second with finished executions / with none",
            rates[-1] / rates[0],
            0.95,
            at_least=True,
        ),
        Target(
            "bursts that admitted more or fewer than 10 orders",
            sum(admitted != CAPACITY for row in ours for admitted in row["admitted"]),
            0,
            exact=True,
        ),
        Target(
            "state transitions of a completed order",
            results["costs"]["reservation"][cost.TRANSITIONS],
            10,
            exact=True,
        ),
        *(
            Target(
                f"init of {name} / init of BaristaCallback", init / inits["BaristaCallback"], 0.8
            )
            for name, init in inits.items()
            if name in WITHOUT_API
        ),
    ]


def missed_targets(results: Results, size: Size) -> list[Target]:
    """The targets that were not met, of those that the run has enough orders for."""
    return [each for each in targets(results) if _is_judged(each, size) and not each.met]


def _is_judged(target: Target, size: Size) -> bool:
    return target.exact or size is not QUICK


def report(results: Results, size: Size) -> str:
    """The text that is printed, and that a full run writes to docs/benchmarks.md."""
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Printed by `make bench` on {datetime.now(UTC):%Y-%m-%d}. {_machine()}",
            "",
            "`reservation` is the stack as it is deployed, `executions` the same stack with the",
            "exercise's capacity check (only the config item differs), and `baseline` a workflow",
            "of one state that waits for its task token, on the same LocalStack. They are measured",
            "in turn.",
            "",
            "![Latency, throughput and bursts](benchmarks.svg)",
            "",
            *_targets(results, size),
            *_latencies(results, size),
            *_throughput(results, size),
            *_bursts(results),
            *_costs(results),
            *_cold_starts(results),
        ]
    )


def _targets(results: Results, size: Size) -> list[str]:
    def verdict(target: Target) -> str:
        if not _is_judged(target, size):
            return "not judged: too few orders"
        return "met" if target.met else "**missed**"

    rows = [
        (
            target.name,
            f"{target.figure:.2f}",
            f"{'at least' if target.at_least else 'at most'} {target.limit:g}",
            verdict(target),
        )
        for target in targets(results)
    ]
    return _section("Targets", _table(("figure", "measured", "target", ""), rows))


def _latencies(results: Results, size: Size) -> list[str]:
    situations = (
        (f"one at a time ({size.orders})", results["idle"]),
        (f"{CONCURRENCY} at a time ({size.throughput_orders})", results["loaded"]),
        (
            f"one at a time, after {results['finished_executions']:,} others ({size.orders})",
            results["idle_with_history"],
        ),
    )
    rows = [
        (text, situation, *(_percentiles(latencies[mode][wait]) for mode in MODES))
        for wait, text in WAITS.items()
        for situation, latencies in situations
    ]
    table = _table(("seconds from", "orders (number of each mode)", *MODES), rows)
    return _section("Latency: p50, p95 and p99", table)


def _percentiles(latency: Any) -> str:
    return ", ".join(f"{latency[cut]:.3f}" for cut in ("p50", "p95", "p99")) if latency else ""


def _throughput(results: Results, size: Size) -> list[str]:
    def rate(figures: Any) -> str:
        refused = f" ({figures['refused']} refused)" if figures["refused"] else ""
        return f"{figures['per_second']:.2f}{refused}"

    rows = [
        (f"{int(finished):,}", *(rate(results["throughput"][finished][mode]) for mode in MODES))
        for finished in _history(results)
    ]
    title = f"Orders a second, {CONCURRENCY} at a time ({size.throughput_orders} of each mode)"
    return _section(title, _table(("finished before", *MODES), rows))


def _bursts(results: Results) -> list[str]:
    rows = [
        (
            str(row["size"]),
            row["mode"],
            str(len(row["seconds"])),
            _spread(row["admitted"]),
            *(
                ("no limit", "no limit")
                if row["mode"] == "baseline"
                else (str(sum(row["wrongly_refused"])), str(sum(row["over_admitted"])))
            ),
            f"{median(row['seconds']):.1f}",
        )
        for row in results["bursts"]
    ]
    header = (
        "orders at once",
        "mode",
        "repeats",
        "admitted",
        "wrongly refused, total",
        "over-admitted, total",
        "seconds until all are answered, p50",
    )
    return _section(f"Bursts, capacity {CAPACITY}", _table(header, rows))


def _costs(results: Results) -> list[str]:
    prices, region_and_date = cost.price_list()
    columns = results["costs"]
    rows = [
        (name, *(f"{counts[name]:,.4g}" for counts in columns.values()))
        for name in columns["reservation"]
    ]
    bills = {name: cost.dollars(counts, prices) for name, counts in columns.items()}
    dollars = [(name, *(f"{bill[name]:.2f}" for bill in bills.values())) for name in prices]
    dollars.append(("**total**", *(f"**{sum(bill.values()):.2f}**" for bill in bills.values())))
    return [
        *_section("What one completed order takes", _table(("", *columns), rows)),
        *_section(
            f"US dollars for a million completed orders ({region_and_date})",
            _table(("", *columns), dollars),
        ),
        "What each of them is for: [decisions/costs.md](decisions/costs.md).",
        "",
    ]


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
    imports = [
        (name, ", ".join(f"{package} {ms:.0f}" for package, ms in found.items() if ms >= 10))
        for name, found in results["imports"].items()
    ]
    return [
        *_section("Cold starts", _table(header, rows)),
        *_section("Import times of 10 ms and more", _table(("function", "ms by package"), imports)),
    ]


def _history(results: Results) -> list[str]:
    return sorted(results["throughput"], key=int)


def _p50(latencies: Any, other: int) -> float:
    """The p50 of `reservation`, from event to task token, divided by that of another mode."""
    p50s = [float(latencies[mode]["to_task_token"]["p50"]) for mode in MODES]
    return p50s[0] / p50s[other]


def _spread(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


def _machine() -> str:
    name = platform.processor() or platform.machine()
    cpus = Path("/proc/cpuinfo")
    for line in cpus.read_text().splitlines() if cpus.exists() else []:
        if line.startswith("model name"):
            name = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"The machine: {os.cpu_count()} cores of {name}, {memory:.0f} GiB."


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [f"## {title}", "", *lines, ""]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return [line(header), line("---" for _ in header), *(line(row) for row in rows)]
