"""`make bench`: runs the parts, prints what came out, and writes it to docs/."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.parts import FULL, PARTS, QUICK, Results, Size, measured
from bench.report import missed, report

ROOT: Final = Path(__file__).resolve().parents[1]
LOCALSTACK: Final[list[str | Path]] = [
    ROOT / "local" / ".venv" / "bin" / "python",
    "-m",
    "embedded_localstack",
]


def main() -> int:
    """Return how many targets were missed; a quick run is too short to be held to any."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few orders, and docs/ is left alone")
    parser.add_argument("--parts", nargs="+", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    size = QUICK if arguments.quick else FULL
    if arguments.parts:
        arguments.results.write_text(json.dumps(measured(arguments.parts, size)))
        return 0

    results = _run(size)
    text = report(results, size)
    print(text)
    if size is QUICK:
        print("So few orders are not held to the targets.", file=sys.stderr)
        return 0
    from bench.plot import plot  # noqa: PLC0415 - a quick run does without matplotlib

    (ROOT / "docs" / "benchmarks.md").write_text(text)
    plot(results, ROOT / "docs" / "benchmarks.svg")
    return len(missed(results))


def _run(size: Size) -> Results:
    """Measure in processes of their own, for each of which LocalStack starts anew."""
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
