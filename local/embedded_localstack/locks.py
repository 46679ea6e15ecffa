"""File locks, which commands for one checkout take so that they do not run at the same time.

A lock is a file's (flock(2)): it ends with the process that holds it, however that ends.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def exclusive(file: Path, before_waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the exclusive lock of a file during the block."""
    file.parent.mkdir(exist_ok=True)
    with file.open("w") as lock:
        if not try_exclusive(lock):
            before_waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def shared(file: Path) -> Iterator[IO[str]]:
    """Hold a shared lock of a file during the block; yield the file."""
    file.parent.mkdir(exist_ok=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield lock


def try_exclusive(lock: IO[str]) -> bool:
    """Try to get the exclusive lock; if that fails, a shared lock that was held is lost."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
