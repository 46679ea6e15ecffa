"""What a check refuses and this project accepts: exceptions.toml."""

import sys
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

FILE = Path(__file__).with_name("exceptions.toml")


def exceptions(kind: str, file: Path = FILE) -> dict[str, str]:
    """The reason of each exception of a kind, by what is excepted."""
    accepted: dict[str, str] = tomllib.loads(file.read_text(encoding="utf-8")).get(kind, {})
    return accepted


def problems(accepted: dict[str, str], needed: Iterable[str], kind: str) -> list[str]:
    """What is wrong with exceptions, of which those in ``needed`` are needed."""
    needed = set(needed)
    return [
        f"{FILE.name}, {kind}: {name} has no reason. Say why it is accepted."
        for name, reason in accepted.items()
        if not reason.strip()
    ] + [
        f"{FILE.name}, {kind}: {name} is not needed any more. Remove it."
        for name in accepted
        if name not in needed
    ]


def verdict(found: Sequence[str]) -> int:
    """Print what is wrong. Returns the exit status: 1 if anything is."""
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0
