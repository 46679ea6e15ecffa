"""Writes what things cost, from what was counted and the prices."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bench import pages
from bench.cost import Counts, dollars, region_and_date
from bench.measure import Results
from bench.tables import table

TRANSITIONS: Final = "state transitions"

ABOUT_ORDERS: Final = """\
The states that were entered are the transitions.
[AWS's example](https://aws.amazon.com/step-functions/pricing/) counts two more, for the start and
the end of an execution. The traces are the most that there can be. What the others are for:
[decisions/costs.md](decisions/costs.md).
"""


def of_orders(columns: dict[str, Counts]) -> list[str]:
    """The tables of a completed order, a column for each mode."""
    orders = [_without_months(counts) for counts in columns.values()]
    started = [counts | {TRANSITIONS: counts[TRANSITIONS] + 2} for counts in orders]
    rows = [
        *_rows([dollars(counts) for counts in orders], lambda usd: f"{usd * 1e6:.2f}"),
        ("**total**", *(f"**{_total(counts) * 1e6:.2f}**" for counts in orders)),
        ("total with two more transitions", *(f"{_total(each) * 1e6:.2f}" for each in started)),
    ]
    title = f"US dollars for a million completed orders ({region_and_date()})"
    return [
        *table("What one completed order takes", ("", *columns), _quantities(orders)),
        *table(title, ("", *columns), rows),
        ABOUT_ORDERS,
    ]


def of_situations(results: Results) -> list[str]:
    """The tables of the pages and of an idle month."""
    columns: dict[str, Counts] = results["situations"]
    totals = [_total(counts) for counts in columns.values()]
    rows = [
        *_rows([dollars(counts) for counts in columns.values()], _usd),
        ("**total**", *(f"**{_usd(total)}**" for total in totals)),
    ]
    take, customer, counter, board, month = totals
    order = _total(_without_months(results["costs"]["reservation"]))
    alone = sum(dollars(columns["an idle month"], after_free=True).values())
    day = pages.ORDERS * (order + take + customer) + counter + board + month / 30
    text = f"""\
A take is a barista's tap on "I'll make it". A customer's page is opened, filled in for
{pages.TYPING_SECONDS} s, and watched for {pages.WAITING_SECONDS} s without news. A counter's day is
its page, open for {pages.HOURS} hours in which {pages.ORDERS} orders come one after the other and
are there for {pages.MAKING_SECONDS} s each, with the metrics that orders send, and the key of the
topic; not the orders. A board's day is as long, and each order changes it
{pages.CHANGES_OF_BOARD} times. An idle month has 30 days, the reconciler's run each minute, and
Lambda's requests to the idle queues. Each account has a part of such a month free: in one that has
nothing else it is {alone:.2f} US dollars. Queries, half a read unit or a little more each, are not
counted.

A day with {pages.ORDERS} orders from the page, the counter, the board, and a thirtieth of an idle
month:
{day:.2f} US dollars.
"""
    return [
        *table("What taps, pages and a month take", ("", *columns), _quantities(columns.values())),
        *table("US dollars for taps, pages and a month", ("", *columns), rows),
        text,
    ]


def _total(counts: Counts) -> float:
    return sum(dollars(counts).values())


def _usd(usd: float) -> str:
    return f"{usd:.6f}" if usd < 0.001 else f"{usd:.3f}"


def _without_months(counts: Counts) -> Counts:
    """Without what is paid by the month, however many orders there are."""
    return {name: quantity for name, quantity in counts.items() if name != "custom metrics"}


def _quantities(columns: Iterable[Counts]) -> list[tuple[str, ...]]:
    def show(quantity: float) -> str:
        return f"{quantity:,.4g}" if quantity < 1000 else f"{quantity:,.0f}"

    return _rows(list(columns), show)


def _rows(columns: Sequence[Counts], show: Callable[[float], str]) -> list[tuple[str, ...]]:
    """A row for each name that is not 0 in all columns."""
    return [
        (name, *(show(column[name]) if column.get(name) else "" for column in columns))
        for name in dict.fromkeys(name for column in columns for name in column)
        if any(column.get(name) for column in columns)
    ]
