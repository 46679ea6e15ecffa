"""The scan of make lint finds what must not be published."""

import re
import subprocess
from pathlib import Path

from tests.contracts.definitions import ROOT

# Each made up, and marked so that the scan lets this file pass.
SECRETS = [
    # pragma: allowlist nextline secret
    'key = "AKIAQ3EGRIXNV2TPYMWK"',
    # pragma: allowlist nextline secret
    'key = "ASIAQ3EGRIXNV2TPYMWK"',
    # pragma: allowlist nextline secret
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzx7Qm2kT9v",
    # pragma: allowlist nextline secret
    "-----BEGIN RSA PRIVATE KEY-----",
    # pragma: allowlist nextline secret
    "token: ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    # pragma: allowlist nextline secret
    "//registry.npmjs.org/:_authToken=npm_abcdefghijklmnopqrstuvwxyz0123456789",
    # pragma: allowlist nextline secret
    "token: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJKdWxpYSJ9.dozjgNryP4J3jVmNHl0w5N_XgL",
    # pragma: allowlist nextline secret
    'password: "correct-horse-battery"',
]
HARMLESS = ["orderId: 6f1d3a52-0c7e-4b86-9e55-2d8a41c0f7b3", "region: eu-central-1"]


def scan(path: Path) -> subprocess.CompletedProcess[str]:
    hook = [str(ROOT / ".venv/bin/detect-secrets-hook"), "--no-verify", path.name]
    return subprocess.run(hook, cwd=path.parent, check=False, capture_output=True, text=True)


def test_every_kind_of_secret_is_found_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("\n".join(HARMLESS + SECRETS))
    found = scan(path)
    assert found.returncode == 1
    lines = {int(number) for number in re.findall(r"settings\.yaml:(\d+)", found.stdout)}
    assert lines == {number + len(HARMLESS) + 1 for number in range(len(SECRETS))}


def test_a_text_without_a_secret_passes(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("\n".join(HARMLESS))
    assert scan(path).returncode == 0
