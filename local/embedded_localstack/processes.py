"""Finds processes by a variable in their environment, and kills them.

A process group loses the children that call setsid, a process tree those whose parent died, and
the id in a file outlives its process; the environment that a process was started with stays, and
its children inherit it. (macOS hides it where the program is one of Apple's own, as /bin/sleep.)
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

YOUNG_SECONDS: Final = 2
"""Longer than a busy machine takes from the fork of a process to the exec of its program.

A second of it is because psutil counts from the boot, whose time Linux gives in whole seconds.
"""


def localstack_processes(server_files: Path) -> list[psutil.Process]:
    """Find LocalStack and its supervisor by the folder that they write to."""
    return list(_marked("FILESYSTEM_ROOT", lambda value: value == str(server_files)))


def function_processes(server_files: Path) -> list[psutil.Process]:
    """Find the processes of functions, whose code is below the folder that LocalStack writes to."""
    return list(_marked("LAMBDA_TASK_ROOT", lambda root: Path(root).is_relative_to(server_files)))


def sam_processes(sam_files: Path) -> list[psutil.Process]:
    """Find the SAM CLI and its children by the folder that it keeps its own files in."""
    return list(_marked("__SAM_CLI_APP_DIR", lambda value: value == str(sam_files)))


def sandbox_processes(runtime_api: str) -> list[psutil.Process]:
    """Find the processes that were started with the Runtime API at this address, HOST:PORT."""
    return list(_marked("AWS_LAMBDA_RUNTIME_API", lambda value: value == runtime_api))


def kill(
    processes: list[psutil.Process], *, limit_seconds: float, number: int = signal.SIGKILL
) -> list[psutil.Process]:
    """Send each a signal, wait until they have ended, and return those that have not by the limit.

    The children among them are reaped. Others may stay behind as zombies, until their parent does.
    """
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    deadline = time.monotonic() + limit_seconds
    while left := [each for each in psutil.wait_procs(processes, timeout=0)[1] if _lives(each)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.005)
    return left


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _environment(process: psutil.Process) -> dict[str, str]:
    """Give the environment that a process was started with.

    Until the kernel has put a program into a process that starts one, it shows none (Linux, proc(5)
    environ), so that of a young process without one is read again.
    """
    environment: dict[str, str] = process.environ()
    while not environment and time.time() - process.create_time() < YOUNG_SECONDS:
        time.sleep(0.001)
        environment = process.environ()
    return environment


def _marked(variable: str, accept: Callable[[str], bool]) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        # Other users' environments are not readable, and a process may end at any moment.
        with suppress(psutil.Error, OSError):
            value = _environment(process).get(variable)
            if value is not None and accept(value):
                yield process
