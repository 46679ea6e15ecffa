"""Checks the packages in the lock files for known vulnerabilities.

The functions' packages are in uv.lock. exceptions.toml lists the accepted ones: single advisories,
or all of a lock file. Without a network the check says so and passes.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from policies.exceptions import exceptions, problems, verdict

ROOT = Path(__file__).parents[1]
PIP_AUDIT = ROOT / "policies/.venv/bin/pip-audit"
EXCEPTED = "advisories"
# The shortest comes first: if the index does not know its packages, the others are not tried.
PYTHON_LOCKS = ("local/runtime/uv.lock", "local/ministack/uv.lock", "policies/uv.lock",
                "local/uv.lock", "uv.lock")  # fmt: skip
NODE_LOCKS = ("policies/package-lock.json",)


class Finding(NamedTuple):
    """A known vulnerability of a package that a lock pins."""

    lock: str
    package: str
    advisory: str
    fixed_in: str

    def __str__(self) -> str:
        return f"{self.lock}: {self.package} has {self.advisory}, fixed in {self.fixed_in}."


class NotAskedError(Exception):
    """No index answered for a lock file; the text says why."""


def main() -> int:
    """Exit status: 1 if a vulnerability is not accepted, with what to do about it."""
    accepted = exceptions(EXCEPTED)
    found: list[Finding] = []
    unasked: list[str] = []
    for locks, look_up in ((PYTHON_LOCKS, python_findings), (NODE_LOCKS, node_findings)):
        found += audited(locks, look_up, unasked)
    wrong = [str(finding) for finding in found if not is_accepted(finding, accepted)]
    for finding in found:
        if is_accepted(finding, accepted):
            print(f"Accepted: {finding}")
    wrong += problems(accepted, accepted, EXCEPTED)
    needed = {name for finding in found for name in (finding.lock, finding.advisory)}
    if not unasked:
        # Not a failure: an advisory may be withdrawn while nothing changes here.
        for note in problems(accepted, needed, EXCEPTED):
            print(f"Note: {note}")
    status = verdict(wrong)
    if status:
        print(
            "Raise the version ('uv lock --upgrade-package NAME', 'npm update'), or say under"
            f" {EXCEPTED} in policies/exceptions.toml why it can wait.",
            file=sys.stderr,
        )
    return status


def audited(
    locks: Iterable[str], look_up: Callable[[str], list[Finding]], unasked: list[str]
) -> list[Finding]:
    """The findings for the lock files. Those without an answer are added to ``unasked``."""
    found = []
    reason = ""
    for lock in locks:
        if not reason:
            try:
                findings = look_up(lock)
            except NotAskedError as error:
                reason = str(error)
        if reason:
            unasked.append(lock)
            print(f"NOT AUDITED: {lock}. {reason}")
        else:
            print(f"{lock}: {len(findings) or 'no'} known vulnerabilities")
            found += findings
    return found


def is_accepted(finding: Finding, accepted: dict[str, str]) -> bool:
    return finding.lock in accepted or finding.advisory in accepted


def python_findings(lock: str) -> list[Finding]:
    """PyPI's advisories for a uv.lock. Raises NotAskedError."""
    project = str((ROOT / lock).parent)
    export = ["uv", "export", "--quiet", "--frozen", "--project", project, "--all-groups"]
    export += ["--no-emit-project", "--no-hashes", "--no-annotate", "--no-header"]
    pinned = subprocess.run(export, check=True, stdout=subprocess.PIPE, text=True).stdout
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(pinned)
        requirements.flush()
        audit = [str(PIP_AUDIT), "--format", "json", "--progress-spinner", "off", "--no-deps"]
        audit += ["--disable-pip", "--requirement", requirements.name]
        done = subprocess.run(audit, check=False, capture_output=True, text=True)
    return read_pip_audit(lock, done.stdout, done.stderr)


def read_pip_audit(lock: str, stdout: str, stderr: str) -> list[Finding]:
    """pip-audit's report; without an answer it is missing, or skips every package."""
    try:
        packages: list[dict[str, Any]] = json.loads(stdout)["dependencies"]
    except ValueError:
        said = stderr.strip().rpartition("\n")[2]
        raise NotAskedError(f"pip-audit could not ask PyPI: {said}") from None
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    if len(unknown) == len(packages):
        raise NotAskedError("The package index that answers here knows no advisories.")
    if unknown:
        print(f"NOT AUDITED: of {lock} {', '.join(unknown)}, which PyPI does not know.")
    return [
        Finding(
            lock,
            f"{package['name']} {package['version']}",
            advisory["id"],
            ", ".join(advisory["fix_versions"]) or "none yet",
        )
        for package in packages
        for advisory in package.get("vulns", [])
    ]


def node_findings(lock: str) -> list[Finding]:
    """The npm registry's advisories for a package-lock.json. Raises NotAskedError."""
    command = [
        "npm",
        "audit",
        "--json",
        "--package-lock-only",
        "--prefix",
        str((ROOT / lock).parent),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    return read_npm_audit(lock, done.stdout, done.stderr)


def read_npm_audit(lock: str, stdout: str, stderr: str) -> list[Finding]:
    """The report of npm; without an answer it holds a message instead of findings."""
    try:
        report = json.loads(stdout)
        packages: dict[str, dict[str, Any]] = report["vulnerabilities"]
    except (ValueError, KeyError):
        said = stderr.strip().partition("\n")[0]
        raise NotAskedError(f"npm could not ask its registry: {said}") from None
    findings = []
    for name, package in packages.items():
        fix = package["fixAvailable"]
        fixed_in = fix["version"] if isinstance(fix, dict) else "a newer one" if fix else "none yet"
        for advisory in package["via"]:
            if isinstance(advisory, dict):  # Else the name of the package that has it.
                identifier = advisory["url"].rpartition("/")[2]
                findings.append(Finding(lock, name, identifier, fixed_in))
    return findings


if __name__ == "__main__":
    sys.exit(main())
