"""Runs the end-to-end tests on unchanged emulators, and prints what each can't do.

Fails if a test fails, or if more is skipped than should be. What it prints is in
docs/compatibility.md, too.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from embedded_localstack.checkout import libraries

ROOT: Final = Path(__file__).resolve().parents[1]
PORT: Final = os.environ.get("LOCALSTACK_PORT", "4566")
PYTEST: Final = (".venv/bin/python", "-m", "pytest", "tests/e2e")

NEVER_SKIPPED: Final = {
    "test_barista",
    "test_cancellation",
    "test_capacity",
    "test_own_order",
    "test_refusals",
    "test_repeats",
}
"""The test files of what has to work on every emulator."""

READY_SECONDS: Final = 60

MINISTACK: Final = "import sys; sys.setswitchinterval(1); from ministack.app import main; main()"
"""Lets each of its threads run for a second, unless it waits, before another one has its turn.

It tests a write's condition and writes without a lock (services/dynamodb.py of 1.5.33), so with
Python's 5 ms a burst now and then gets more slots than there are.
"""

X_RAY_MARK: Final = Path("/tmp/.aws-xray")  # noqa: S108 - as in embedded_localstack/server.py


@dataclass(frozen=True)
class Outcome:
    """The result of the tests on one emulator."""

    emulator: str
    status: int
    tests: int
    failed: int
    skipped: Mapping[str, str | None]

    @property
    def row(self) -> str:
        """The emulator's line in the table."""
        counts = Counter(self.skipped.values())
        reasons = "<br>".join(f"{reason} ({count})" for reason, count in counts.most_common())
        passed = self.tests - self.failed - len(self.skipped)
        return f"| {self.emulator} | {passed} of {self.tests} | {reasons or 'nothing'} |"

    def complaints(self, most_skipped: float) -> Iterator[str]:
        """The reasons why this result is a failure."""
        if self.status:
            yield f"{self.emulator}: the tests ended with {self.status}"
        if len(self.skipped) > most_skipped * self.tests:
            yield f"{self.emulator}: more than {most_skipped:.0%} of the tests were skipped"
        for test in self.skipped:
            if test.partition("::")[0] in NEVER_SKIPPED:
                yield f"{self.emulator}: {test} must not be skipped"


def main() -> int:
    """Test both emulators; return the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    stock = _tests(
        "LocalStack 4.14.0, unchanged",
        ["local/.venv/bin/python", "-m", "coffee_shop", "run", "--no-deploy", "--", *PYTEST],
        {"STOCK_LOCALSTACK": "1"},
    )
    with _ministack() as endpoint:
        # It runs functions as processes of this machine, so they need this machine's wheels.
        there = {"AWS_ENDPOINT_URL": endpoint, "FUNCTIONS_RUN_HERE": "1"}
        ministack = _tests("MiniStack 1.5.33", PYTEST, there)
    print("\n| emulator | tests passed | what the others were skipped for |\n|---|---|---|")
    print(stock.row, ministack.row, sep="\n", flush=True)
    complaints = [*stock.complaints(1 / 10), *ministack.complaints(1 / 3)]
    print(*complaints, sep="\n", file=sys.stderr)
    return 1 if complaints else 0


def _tests(emulator: str, command: Sequence[str], variables: Mapping[str, str]) -> Outcome:
    print(f"\n{emulator}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [*command, f"--junit-xml={report}"], cwd=ROOT, env=os.environ | variables, check=False
        )
        cases = []
        if report.exists():
            cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest's own
    failed = sum(
        case.find("failure") is not None or case.find("error") is not None for case in cases
    )
    skipped = {
        f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}": reason.get("message")
        for case in cases
        if (reason := case.find("skipped")) is not None
    }
    return Outcome(emulator, done.returncode, len(cases), failed, skipped)


@contextmanager
def _ministack() -> Iterator[str]:
    """Run MiniStack on the loopback address, with its files in a folder of their own."""
    if _answers():
        sys.exit(
            f"Port {PORT} is taken. Stop what listens there, or `export LOCALSTACK_PORT=4600`."
        )
    files = ROOT / ".ministack"
    shutil.rmtree(files, ignore_errors=True)
    (files / "tmp").mkdir(parents=True)
    with (files / "log").open("wb") as log:
        process = subprocess.Popen(
            [ROOT / "local/ministack/.venv/bin/python", "-c", MINISTACK],
            cwd=files,
            env={
                "PATH": os.environ["PATH"],
                **libraries(),
                "HOME": str(files),
                "TMPDIR": str(files / "tmp"),
                "STATE_DIR": str(files / "state"),
                "S3_DATA_DIR": str(files / "s3"),
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": PORT,
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # with its functions, which end with it
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers():
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"MiniStack does not answer.\n{(files / 'log').read_text()[-2000:]}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(files / "tmp", ignore_errors=True)
        shutil.rmtree(X_RAY_MARK, ignore_errors=True)


def _answers() -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", int(PORT)), timeout=1):
        return True
    return False


if __name__ == "__main__":
    sys.exit(main())
