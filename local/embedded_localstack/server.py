"""Starts and stops the LocalStack of a project."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil
import requests

from embedded_localstack.checkout import FUNCTION_PYTHON, PROVIDERS, STOCK, Checkout
from embedded_localstack.locks import exclusive, shared, try_exclusive
from embedded_localstack.problem import Problem, end_of
from embedded_localstack.processes import (
    command_processes,
    function_processes,
    kill,
    localstack_processes,
    sam_processes,
)

START_LIMIT_SECONDS: Final = 120
"""Longer than a first start on a slow machine, which compiles all of LocalStack."""

FIND_LIMIT_SECONDS: Final = 5
"""How long a process that has started may hide its environment."""

X_RAY_MARK: Final = Path("/tmp/.aws-xray")  # noqa: S108 - its name is fixed
"""The folder that the X-Ray SDK creates when it is imported (core/lambda_launcher.py)."""


def is_running(checkout: Checkout) -> bool:
    """Tell whether this project's LocalStack runs, on whatever port, ready or not."""
    return bool(localstack_processes(checkout.server_files))


def start(checkout: Checkout) -> None:
    """Start LocalStack if it does not run yet, without waiting until it is ready.

    Raises Problem if the port is taken, if this project's LocalStack listens on another one, if
    the Python of functions is missing, or if what was started can't be found.
    """
    with exclusive(_start_lock(checkout)):
        if running := localstack_processes(checkout.server_files):
            _require_same_settings(checkout, running[0])
            return
        if not FUNCTION_PYTHON.exists():
            again = "`rm local/.venv/ready`, then `make local/.venv/ready`"
            raise Problem(f"{FUNCTION_PYTHON} is missing. Run {again}.")
        _require_free_port(checkout.port)
        if checkout.users:
            _require_free_port(checkout.issuer_port)
        _sweep(checkout)
        for name in ("home", "tmp"):
            (checkout.server_files / name).mkdir(parents=True)
        with checkout.server_log.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "localstack.runtime.main"],
                cwd=checkout.server_files,
                env=checkout.server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # The system shows the environment a moment after the start, longer on a busy machine.
        deadline = time.monotonic() + FIND_LIMIT_SECONDS
        while process.poll() is None and not is_running(checkout):
            if time.monotonic() > deadline:  # macOS never shows that of Apple's own programs.
                process.kill()
                raise Problem(
                    f"This system hides the environment of {sys.executable}, so LocalStack could"
                    " not be stopped later. Let uv install its own Python: run `rm -rf .venv"
                    " local/.venv`, then `UV_PYTHON_PREFERENCE=only-managed make .venv/ready"
                    " local/.venv/ready`."
                )
            time.sleep(0.01)


def wait_until_ready(checkout: Checkout) -> None:
    """Return when the services are loaded; raise Problem if LocalStack ends, or is not ready.

    It answers no request before the services to be loaded at start are: they are loaded by a hook
    that runs before the gateway listens (localstack/runtime/runtime.py and services/plugins.py).
    """
    answer = _answer(checkout, f"{checkout.endpoint}/_localstack/plugins", "LocalStack")
    found = answer.json()["localstack.aws.provider"]
    plugins = {plugin["name"] for plugin in found if plugin["is_loaded"]}
    # LocalStack only logs a plug-in that it cannot load, and takes the one that needs Java.
    if missing := {f"{service}:{name}" for service, name in PROVIDERS.items()} - plugins:
        names = ", ".join(sorted(missing))
        raise Problem(f"LocalStack could not load {names}.\n{end_of(checkout.server_log)}")


def wait_for_sign_in(checkout: Checkout) -> None:
    """Return when the OpenID provider answers; raise Problem if it does not in time."""
    url = f"{checkout.issuer}/.well-known/openid-configuration"
    _answer(checkout, url, "The OpenID provider")


def stop(checkout: Checkout) -> bool:
    """End LocalStack and all functions, remove what they wrote; return whether anything ran."""
    if not checkout.state.exists():
        return False
    with exclusive(_start_lock(checkout)):
        return _clear(checkout)


@contextmanager
def in_use(checkout: Checkout) -> Iterator[None]:
    """Let LocalStack run for the block, whoever starts it; the last to leave stops it.

    Not if it was told to `stay`.
    """
    with shared(_users_lock(checkout)) as users:
        try:
            yield
        finally:
            with exclusive(_start_lock(checkout)):
                if try_exclusive(users) and not _stay_mark(checkout).exists():
                    _clear(checkout)


def end_unused(checkout: Checkout) -> None:
    """End LocalStack, whose process this is, if nobody uses it and it was not told to `stay`.

    The commands of users who were killed end with it.
    """
    if not checkout.state.exists():  # The checkout was removed or moved.
        _clear(checkout)
    with exclusive(_start_lock(checkout)), _users_lock(checkout).open("w") as users:
        if try_exclusive(users) and not _stay_mark(checkout).exists():
            kill(command_processes(checkout.state))
            _clear(checkout)


def stay(checkout: Checkout) -> None:
    """Let LocalStack run on when nobody uses it any longer, until `stop`."""
    _stay_mark(checkout).touch()


def _start_lock(checkout: Checkout) -> Path:
    return checkout.state / "lock"


def _users_lock(checkout: Checkout) -> Path:
    return checkout.state / "users.lock"


def _stay_mark(checkout: Checkout) -> Path:
    return checkout.server_files / "stay"


def _clear(checkout: Checkout) -> bool:
    kill(sam_processes(checkout.sam_files))
    shutil.rmtree(checkout.sam_files, ignore_errors=True)
    return _sweep(checkout)


def _sweep(checkout: Checkout) -> bool:
    """Kill LocalStack, which keeps nothing and takes four seconds to shut down, and functions."""
    files = checkout.server_files
    ended, this = localstack_processes(files), psutil.Process()
    # LocalStack first, so that it starts no function afterwards.
    kill([process for process in ended if process != this])
    kill(left := function_processes(files))
    for folder in (files, X_RAY_MARK):
        shutil.rmtree(folder, ignore_errors=True)
    if this in ended:
        this.kill()
    return bool(ended or left)


def _answer(checkout: Checkout, url: str, whose: str) -> requests.Response:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while True:
        with suppress(requests.RequestException):
            answer = requests.get(url, timeout=10)
            if answer.ok:
                return answer
        if not is_running(checkout):
            raise Problem(
                f"LocalStack stopped while it was starting.\n{end_of(checkout.server_log)}"
            )
        if time.monotonic() > deadline:
            raise Problem(
                f"{whose} does not answer after {START_LIMIT_SECONDS} s. Run `{checkout.command}"
                f" down`, then your command again.\n{end_of(checkout.server_log)}"
            )
        time.sleep(0.1)


def _require_same_settings(checkout: Checkout, running: psutil.Process) -> None:
    environment = running.environ()
    address = environment.get("GATEWAY_LISTEN", "")
    if ("STOCK_LOCALSTACK" in environment) != STOCK:
        how = "with another value of STOCK_LOCALSTACK"
    elif address != f"127.0.0.1:{checkout.port}":
        how = f"on {address}, not on port {checkout.port}"
    else:
        return
    raise Problem(f"LocalStack already runs {how}. Stop it first: `{checkout.command} down`")


def _require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return
    raise Problem(
        f"Port {port} is taken by {_listener(port)}."
        f" Stop that, or `export LOCALSTACK_PORT={port + 11}` and run your command again."
    )


def _listener(port: int) -> str:
    for process in psutil.process_iter():
        # Of other users' processes nothing can be learned, and one may end at any moment.
        with suppress(psutil.Error, OSError):
            for connection in process.net_connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return f"process {process.pid} ({' '.join(process.cmdline())})"
    return "a process of another user"
