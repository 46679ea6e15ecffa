"""docs/benchmarks.md has the price of everything that is paid for, as the benchmark writes it."""

import re

import pytest

from bench.bills import of_orders
from bench.cost import dollars
from bench.pages import Pace
from tests.contracts.definitions import ROOT

ORDER = {"Lambda billed ms": 0.0, "state transitions": 10.0, "X-Ray traces": 6.0}


def test_what_has_a_price_is_in_the_tables() -> None:
    text = (ROOT / "docs/benchmarks.md").read_text()
    tables = re.findall(r"^## US dollars [^\n]+\n(.*?)^## ", text + "## ", re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"^\| (\w[^|]*) \|", "\n".join(tables), re.MULTILINE)) >= set(
        dollars(ORDER)
    )


def test_an_order_has_its_traces_and_both_ways_to_count_transitions() -> None:
    lines = of_orders({"reservation": ORDER})
    assert "| X-Ray traces | 30.00 |" in lines
    assert "| **total** | **280.00** |" in lines
    assert "| total with two more transitions | 330.00 |" in lines


@pytest.mark.parametrize(("seconds", "looks"), [(30, 17), (180, 37), (36_000, 3619)])
def test_a_page_is_counted_as_it_asks(seconds: float, looks: int) -> None:
    """What tests/pages/test_polling.py measures in a browser."""
    pace = Pace.read()
    assert (pace.soon, pace.late) == (1.5, 10)
    assert pace.looks(seconds) == looks


def test_fifty_idle_shops_cost_what_an_idle_month_does_fifty_times() -> None:
    """Less what one account has free. docs/chain.md says it in rows."""
    benchmarks = (ROOT / "docs/benchmarks.md").read_text()
    table = benchmarks.partition("and a month take\n")[2].partition("## ")[0]
    rows = re.findall(r"^\| (\w[^|]*) \|.*\| ([\d.,]+) \|$", table, re.MULTILINE)
    month = {name: 50 * float(number.replace(",", "")) for name, number in rows}
    costs = dollars(month, after_free=True)
    page = (ROOT / "docs/chain.md").read_text()
    for name in ("metrics of alarms", "dashboards", "custom metrics"):
        assert f"{month[name]:,.0f} {name} | {costs[name]:.2f} |" in page
    total = sum(costs.values())
    assert f"| **fifty stacks** | **{total:.2f}**, {total / 50:.2f} a shop |" in page
    assert f"| **as deployed above** | **{total + 50 * 7:.2f}** |" in page
