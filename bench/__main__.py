"""`make bench`: runs the benchmark, prints the figures, and writes them to docs/benchmarks.md."""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.measure import FULL, PARTS, QUICK, Results
from bench.report import missed_targets, report

ROOT: Final = Path(__file__).resolve().parents[1]
PYTHON: Final = ROOT / "local/.venv/bin/python"
LOCALSTACK: Final = (PYTHON, "-m", "coffee_shop", "run", "--no-deploy", "--")


def main() -> int:
    """Return how many targets were missed, of those that the run has enough orders for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few orders, and docs/ is left alone")
    quick = parser.parse_args().quick
    size = QUICK if quick else FULL
    results: Results = {}
    # Each part has a LocalStack of its own, because each begins without finished executions.
    for part in PARTS:
        with tempfile.NamedTemporaryFile() as file:
            measure = [
                sys.executable,
                "-m",
                "bench.measure",
                part,
                file.name,
                *(["quick"] if quick else []),
            ]
            subprocess.run([*LOCALSTACK, *measure], cwd=ROOT, check=True)
            results |= json.loads(Path(file.name).read_text())
    text = report(results, size)
    print(text)
    if not quick:
        (ROOT / "docs" / "benchmarks.md").write_text(text)
    return len(missed_targets(results, size))


if __name__ == "__main__":
    sys.exit(main())
