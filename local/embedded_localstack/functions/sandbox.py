"""One process that runs a function, with the Runtime API that it talks to."""

import os
import queue
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread

from embedded_localstack.functions.output import Output
from embedded_localstack.functions.runtime_api import Event, Exited, Invocation, RuntimeApi


class Sandbox:
    """A started runtime process; it ends when it exits or when it is killed, never otherwise."""

    def __init__(
        self, command: list[str], task_root: Path, variables: Mapping[str, str], output: Output
    ) -> None:
        """Start `command` in `task_root` with exactly `variables` and AWS_LAMBDA_RUNTIME_API.

        Raises OSError if the process cannot be started.
        """
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._api = RuntimeApi(self._events)
        try:
            # A session of its own: what it starts can be killed along with it, and an interrupt
            # typed at a terminal does not reach it.
            self._process = subprocess.Popen(
                command,
                cwd=task_root,
                env={**variables, "AWS_LAMBDA_RUNTIME_API": self._api.address},
                stdin=subprocess.DEVNULL,
                stdout=output.fileno(),
                stderr=output.fileno(),
                start_new_session=True,
            )
        except OSError:
            self._api.close()
            raise
        self._waiter = Thread(target=self._wait, name="lambda-process", daemon=True)
        self._waiter.start()

    @property
    def alive(self) -> bool:
        """Whether the process and its group have not been cleared away yet."""
        return self._waiter.is_alive()

    def submit(self, invocation: Invocation) -> None:
        """Hand the runtime an invocation, now or as soon as it asks for one."""
        self._api.invocations.put(invocation)

    def next_event(self, deadline: float) -> Event | None:
        """Wait for the next event until `deadline` (time.monotonic()); None if there is none."""
        try:
            return self._events.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None

    def kill(self) -> None:
        """End the process and its group, and wait until it is gone."""
        self._process.kill()
        self._waiter.join(timeout=5)

    def _wait(self) -> None:
        # Until it is reaped, the dead process keeps its id, so that no other group can have it.
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        with suppress(ProcessLookupError, PermissionError):  # macOS: a group of zombies
            os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        self._api.close()
        self._events.put(Exited(status))
