"""The parent process of LocalStack and of the OpenID provider; it ends when LocalStack does.

Whatever functions start, and functions themselves when LocalStack is killed, become orphans. On
Linux this process adopts them, so that it can end them all; elsewhere it finds those that still
have the environment they were started with.

    python -m embedded_localstack.supervisor SERVER_FILES ISSUER_PORT
"""

import ctypes
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import psutil

from embedded_localstack.processes import function_processes, kill

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h

BARISTAS: Final = ("Julia", "Marco")
"""The baristas. They sign in without a password; whoever else signs in is a customer."""

A_DAYS_WORK: Final = str(12 * 60 * 60)
"""How long a sign-in lasts; refresh tokens expire at the same time."""


def main(server_files: Path, issuer_port: int) -> int:
    """Run LocalStack until it ends, or this process is told to; return LocalStack's exit code."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    localstack = subprocess.Popen([sys.executable, "-m", "localstack.runtime.main"])
    provider = subprocess.Popen([sys.executable, *_provider(issuer_port)])
    psutil.Process(provider.pid).nice(10)  # Nobody signs in before the stack is deployed.
    # Not terminated but killed: it keeps nothing, yet takes four seconds to shut down.
    signal.signal(signal.SIGTERM, lambda *_: localstack.kill())
    status = localstack.wait()
    while left := psutil.Process().children(recursive=True) + function_processes(server_files):
        kill(left, limit_seconds=1)
    return status


def _provider(port: int) -> list[str]:
    users = (
        {"sub": name, "cognito:groups": ["barista"], "preferred_username": name}
        for name in BARISTAS
    )
    claims = [argument for user in users for argument in ("--user-claims", json.dumps(user))]
    module = ["-m", "oidc_provider_mock", "--port", str(port), "--token-max-age", A_DAYS_WORK]
    return [*module, *claims]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
