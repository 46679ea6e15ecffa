"""Chance that can be had again, and the figures that a run ends with."""

import os
import random
import secrets

SEED = int(os.environ.get("FAULTS_SEED") or secrets.randbelow(1_000_000))
LINES: list[str] = []


def chance(what: str) -> random.Random:
    """The random choices of one test, the same for the same seed."""
    return random.Random(f"{SEED} {what}")  # noqa: S311 (nothing is secret here)


def say(line: str) -> None:
    """Print a line when all tests are over."""
    LINES.append(line)
