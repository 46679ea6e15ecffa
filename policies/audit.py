"""Checks the packages in the lock files for known vulnerabilities.

exceptions.toml lists what is accepted: single advisories, or all of a lock file. Where nobody
answers, as without a network, the exit status says so.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policies.exceptions import exceptions, problems, verdict

ROOT = Path(__file__).parents[1]
EXCEPTED = "advisories"
LOCKS = ("uv.lock", "local/uv.lock", "local/runtime/uv.lock", "local/ministack/uv.lock",
         "policies/uv.lock", "policies/package-lock.json")  # fmt: skip
# uv's exit status if a package has an advisory. With any other but 0, it has not audited anything.
VULNERABLE = 1
# Our own where nobody could be asked: EX_TEMPFAIL of sysexits.h. `make lint` accepts it.
NOT_AUDITED = 75


class NotAsked(Exception):
    """Nobody answered for a lock file; the text says why."""


def main() -> int:
    """Exit status: 1 if a vulnerability is not accepted, with what to do; or NOT_AUDITED."""
    accepted = exceptions(EXCEPTED)
    wrong = problems(accepted, accepted, EXCEPTED)
    unasked = 0
    for lock in LOCKS:
        if lock in accepted:
            print(f"{lock}: accepted as it is. {accepted[lock]}")
            continue
        try:
            found = audit_node(lock, accepted) if lock.endswith(".json") else audit(lock, accepted)
        except NotAsked as error:
            print(f"NOT AUDITED: {lock}. {error}")
            unasked = NOT_AUDITED
            continue
        print(f"{lock}: {'vulnerable' if found else 'no known vulnerabilities'}")
        wrong += found
    status = verdict(wrong)
    if status:
        print(
            "Raise the version ('uv lock --upgrade-package NAME', 'npm update'), or say under"
            f" {EXCEPTED} in policies/exceptions.toml why it can wait.",
            file=sys.stderr,
        )
    return status or unasked


def audit(lock: str, accepted: dict[str, str]) -> list[str]:
    """What uv says of the vulnerabilities in a uv.lock. Raises NotAsked."""
    command = ["uv", "audit", "--preview-features", "audit-command", "--frozen"]
    command += ["--project", str((ROOT / lock).parent)]
    command += [word for advisory in accepted for word in ("--ignore", advisory)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode not in (0, VULNERABLE):
        raise NotAsked(" ".join(done.stderr.split()))
    return [f"{lock}: {done.stdout.strip()}"] if done.returncode else []


def audit_node(lock: str, accepted: dict[str, str]) -> list[str]:
    """The advisories of the npm registry for a package-lock.json. Raises NotAsked."""
    command = ["npm", "audit", "--json", "--package-lock-only", "--prefix"]
    command.append(str((ROOT / lock).parent))
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        packages = json.loads(done.stdout)["vulnerabilities"]
    except (ValueError, KeyError):  # Without an answer there is a message instead.
        raise NotAsked(done.stderr.partition("\n")[0]) from None
    return [
        f"{lock}: {name} has {url}, {title}"
        for name, url, title in advisories(packages)
        if url.rpartition("/")[2] not in accepted
    ]


def advisories(packages: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    for name, package in packages.items():
        for advisory in package["via"]:
            if isinstance(advisory, dict):  # Else the name of the package that has it.
                yield name, advisory["url"], advisory["title"]


if __name__ == "__main__":
    sys.exit(main())
