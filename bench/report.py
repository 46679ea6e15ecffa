"""The figures as Markdown, and what they are held to."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import cost
from bench.cold_start import FIRST_VERSION
from bench.cost import Counts
from bench.measure import HANDS
from bench.parts import Results, Size
from bench.stage import CAPACITY

MODES: Final = ("reservation", "executions", "floor")
WAITS: Final = {
    "to_parked_token": "event to parked token",
    "to_completed": "click to `OrderCompleted`",
    "to_told": "click to notification",
}


@dataclass(frozen=True)
class Target:
    """A figure, and the limit that it must keep."""

    name: str
    figure: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


def targets(results: Results) -> list[Target]:
    """All that the figures are held to, each a ratio or a count from this one run."""
    idle, piled = results["idle"], results["piled_idle"]
    rates = [results["throughput"][pile]["reservation"]["per_second"] for pile in _piles(results)]
    ours = [row for row in results["bursts"] if row["mode"] == "reservation"]
    found = [
        Target("idle, parked token: p50 by that of `executions`", _p50(idle, "executions"), 1.05),
        Target("idle, parked token: p50 by that of the floor", _p50(idle, "floor"), 1.6),
        Target(
            "the same by that of `executions`, finished executions behind",
            _p50(piled, "executions"),
            0.8,
        ),
        Target(
            "throughput with finished executions behind, by that with none",
            rates[-1] / rates[0],
            0.95,
            at_least=True,
        ),
        Target(
            "bursts in which other than 10 were admitted",
            sum(admitted != CAPACITY for row in ours for admitted in row["admitted"]),
            0,
        ),
        Target(
            "state transitions of a completed order",
            results["costs"]["reservation"][cost.TRANSITIONS],
            10,
        ),
    ]
    first = results["first_cold_starts"] or {}
    found += [
        Target(
            f"init of {name} by that of the first version",
            results["cold_starts"][name]["init_ms"] / start["init_ms"],
            0.7,
        )
        for name, start in first.items()
    ]
    return found


def missed(results: Results) -> list[Target]:
    """The targets that were not met."""
    return [target for target in targets(results) if not target.met]


def report(results: Results, size: Size) -> str:
    """All of it, as it is printed and as docs/benchmarks.md has it."""
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Printed by `make bench` on {datetime.now(UTC):%Y-%m-%d}. {_machine()}",
            "",
            "`reservation` is the stack as it is, `executions` the same stack with the exercise's",
            "check (only the config item differs), `floor` a workflow of one state that waits for",
            "its task token, on the same LocalStack. They are measured in turn.",
            "",
            "![Latency, throughput and bursts](benchmarks.svg)",
            "",
            *_targets(results),
            *_latency("One order at a time", results["idle"], size.orders),
            *_latency(f"{HANDS} orders at a time", results["loaded"], size.throughput_orders),
            *_latency(
                f"One at a time, with {results['piled_executions']:,} finished executions behind",
                results["piled_idle"],
                size.orders,
            ),
            *_throughput(results),
            *_bursts(results),
            *_costs(results),
            *_cold_starts(results),
        ]
    )


def _targets(results: Results) -> list[str]:
    rows = [
        (
            target.name,
            f"{target.figure:.2f}",
            f"{'at least' if target.at_least else 'at most'} {target.limit:g}",
            "met" if target.met else "**missed**",
        )
        for target in targets(results)
    ]
    return _section("Targets", _table(("figure", "is", "must be", ""), rows))


def _latency(title: str, latencies: Any, orders: int) -> list[str]:
    rows = [
        (text, mode, *(f"{latencies[mode][wait][cut]:.3f}" for cut in ("p50", "p95", "p99")))
        for wait, text in WAITS.items()
        for mode in MODES
        if latencies[mode][wait]
    ]
    header = ("seconds from", "mode", "p50", "p95", "p99")
    return _section(f"{title} ({orders} of each mode)", _table(header, rows))


def _throughput(results: Results) -> list[str]:
    rows = [
        (
            f"{int(pile):,}",
            mode,
            f"{rate['completed']:,}",
            f"{rate['refused']:,}",
            f"{rate['per_second']:.2f}",
        )
        for pile in _piles(results)
        for mode, rate in results["throughput"][pile].items()
    ]
    header = ("finished before", "mode", "picked up", "refused", "orders a second")
    return _section(
        f"Throughput, {HANDS} orders at a time, baristas always ready", _table(header, rows)
    )


def _bursts(results: Results) -> list[str]:
    rows = [
        (
            str(row["size"]),
            row["mode"],
            str(len(row["seconds"])),
            _spread(row["admitted"]),
            *(
                ("no limit", "no limit")
                if row["mode"] == "floor"
                else (str(sum(row["wrongly_refused"])), str(sum(row["over_admitted"])))
            ),
            f"{median(row['seconds']):.1f}",
        )
        for row in results["bursts"]
    ]
    header = (
        "orders at once",
        "mode",
        "times",
        "admitted",
        "wrongly refused, in all",
        "over-admitted, in all",
        "s until settled, p50",
    )
    return _section(f"Bursts, capacity {CAPACITY}", _table(header, rows))


def _costs(results: Results) -> list[str]:
    prices, place = cost.price_list()
    columns: dict[str, Counts] = dict(results["costs"])
    columns["first version"] = cost.FIRST_VERSION
    rows = [
        (name, *(f"{counts[name]:,.4g}" for counts in columns.values()))
        for name in results["costs"]["reservation"]
    ]
    bills = {name: cost.dollars(counts, prices) for name, counts in columns.items()}
    dollars = [(name, *(f"{bill[name]:.2f}" for bill in bills.values())) for name in prices]
    dollars.append(("**all**", *(f"**{sum(bill.values()):.2f}**" for bill in bills.values())))
    return [
        *_section("What one completed order takes", _table(("", *columns), rows)),
        *_section(
            f"US dollars for a million completed orders ({place})", _table(("", *columns), dollars)
        ),
        "Why it is no less than at first: [decisions/costs.md](decisions/costs.md).",
        "",
    ]


def _cold_starts(results: Results) -> list[str]:
    first = results["first_cold_starts"]
    versions = [results["cold_starts"], *([first] if first else [])]
    rows = [
        (
            name,
            *(
                f"{version[name][figure]:.{digits}f}" if name in version else "none"
                for figure, digits in (("init_ms", 0), ("first_call_ms", 0), ("megabytes", 1))
                for version in versions
            ),
        )
        for name in results["cold_starts"]
    ]
    header = (
        "function",
        *(
            f"{what}, {version}"
            for what in ("init ms", "first invocation ms", "MB unzipped")
            for version in ("now", FIRST_VERSION)[: len(versions)]
        ),
    )
    imports = [
        (name, ", ".join(f"{package} {ms:.0f}" for package, ms in found.items() if ms >= 1))
        for name, found in results["imports"].items()
    ]
    return [
        *_section("Cold starts", _table(header, rows)),
        *_section(
            "What is imported, in ms", _table(("function", "package and its share"), imports)
        ),
    ]


def _piles(results: Results) -> list[str]:
    return sorted(results["throughput"], key=int)


def _p50(latencies: Any, other: str) -> float:
    def p50(mode: str) -> float:
        return float(latencies[mode]["to_parked_token"]["p50"])

    return p50("reservation") / p50(other)


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
