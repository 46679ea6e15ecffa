"""Plays a busy day on the stack that runs on this machine: make play SECONDS=60 SEED=n.

The exit status is 0 only if each order ended once, and its customer was told once.
"""

import argparse
import secrets
import signal
import sys
import time
from copy import copy
from shutil import get_terminal_size
from typing import Final

import deployed
from coffee_shop import BARISTAS
from harness.day import plan
from harness.ledger import HEADER, table
from harness.play import Day
from harness.shop import listening
from sign_in import id_token

LEAST_SECONDS: Final = 20
TIDYING_SECONDS: Final = 8  # A command that was interrupted is given a little more.
LINE_SECONDS: Final = 0 if sys.stdout.isatty() else 5
ENDING: Final = (signal.SIGINT, signal.SIGTERM)


class Line:
    """The line that lives, or one every few seconds where it can't."""

    def __init__(self, day: Day) -> None:
        self._day, self._shown = day, 0.0

    def show(self, more: str = "") -> None:
        day, now = self._day, time.monotonic()
        if now < self._shown + LINE_SECONDS:
            return
        self._shown = now
        ends = [end for order_id in day.said for end in day.ends(order_id)]
        making = sum("takenBy" in order for order in day.counter.values())
        minute = 480 + min(480, int(480 * (now - day.began) / day.plan.seconds))
        parts = (
            f"{minute // 60:2}:{minute % 60:02}  {len(day.counter) - making} in the queue",
            f"{making} being made",
            f"{ends.count('ready for pickup')} ready",
            f"{ends.count('rejected')} refused",
            f"{day.store.get('inUse', 0)} of {day.store['capacity']} slots",
        )
        line = ", ".join(parts) + f"; {more}" * bool(more)
        shown = ("\n", line) if LINE_SECONDS else ("\r\033[K", line[: get_terminal_size().columns])
        print(*shown, sep="", end="", flush=True)


def play(day: Day) -> int:
    """Play the day, and print what came of it. Returns 1 if anything is wrong."""
    line = Line(day)
    day.play(line.show)
    findings = day.close(show=line.show)
    print("\n", *table(HEADER, [findings.row("make play", day.faults())]), sep="\n")
    print(f"\nRefused on the page before they were orders: {len(day.pages - day.orders.keys())}")
    print(*findings.wrong(), sep="\n")
    return 1 if findings.wrong() else 0


def tidy_up(day: Day) -> None:
    """Leave the stack as it was, even if nobody wants to wait, and say what is left."""
    day.tidy_up()
    day.look()
    if unfinished := [order for order in day.orders.values() if not day.ends(order.order_id)]:
        print(f"\n{len(unfinished)} orders are left, and end now.")
        for order in unfinished:
            day.shop.cancel(order)
        left = day.close("decline", TIDYING_SECONDS).wrong()
        print(*(["\nLeft:", *left] if left else ["\nNothing is left."]), sep="\n")


def stop(*_: object) -> None:
    for each in ENDING:  # What follows is tidying up.
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    parser = argparse.ArgumentParser(prog="make play")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    chosen = parser.parse_args()
    if chosen.seconds < LEAST_SECONDS:
        parser.error(f"SECONDS must be at least {LEAST_SECONDS}.")
    deployed.require_open()
    today, outputs = plan(chosen.seed, chosen.seconds), deployed.outputs()
    what = f"SECONDS={today.seconds} SEED={chosen.seed}: {len(today.visits)} customers"
    pages = [url for name, url in outputs.items() if "PageUrl" in name]
    print(f"{what}, plan {today.digest}", *pages, sep="\n")
    for number in ENDING:
        signal.signal(number, stop)
    with listening(deployed.STACK_NAME, outputs) as shop:
        staff = {who: copy(shop) for who in BARISTAS}
        for who, signed_in in staff.items():
            signed_in.sign_in(id_token(who))
        day = Day(today, staff)
        try:
            return play(day)
        except KeyboardInterrupt:
            return 130
        finally:
            tidy_up(day)


if __name__ == "__main__":
    sys.exit(main())
