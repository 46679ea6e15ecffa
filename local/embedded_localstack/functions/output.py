"""What a sandbox writes to stdout and stderr, in the order in which it was written."""

import os
import select
from threading import Lock, Thread

_PIPE_READS = 32
"""Reads of 64 KiB that empty a full pipe (64 KiB, 1 MiB at most) with room to spare."""


class Output:
    """Reads one end of a pipe in the background, so that the writer never blocks on a full one."""

    def __init__(self, descriptor: int) -> None:
        """Read from `descriptor`, and close it when the last writer is gone."""
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._lock = Lock()
        self._chunks: list[bytes] = []
        self._open = True
        Thread(target=self._pump, name="lambda-output", daemon=True).start()

    def take(self) -> str:
        """Return everything written since the last call, up to this very moment.

        The pipe is read here and not only in the background: whatever the process wrote before it
        answered, or died, is in the pipe by now.
        """
        with self._lock:
            self._read()
            text = b"".join(self._chunks).decode(errors="replace")
            self._chunks.clear()
        # The runtime client parts the lines of a traceback by carriage returns, for a log agent
        # that turns them into one event. A terminal would print them over each other.
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def close(self) -> None:
        """Stop reading. For a pipe that something outlives the sandbox with."""
        with self._lock:
            self._close()

    def _pump(self) -> None:
        readable = select.poll()
        readable.register(self._descriptor, select.POLLIN)
        while self._open:
            readable.poll(1000)
            with self._lock:
                self._read()

    def _read(self) -> None:
        for _ in range(_PIPE_READS):
            if not self._open:
                return
            try:
                chunk = os.read(self._descriptor, 65536)
            except BlockingIOError:
                return
            if chunk:
                self._chunks.append(chunk)
            else:
                self._close()

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)
