"""Operators' commands, run as the Makefile runs them."""

import os
import subprocess
import sys

from harness.deployment import ROOT

SECONDS = 60


def operate(
    command: str, stack_name: str, *options: str, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    """What a command of operations/ prints about a stack."""
    return subprocess.run(
        [sys.executable, "-m", f"operations.{command}", "--stack-name", stack_name, *options],
        check=False,
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "functions")},
    )
