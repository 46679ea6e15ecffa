"""Finds processes by a variable in their environment, and kills them.

A process group loses the children that call setsid, a process tree those whose parent died, and
the id in a file outlives its process; the environment that a process was started with stays, and
its children inherit it. (macOS hides it where the program is one of Apple's own, as /bin/sleep.)
"""

import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

COMMAND_MARK: Final = "EMBEDDED_LOCALSTACK_COMMAND_OF"
"""The variable by which the commands that `run` runs are found."""


def localstack_processes(server_files: Path) -> list[psutil.Process]:
    """Find LocalStack by the folder that it writes to."""
    return _marked("FILESYSTEM_ROOT", server_files)


def function_processes(server_files: Path) -> list[psutil.Process]:
    """Find the processes of functions, whose code is below the folder that LocalStack writes to."""
    return _marked("LAMBDA_TASK_ROOT", server_files)


def sam_processes(sam_files: Path) -> list[psutil.Process]:
    """Find the SAM CLI and its children by the folder that it keeps its own files in."""
    return _marked("__SAM_CLI_APP_DIR", sam_files)


def command_processes(state: Path) -> list[psutil.Process]:
    """Find the commands that `run` runs, and their children, by the folder of its checkout."""
    return _marked(COMMAND_MARK, state)


def kill(processes: list[psutil.Process], *, limit_seconds: float = 10) -> None:
    """Kill processes, and wait until they have ended, or until the limit.

    The children among them are reaped. Others may stay behind as zombies, until their parent does.
    """
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    deadline = time.monotonic() + limit_seconds
    while any(map(_lives, psutil.wait_procs(processes, timeout=0)[1])):
        if time.monotonic() > deadline:
            break
        time.sleep(0.005)


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        # A killed process is a zombie while some of its threads still end, and holds its port.
        return bool(process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1)
    return False


def _marked(variable: str, folder: Path) -> list[psutil.Process]:
    """Find the processes in whose environment a variable names the folder or one below it."""
    found = []
    for process in psutil.process_iter():
        # Other users' environments are not readable, and a process may end at any moment.
        with suppress(psutil.Error, OSError):
            value = process.environ().get(variable)
            if value and Path(value).is_relative_to(folder):
                found.append(process)
    return found
