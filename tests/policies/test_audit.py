"""What is vulnerable fails, what is accepted does not, and what nobody could be asked is said.

The reports have the form that uv 0.13 and npm 11 gave of advisories made up for them.
"""

import json
import subprocess
from itertools import pairwise
from typing import Any

import pytest

from policies import audit

UV_FOUND = """\
Vulnerabilities:

urllib3 2.0.0 has 1 known vulnerability:

- GHSA-1: Bad thing

  Fixed in: 2.0.7
"""
NPM_FOUND = json.dumps({"auditReportVersion": 2, "vulnerabilities": {
    "ajv": {"via": [{"name": "ajv", "url": "https://github.com/advisories/GHSA-2",
                     "title": "Bad thing"}], "fixAvailable": False},
    "asl-validator": {"via": ["ajv"], "fixAvailable": False},
}})  # fmt: skip
NPM_REFUSED = json.dumps({"message": "405 Method Not Allowed", "error": {"summary": ""}})


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, str, str]]:
    """The status and the output of uv and of npm, which a test may change."""
    answers = {"uv": (0, "", ""), "npm": (0, '{"vulnerabilities": {}}', "")}

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        status, out, error = answers[command[0]]
        ignored = [name for option, name in pairwise(command) if option == "--ignore"]
        if any(advisory in out for advisory in ignored):
            status, out = 0, ""
        return subprocess.CompletedProcess(command, status, out, error)

    monkeypatch.setattr(subprocess, "run", run)
    return answers


@pytest.mark.parametrize(
    ("tool", "found", "advisory"), [("uv", UV_FOUND, "GHSA-1"), ("npm", NPM_FOUND, "GHSA-2")]
)
def test_a_known_vulnerability_fails_unless_it_is_accepted_for_a_reason(
    answer: dict[str, tuple[int, str, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tool: str,
    found: str,
    advisory: str,
) -> None:
    assert audit.main() == 0
    answer[tool] = (1, found, "")
    assert audit.main() == 1
    assert advisory in capsys.readouterr().err

    monkeypatch.setattr(audit, "exceptions", lambda _: {advisory: "We never do that."})
    assert audit.main() == 0
    monkeypatch.setattr(audit, "exceptions", lambda _: {advisory: ""})
    assert audit.main() == 1
    assert f"{advisory} has no reason" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tool", "answered", "lock"),
    [
        ("uv", (2, "", "error: Request failed\n  cause: no route"), "uv.lock"),
        ("npm", (1, NPM_REFUSED, "npm warn 405\n"), "policies/package-lock.json"),
    ],
)
def test_an_audit_without_an_answer_is_reported_and_has_a_status_of_its_own(
    answer: dict[str, tuple[int, str, str]],
    capsys: pytest.CaptureFixture[str],
    tool: str,
    answered: tuple[int, str, str],
    lock: str,
) -> None:
    answer[tool] = answered
    assert audit.main() == audit.NOT_AUDITED
    said = " ".join(answered[2].split())
    assert f"NOT AUDITED: {lock}. {said}\n" in capsys.readouterr().out


def test_a_vulnerability_counts_for_more_than_an_audit_without_an_answer(
    answer: dict[str, tuple[int, str, str]],
) -> None:
    answer |= {"uv": (1, UV_FOUND, ""), "npm": (1, NPM_REFUSED, "npm warn 405\n")}
    assert audit.main() == 1


def test_every_lock_is_audited() -> None:
    found = set()
    for folder, folders, files in audit.ROOT.walk():
        folders[:] = [name for name in folders if name != "node_modules" and name[0] != "."]
        locks = {"uv.lock", "package-lock.json"} & {*files}
        found |= {(folder / lock).relative_to(audit.ROOT).as_posix() for lock in locks}
    assert set(audit.LOCKS) == found
