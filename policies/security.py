"""Checks the template with checkov, and exceptions.toml against what checkov finds."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policies.exceptions import exceptions, problems, verdict

ROOT = Path(__file__).parents[1]
CHECKOV = ROOT / "policies/.venv/bin/checkov"
EXCEPTED = "checkov"


def main() -> int:
    """Exit status: 0 if checkov finds only accepted problems, else 1, with what to do."""
    report = scan(ROOT / "template.yaml")
    accepted = exceptions(EXCEPTED)
    needed = {name for check in report["results"]["failed_checks"] for name in names(check)}
    found = [*refused(report, accepted), *problems(accepted, needed, EXCEPTED)]
    return verdict(found)


def scan(template: Path) -> dict[str, Any]:
    """The report of checkov. Raises CalledProcessError, after checkov has printed why."""
    command = [str(CHECKOV), "--file", str(template), "--framework", "cloudformation"]
    # Its descriptions of the checks would come from the network.
    command += ["--output", "json", "--skip-download", "--soft-fail"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def refused(report: dict[str, Any], accepted: dict[str, str]) -> Iterator[str]:
    """What checkov found, without the accepted checks."""
    if not report["results"].get("passed_checks") or report["results"].get("parsing_errors"):
        yield "checkov could not read the template: is it YAML?"
    for check in report["results"]["failed_checks"]:
        if not accepted.keys() & set(names(check)):
            yield (
                f"{names(check)[1]}: {check['check_name']}. Do so, or say under {EXCEPTED} in"
                " policies/exceptions.toml why not."
            )


def names(check: dict[str, Any]) -> list[str]:
    """The names that an exception may have: the check, or the check of that one resource."""
    return [check["check_id"], f"{check['check_id']} {check['resource'].rpartition('.')[2]}"]


if __name__ == "__main__":
    sys.exit(main())
