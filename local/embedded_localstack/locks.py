"""Lets commands for one checkout wait for each other, in whatever process each runs.

A lock is a file's (flock(2)): it ends with the process that holds it, however that ends.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def alone(file: Path, before_waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Run the block while no other process runs one with the same file."""
    file.parent.mkdir(exist_ok=True)
    with file.open("w") as lock:
        if not try_alone(lock):
            before_waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def together(file: Path) -> Iterator[IO[str]]:
    """Run the block while no other process is alone with the file; give the file."""
    file.parent.mkdir(exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield lock


def try_alone(lock: IO[str]) -> bool:
    """Become the only one with the lock unless others have it; if they do, it is let go."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
