"""What is vulnerable fails, what is accepted is shown, and what nobody could be asked is said.

The reports have the form that pip-audit 2.10 and npm 11 gave of advisories made up for them.
"""

import json
import subprocess

import pytest

from policies import audit

FOUND = json.dumps({"dependencies": [
    {"name": "six", "version": "1.16.0", "vulns": []},
    {"name": "urllib3", "version": "2.0.0", "vulns": [
        {"id": "CVE-2026-1", "fix_versions": ["2.0.7"], "aliases": [], "description": "x"}]},
]})  # fmt: skip
SKIPPED = {"name": "six", "skip_reason": "Dependency not found on PyPI: six (1.16.0)"}
NPM_FOUND = json.dumps({"auditReportVersion": 2, "vulnerabilities": {
    "ajv": {"via": [{"name": "ajv", "url": "https://github.com/advisories/GHSA-2"}],
            "fixAvailable": False},
    "asl-validator": {"via": ["ajv"], "fixAvailable": False},
}})  # fmt: skip
NPM_REFUSED = json.dumps({"message": "405 Method Not Allowed", "error": {"summary": ""}})


def audited(
    monkeypatch: pytest.MonkeyPatch, report: str, accepted: dict[str, str], error: str = ""
) -> int:
    monkeypatch.setattr(audit, "exceptions", lambda _kind: accepted)
    monkeypatch.setattr(
        audit, "python_findings", lambda lock: audit.read_pip_audit(lock, report, error)
    )
    monkeypatch.setattr(audit, "node_findings", lambda _lock: [])
    return audit.main()


@pytest.mark.parametrize(
    ("accepted", "status", "said"),
    [
        ({}, 1, "uv.lock: urllib3 2.0.0 has CVE-2026-1, fixed in 2.0.7.\n"),
        ({"CVE-2026-1": "We never do that."}, 0, "Accepted: uv.lock: urllib3 2.0.0 has CVE-2026-1"),
        ({"CVE-2026-1": ""}, 1, "CVE-2026-1 has no reason"),
        ({"local/uv.lock": "On this machine only."}, 1, "uv.lock: urllib3 2.0.0 has CVE-2026-1"),
    ],
)
def test_a_known_vulnerability_fails_unless_it_is_accepted_for_a_reason(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    accepted: dict[str, str],
    status: int,
    said: str,
) -> None:
    assert audited(monkeypatch, FOUND, accepted) == status
    printed = capsys.readouterr()
    assert said in (printed.err if status else printed.out)


def test_an_accepted_advisory_that_is_gone_is_noted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted = {"CVE-2026-1": "We never do that.", "CVE-2020-9": "Nor that."}
    assert audited(monkeypatch, FOUND, accepted) == 0
    assert "Note: exceptions.toml, advisories: CVE-2020-9 is not" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("report", "error", "reason"),
    [
        ("", "Traceback\nConnectionError: no route", "pip-audit could not ask PyPI: Connection"),
        (json.dumps({"dependencies": [SKIPPED]}), "", "The package index that answers here knows"),
    ],
)
def test_an_audit_without_an_answer_is_reported_and_does_not_fail(
    report: str,
    error: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert audited(monkeypatch, report, {"CVE-2026-1": "We never do that."}, error) == 0
    out = capsys.readouterr().out
    for lock in audit.PYTHON_LOCKS:
        assert f"NOT AUDITED: {lock}. {reason}" in out


def test_a_package_that_the_index_does_not_know_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = json.loads(FOUND)
    report["dependencies"].append({"name": "ours", "skip_reason": "Dependency not found on PyPI"})
    assert audited(monkeypatch, json.dumps(report), {}) == 1
    assert "NOT AUDITED: of uv.lock ours, which PyPI does not know." in capsys.readouterr().out


def test_a_finding_of_npm_is_reported_once() -> None:
    (finding,) = audit.read_npm_audit("package-lock.json", NPM_FOUND, "")
    assert str(finding) == "package-lock.json: ajv has GHSA-2, fixed in none yet."


def test_npm_without_an_answer_says_so() -> None:
    with pytest.raises(audit.NotAskedError, match="npm could not ask its registry: npm warn 405"):
        audit.read_npm_audit("package-lock.json", NPM_REFUSED, "npm warn 405\nnpm error\n")


def test_every_lock_is_audited() -> None:
    listed = ["git", "ls-files", "*uv.lock", "*package-lock.json"]
    tracked = subprocess.run(listed, cwd=audit.ROOT, check=True, capture_output=True, text=True)
    assert {*audit.PYTHON_LOCKS, *audit.NODE_LOCKS} == set(tracked.stdout.split())
