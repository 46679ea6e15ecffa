"""Seeded randomness, and the figures that are printed at the end of a run."""

import os
import random
import secrets

from hypothesis import HealthCheck, Phase, settings

SEED = int(os.environ.get("FAULTS_SEED") or secrets.randbelow(1_000_000))
ALARMS_HEADER = ("fault", "alarms raised")
QUIETLY = settings(
    deadline=None,
    database=None,
    phases=[Phase.generate],  # A failure shows itself later, when nothing can be made smaller.
    suppress_health_check=list(HealthCheck),
)
NOTES: list[str] = []


def chance(what: str) -> random.Random:
    """The random choices of one test, the same for the same seed."""
    return random.Random(f"{SEED} {what}")  # noqa: S311 (nothing is secret here)


def say(line: str) -> None:
    """Print a line when all tests are over."""
    NOTES.append(line)
