"""What goes wrong in a way that the person at the terminal can do something about."""

from pathlib import Path


class Problem(Exception):
    """Ends a command with exit code 1; its text is all that is printed."""


def end_of(log: Path) -> str:
    """Return the last lines of a log, and where all of it is."""
    lines = log.read_text(errors="replace").splitlines()[-25:]
    return "\n".join([*lines, f"The whole log: {log}"])
