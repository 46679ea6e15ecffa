"""`python -m embedded_localstack COMMAND`: runs the SAM project in this folder, without AWS."""

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from embedded_localstack import commands
from embedded_localstack.checkout import Checkout
from embedded_localstack.problem import Problem

REPOSITORY = Path(__file__).resolve().parents[2]
"""What this package, and the environment that it runs in, are a part of."""

PORTS = range(1024, 65535)
"""What LOCALSTACK_PORT may be: the OpenID provider takes the port after it."""

INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
"""What ends a command, and all that it started. SIGHUP comes when its terminal is closed.

Whoever is ended by anything else can't clean up: then LocalStack ends by itself (lease.py).
"""


def main(arguments: list[str], root: Path, kind: type[Checkout] = Checkout) -> int:
    """Carry out a command for the project at `root` and return the exit code."""
    if not Path(sys.prefix).parents[1].samefile(REPOSITORY):
        sys.exit(f"{sys.prefix} is a copy from {REPOSITORY}: run `make local/.venv/ready` here.")
    chosen = _parser().parse_args(arguments)
    port = os.environ.get("LOCALSTACK_PORT", "4566")
    if not port.isdecimal() or int(port) not in PORTS:
        print(f"LOCALSTACK_PORT must be from {PORTS[0]} to {PORTS[-1]}: {port}", file=sys.stderr)
        return 1
    checkout = kind(root, int(port))
    for number in INTERRUPTIONS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # By nohup.
            signal.signal(number, _interrupt)
    callers = {*os.environ}
    # From here on this process is a client of LocalStack, and so is whatever it runs.
    client_environment = checkout.client_environment(os.environ) | {"FUNCTIONS_RUN_HERE": "1"}
    os.environ.clear()
    os.environ.update(client_environment)
    try:
        if chosen.command == "run":
            return commands.run(checkout, chosen.words, deploy=chosen.deploy)
        if chosen.command == "down":
            commands.down(checkout)
        else:
            {"up": commands.up, "env": commands.env}[chosen.command](checkout, callers)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m embedded_localstack",
        description="Runs the SAM project in this folder, on the port in LOCALSTACK_PORT (4566).",
    )
    subparsers = parser.add_subparsers(dest="command", required=True)
    subparsers.add_parser("up", help="start LocalStack, and deploy the stack")
    subparsers.add_parser("down", help="stop LocalStack")
    subparsers.add_parser("env", help="print the variables that make AWS clients talk to it")
    run = subparsers.add_parser("run", help="run a command with the stack deployed")
    run.add_argument("--deploy", action=argparse.BooleanOptionalAction, default=True)
    run.add_argument("words", nargs="+", metavar="COMMAND", help="what to run, after a --")
    return parser


def _interrupt(number: int, _frame: FrameType | None) -> None:
    # What follows is cleaning up, which a second signal must not cut short.
    for each in INTERRUPTIONS:
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd()))
