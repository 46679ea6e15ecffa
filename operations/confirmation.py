"""Asks the person at the terminal before something is changed."""

import sys


def confirm(question: str, *, declined: str, unattended: str) -> None:
    """Return if the answer is yes, otherwise exit with status 1 and a text.

    ``unattended`` is the text where standard input is no terminal.
    """
    if not sys.stdin.isatty():
        sys.exit(unattended)
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        sys.exit(declined)
