"""`make bench`: runs the benchmark, prints the figures, and writes them to docs/."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.parts import FULL, PARTS, QUICK, Results, Size, measure
from bench.report import missed_targets, report

ROOT: Final = Path(__file__).resolve().parents[1]
LOCALSTACK: Final[list[str | Path]] = [
    ROOT / "local" / ".venv" / "bin" / "python",
    "-m",
    "embedded_localstack",
]


def main() -> int:
    """Return how many targets were missed, of those that the run has enough orders for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few orders, and docs/ is left alone")
    parser.add_argument("--parts", nargs="+", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else FULL
    if arguments.parts:
        arguments.results.write_text(json.dumps(measure(arguments.parts, size)))
        return 0

    results = _run(size)
    text = report(results, size)
    print(text)
    if size is FULL:
        from bench.plot import plot  # noqa: PLC0415 - a quick run does without matplotlib

        (ROOT / "docs" / "benchmarks.md").write_text(text)
        plot(results, ROOT / "docs" / "benchmarks.svg")
    return len(missed_targets(results, size))


def _run(size: Size) -> Results:
    """Measure each part on a LocalStack of its own. A quick run measures all on one."""
    results: Results = {}
    quick = ["--quick"] if size is QUICK else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "results.json"
        for parts in [list(PARTS)] if quick else [[name] for name in PARTS]:
            arguments: list[str | Path] = [*quick, "--results", file, "--parts", *parts]
            command = [*LOCALSTACK, "run", "--", sys.executable, "-m", "bench", *arguments]
            done = subprocess.run(command, cwd=ROOT, check=False)
            if done.returncode:
                raise SystemExit(done.returncode)
            results |= json.loads(file.read_text())
    return results


if __name__ == "__main__":
    sys.exit(main())
