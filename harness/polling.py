"""Polls until a condition holds, with a deadline."""

import time
from collections.abc import Callable

from harness.aws import ON_AWS

INTERVAL_SECONDS = 1.0 if ON_AWS else 0.1  # AWS throttles requests.
# Long, for a busy machine: only a test that fails waits for it.
DEADLINE_SECONDS = 180.0 if ON_AWS else 60.0


class NeverHappened(AssertionError):
    """The deadline passed; the text says what was awaited and what was seen last."""


def until[Seen](
    what: str,
    look: Callable[[], Seen],
    good: Callable[[Seen], object],
    within: float = DEADLINE_SECONDS,
) -> Seen:
    """Return what ``look`` returns once it is ``good``. Raises NeverHappened."""
    deadline = time.monotonic() + within
    while not good(seen := look()):
        if time.monotonic() > deadline:
            raise NeverHappened(f"No {what} within {within} s. Seen last: {str(seen)[-2000:]}")
        time.sleep(INTERVAL_SECONDS)
    return seen
