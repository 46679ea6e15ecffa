"""The parent of LocalStack, which ends when LocalStack does and leaves nothing behind.

Whatever functions start, and functions themselves when LocalStack is killed, become orphans. On
Linux this process adopts them, so that it can end them all; elsewhere it finds those that still
have the environment they were started with.

    python -m embedded_localstack.supervisor SERVER_FILES
"""

import ctypes
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from embedded_localstack.strays import function_processes, kill

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def main(server_files: Path) -> int:
    """Run LocalStack until it ends, or this process is told to; return LocalStack's exit code."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    localstack = subprocess.Popen([sys.executable, "-m", "localstack.runtime.main"])
    # Not terminated but killed: it keeps nothing, yet takes four seconds to shut down.
    signal.signal(signal.SIGTERM, lambda *_: localstack.kill())
    status = localstack.wait()
    while left := psutil.Process().children(recursive=True) + function_processes(server_files):
        kill(left, limit_seconds=1)
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
