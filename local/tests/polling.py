"""Looks at a thing until it is as it should be."""

import time
from collections.abc import Callable


def eventually[T](look: Callable[[], T], *, until: Callable[[T], bool], seconds: float = 10) -> T:
    deadline = time.monotonic() + seconds
    while not until(seen := look()):
        assert time.monotonic() < deadline, f"Not after {seconds} s. Seen last: {seen!r}"
        time.sleep(0.02)
    return seen
