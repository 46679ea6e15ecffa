"""A shop's day: who orders what when, and how it is made. One seed gives one plan."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from random import Random
from typing import Final, NamedTuple

from coffee_shop import BARISTAS

HOUR: Final = 3600.0
DAY: Final = 8 * HOUR
"""From eight to four."""

ORDERS: Final = (
    ("Ada", ("Flat white",)),
    ("Grace", ("Espresso", "extra shot")),
    ("Barbara", ("Cappuccino", "small")),
    ("Edsger", ("Tea", "large")),
    ("Alan", ("Americano", "small", "decaf")),
    ("Margaret", ("Latte", "large", "soy milk", "to go")),
    ("Donald", ("Flat white", "oat milk")),
    ("Radia", ("Espresso",)),
    ("Ken", ("Cappuccino", "large", "to go")),
    ("Lars", ("Latte", "large", "oat milk")),
)
"""Customers, and what they order from the first menu."""

COPIES: Final = (1, 1, 1, 2, 3)
"""How often an order is sent at once, and later all events about it once more."""

CUSTOMERS: Final = {
    "waits": ("looks", "looks"),
    "cancels": ("cancels",),
    "cancels at once": (),
    "orders twice": ("orders",),
    "changes": ("changes",),
    "forgets": (),
}
"""What each kind of customer does after the order, soon and in any sequence.

Who cancels at once sends the cancellation with the order, in any sequence; nobody makes that order.
"""

SERVICES: Final = {
    "made": ("one take", "one complete"),
    "taken over": ("one take", "other take", "other complete"),
    "slow": ("one take", "one heartbeat", "one heartbeat", "one complete"),
    "declined": ("one decline",),
    "made again": ("one take", "one complete", "one again", "other complete"),
    "made by both": ("one complete, other complete",),
    "made twice": ("one complete, one complete",),
    "made and declined": ("one complete, other decline",),
    "made and canceled": ("one complete, one cancel",),
    "stopped": ("one stop",),
}
"""How an order is made by one and the other barista: the clicks, or what else then happens to it.

What is in one text happens at the same moment.
"""


class Step(NamedTuple):
    """What somebody does, in seconds since the day began; on a slow machine later.

    What is due in a visit at the same time is done at the same moment.
    """

    due: float
    who: str
    what: str


class Visit(NamedTuple):
    """An order, on the page or by the order service, and all that is done about it."""

    drink: tuple[str, ...]
    on_page: bool
    customer: str
    service: str
    steps: tuple[Step, ...]


class Plan(NamedTuple):
    """A day that takes so many seconds: an order each second, two in the rush."""

    seconds: int
    store: tuple[Step, ...]
    visits: tuple[Visit, ...]

    @property
    def digest(self) -> str:
        return sha256(repr(self).encode()).hexdigest()[:12]


def arrivals(chance: Random, gap: float) -> Iterator[float]:
    """When orders come, in seconds since eight: one each ``gap`` seconds, two from nine to ten."""
    now = chance.expovariate(1 / gap)
    while now < DAY:
        yield now
        now += chance.expovariate((2 if HOUR < now < 2 * HOUR else 1) / gap)


def plan(seed: int, seconds: int) -> Plan:
    """The day with this seed, whenever and wherever it is played."""
    chance = Random(seed)  # noqa: S311 - nothing is secret here
    customers = _dealt(chance, [*CUSTOMERS, "waits", "waits"])
    services = _dealt(chance, [*SERVICES])
    ways = _dealt(chance, [True, False])
    copies = _dealt(chance, COPIES)
    visits = []
    for arrival in arrivals(chance, DAY / seconds):
        at = arrival * seconds / DAY
        (who, drink), customer, on_page = chance.choice(ORDERS), next(customers), next(ways)
        steps = [Step(at, who, "orders")] * next(copies)
        steps += [Step(at + chance.uniform(0.1, 3), who, what) for what in CUSTOMERS[customer]]
        if customer == "cancels at once":
            service, on_page = "", False
            steps.append(Step(at, who, "cancels"))
        else:
            service, on_page = next(services), on_page or customer == "changes"
            one, other = chance.sample(BARISTAS, 2)
            for moment in SERVICES[service]:
                at += chance.uniform(0.5, 3)
                clicks = (click.split() for click in moment.split(", "))
                steps += [Step(at, one if by == "one" else other, what) for by, what in clicks]
        again = chance.uniform(steps[0].due, at + 3)
        steps += [Step(again, "the bus", "repeats")] * next(copies)
        # Rounded, because machines need not agree on a logarithm's last digit.
        timed = sorted(step._replace(due=round(step.due, 3)) for step in steps)
        visits.append(Visit(drink, on_page, customer, service, tuple(timed)))
    hours = [(1.5, "kills"), (4.0, "closes"), (4.5, "opens")]
    hours += [(hour, f"sets {chance.choice((6, 10, 15))}") for hour in (0.5, 2.5, 5.5)]
    store = tuple(
        Step(hour * HOUR * seconds / DAY, BARISTAS[0], what) for hour, what in sorted(hours)
    )
    return Plan(seconds, store, tuple(visits))


def _dealt[Card](chance: Random, cards: Sequence[Card]) -> Iterator[Card]:
    """Each card once in random order, then all of them again: a short day has each, too."""
    while True:
        yield from chance.sample(cards, len(cards))
