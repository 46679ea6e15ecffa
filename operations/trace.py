"""Prints what is known of one order in time order, then the order's state and any problems.

It reads the executions' histories, the order table, the records of the notifications, the
functions' logs and the dead-letter queues, and changes nothing. A source that can't be read is
named, and the others are printed. No task token is printed.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from operations import stack
from operations.assessment import describe_state, list_gaps, list_problems, list_unread
from operations.evidence import Evidence, Sources
from operations.timeline import Entry, find_task_tokens, format_duration, printable, timeline


def text(found: Evidence, now: datetime) -> str:
    """The report on an order: a line for each thing that happened, then state and problems.

    Times are in UTC. ``+`` is the time since the previous line whose time is exact; a line whose
    time is known to the second only has none.
    """
    rows = [("TIME (UTC)", "+", "SOURCE", "WHAT HAPPENED")]
    before: Entry | None = None
    for entry in timeline(found):
        elapsed = ""
        if entry.exact:
            elapsed = f"+{format_duration(entry.at - before.at)}" if before else ""
            before = entry
        rows.append((_time(entry), elapsed, entry.source, entry.text))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        f"{time:{widths[0]}}  {elapsed:>{widths[1]}}  {source:{widths[2]}}  {what}"
        for time, elapsed, source, what in rows
    ]
    secrets = find_task_tokens(found)
    off = [f"! {problem}" for problem in list_problems(found, now)]
    unknown = [f"? {limit}" for limit in list_gaps(found)]
    said = [describe_state(found, now), *(off or ["Nothing is off."]), *unknown]
    return "\n".join([*lines, "", *(printable(line, secrets, most=None) for line in said)])


def _time(entry: Entry) -> str:
    at = entry.at.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds")
    return at[: 23 if entry.exact else 19]


def _progress(reading: str) -> None:
    """Show what is being read if stderr is a terminal, on a line that the next one replaces."""
    if sys.stderr.isatty():
        print(f"\r\033[K{reading}", end="", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    stack.add_stack_name(parser)
    parser.add_argument("order_id", metavar="ORDER", help="the order's id")
    given = parser.parse_args()
    order_id: str = given.order_id
    if not order_id.strip():
        sys.exit("Say which order: make trace ORDER=…, with the id that its event carries.")
    try:
        outputs = stack.outputs(given.stack_name)
        found = Sources(given.stack_name, outputs, _progress).collect(order_id)
    except (ClientError, BotoCoreError) as error:
        sys.exit(f"{error}\n{stack.advice(given.stack_name)}")
    finally:
        _progress("")
    if found.is_empty:
        nothing = f"Nothing is known of an order {order_id} in {given.stack_name}. Check its id."
        sys.exit("\n".join([nothing, *list_unread(found)]))
    print(text(found, datetime.now(UTC)))


if __name__ == "__main__":
    main()
