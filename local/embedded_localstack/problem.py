"""What goes wrong in a way that the person at the terminal can do something about."""

from pathlib import Path


class Problem(Exception):
    """Ends a command with exit code 1; its text is all that is printed."""


def require(program: Path, environment: str) -> None:
    """Raise Problem if a program is missing from an environment that make sets up."""
    if not program.exists():
        raise Problem(
            f"{program} is missing. Run `rm {environment}/ready`, then your command again: make"
            " installs what is missing."
        )


def end_of(log: Path) -> str:
    """Return the last lines of a log, and where all of it is."""
    lines = log.read_text(errors="replace").splitlines()[-25:]
    return "\n".join([*lines, f"The whole log: {log}"])
