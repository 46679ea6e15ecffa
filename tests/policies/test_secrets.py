"""The scan of make lint finds what must not be published."""

import subprocess
from pathlib import Path

import pytest

from tests.contracts.definitions import ROOT


@pytest.mark.parametrize(
    ("line", "status"),
    [
        # Each secret is made up, and marked so that the scan lets this file pass.
        # pragma: allowlist nextline secret
        ('key = "AKIAQ3EGRIXNV2TPYMWK"', 1),
        # pragma: allowlist nextline secret
        ("token: ghp_16C7e42F292c6912E7710c838347Ae178B4a", 1),
        # pragma: allowlist nextline secret
        ('password: "correct-horse-battery"', 1),
        ("orderId: 6f1d3a52-0c7e-4b86-9e55-2d8a41c0f7b3", 0),
    ],
)
def test_a_secret_is_found_and_nothing_else(tmp_path: Path, line: str, status: int) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(line)
    hook = [str(ROOT / ".venv/bin/detect-secrets-hook"), "--no-verify", path.name]
    done = subprocess.run(hook, cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == status
