"""What the processes of an environment write to stdout and stderr, in the order of writing."""

import os
from tempfile import TemporaryFile


class Output:
    """A file without a name, which a process writes to and this one reads."""

    def __init__(self) -> None:
        """Create the file, which is gone when nobody has it open any longer."""
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - as long as the environment
        self._taken = 0

    def fileno(self) -> int:
        """Give the descriptor that a process is started with."""
        return self._file.fileno()

    def take(self) -> str:
        """Return what was written since the last call, up to this very moment, as whole lines."""
        # Not read(): a shared file has one offset, for reading and for writing.
        written = os.fstat(self.fileno()).st_size - self._taken
        chunk = os.pread(self.fileno(), written, self._taken)
        self._taken += len(chunk)
        # The runtime client parts the lines of a traceback by carriage returns, for a log agent
        # that turns them into one event. A terminal would print them over each other.
        text = chunk.decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
        return f"{text}\n" if text and not text.endswith("\n") else text
