"""What `python -m embedded_localstack` does."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from contextlib import nullcontext, suppress
from urllib.request import getproxies

import psutil

from embedded_localstack import server, stack
from embedded_localstack.checkout import ARTIFACT_BUCKET, REGION, Checkout
from embedded_localstack.locks import exclusive
from embedded_localstack.problem import Problem
from embedded_localstack.processes import COMMAND_MARK, kill, sam_processes
from embedded_localstack.sam import build_arguments, create_bucket

_BEGAN = time.monotonic()

END_LIMIT_SECONDS = 10
"""How long a command that was interrupted may take to end by itself."""


def up(checkout: Checkout, callers: Collection[str]) -> None:
    """Start LocalStack and deploy the stack, unless that is done already."""
    with server.in_use(checkout):
        outputs = _deployed(checkout, may_replace=True)
        server.stay(checkout)
    print()
    for name, address in (checkout.addresses(outputs) | {"LocalStack": checkout.endpoint}).items():
        print(f"{name:<20} {address}")
    stops = f"`{checkout.command} down` stops it"
    print(f"\nTo point the aws CLI and every AWS SDK at it ({stops}):")
    env(checkout, callers)


def down(checkout: Checkout) -> None:
    """Stop LocalStack and everything that it started."""
    stopped = server.stop(checkout)
    print("LocalStack is stopped." if stopped else "LocalStack was not running.")


def run(checkout: Checkout, command: list[str], *, deploy: bool) -> int:
    """Run a command with LocalStack, which stops afterwards unless others use it.

    Returns the command's exit code, or 128 and the signal that ended it, as a shell does.
    """
    with server.in_use(checkout):
        if deploy:
            _deployed(checkout, may_replace=False)
        else:
            _ready(checkout)
        return _execute(checkout, command)


def env(checkout: Checkout, callers: Collection[str]) -> None:
    """Print what makes AWS clients talk to LocalStack, past any proxy, in a shell as the caller's.

    `callers` are the names of its variables: what an SDK might prefer to ours is unset.
    """
    variables = checkout.client_variables()
    if {"http", "all"} & getproxies().keys():
        variables |= {name: os.environ[name] for name in ("NO_PROXY", "no_proxy")}
    others = sorted({name for name in callers if name.startswith("AWS_")} - variables.keys())
    if others:
        print("unset", *others)
    print(f'export PATH={shlex.quote(str(checkout.root / ".venv" / "bin"))}:"$PATH"')
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def _tell(text: str) -> None:
    print(f"{time.monotonic() - _BEGAN:5.1f} s  {text}", file=sys.stderr, flush=True)


def _ready(checkout: Checkout) -> None:
    runs = server.is_running(checkout)
    if not runs:
        _tell(f"starting LocalStack on {checkout.endpoint}")
    server.start(checkout)
    server.wait_until_ready(checkout)
    if not runs:
        _tell("LocalStack is ready")


def _deployed(checkout: Checkout, *, may_replace: bool) -> dict[str, str]:
    wait = "waiting for another command that builds or deploys in this folder"
    # The end-to-end tests build with the same lock.
    with exclusive(checkout.state / "build.lock", lambda: _tell(wait)):
        # The command that held the lock may have been killed without its children.
        kill(sam_processes(checkout.sam_files))
        sources = stack.sources(checkout)
        changed = None
        if server.is_running(checkout):
            _ready(checkout)
            changed = stack.changes(checkout, sources)
        if changed == set():
            _tell(f"stack {checkout.stack} is deployed already, and nothing has changed")
        else:
            _build(checkout, sources)
            if changed and changed <= {checkout.functions, checkout.workflow}:
                _tell(f"updating {', '.join(sorted(changed))}")
                stack.update(checkout, changed)
            else:
                _deploy(checkout, changed, may_replace=may_replace)
            stack.note(checkout, sources)
            _tell(f"stack {checkout.stack} is deployed")
        outputs = stack.outputs(checkout)
        if done := checkout.begin(outputs):
            _tell(done)
    if checkout.users:
        server.wait_for_sign_in(checkout)
    return outputs


def _build(checkout: Checkout, sources: dict[str, str]) -> None:
    """Start LocalStack, and build the functions unless they are built from these sources."""
    checkout.sam_log.unlink(missing_ok=True)
    built_from = "".join(sources[name] for name in sorted(sources) if name != checkout.workflow)
    built = checkout.built_note.exists() and checkout.built_note.read_text() == built_from
    if not built:
        _tell("building the functions")
    arguments = build_arguments(checkout.packages, checkout.parameters())
    with nullcontext() if built else stack.run_sam(checkout, *arguments) as build:
        _ready(checkout)
        if build:
            stack.require_success(checkout, build, "Building the functions")
            checkout.built_note.write_text(built_from)
            _tell("the functions are built")


def _deploy(checkout: Checkout, changed: set[str] | None, *, may_replace: bool) -> None:
    """Deploy the stack, to a new LocalStack where it replaces one that has changed."""
    if changed:
        what = ", ".join(sorted(changed))
        obstacle = f"What has changed ({what}) can't be put into the running stack."
        if not may_replace:
            raise Problem(
                f"{obstacle} Run `{checkout.command} up` first: it restarts LocalStack, which"
                " deletes all data."
            )
        _tell(f"{obstacle} Restarting LocalStack: all data is deleted.")
        server.stop(checkout)
        _ready(checkout)
    _tell("deploying the stack")
    create_bucket(ARTIFACT_BUCKET, REGION)
    stack.deploy(checkout)


def _execute(checkout: Checkout, command: list[str]) -> int:
    try:
        own = {COMMAND_MARK: str(checkout.state), "AWS_SAM_STACK_NAME": checkout.stack}
        environment = os.environ | own
        status = subprocess.Popen(command, env=environment).wait()
    except OSError as error:
        raise Problem(f"{command[0]}: {error.strerror}") from error
    except SystemExit as interruption:
        # Of Popen as well, which then returns nothing. LocalStack has a session of its own.
        for child in psutil.Process().children():
            if os.getsid(child.pid) == os.getsid(0):
                _end(child, signal.Signals(int(interruption.code or 0) - 128))
        raise
    return status if status >= 0 else 128 - status


def _end(leader: psutil.Process, reason: signal.Signals) -> None:
    family = [leader, *leader.children(recursive=True)]
    # An interrupt typed at a terminal has reached the command already. A second one would cut
    # short what it does at its end, as pytest's report.
    if reason != signal.SIGINT or not _in_foreground():
        leader.send_signal(reason)
    with suppress(psutil.TimeoutExpired):
        leader.wait(timeout=END_LIMIT_SECONDS)
    kill(family)


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:  # Standard input is no terminal, or is closed.
        return False
