"""A checkout that was copied or moved makes its environments anew, and touches no other one."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """\
#!/bin/bash
# As uv: uv sync --frozen --quiet --project FOLDER. As Python: -m venv .uv, and -m pip install … uv.
case $1 in
sync) mkdir -p "$5/.venv"; echo "$0 $1" >>"$5/.venv/log" ;;
*) mkdir -p .uv/bin; cp "$0" .uv/bin/python; cp "$0" .uv/bin/uv; echo "$2" >>.uv/log ;;
esac
"""

READY = [f"{folder}.venv/ready" for folder in ("", "local/", "local/ministack/", "policies/")]
ENVIRONMENTS = [Path(ready).parent for ready in (*READY, "local/runtime/.venv/ready")]

type Make = Callable[..., str]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Run make in a folder of `tmp_path`, with a stand-in for uv, or for Python and no uv."""

    def run(folder: str, *targets: str, program: str = "uv") -> str:
        programs = tmp_path / program
        programs.mkdir(exist_ok=True)
        (programs / program).write_text(PROGRAM)
        (programs / program).chmod(0o755)
        done = subprocess.run(
            ["/usr/bin/env", "make", "-I", str(ROOT), "-f", str(ROOT / "Makefile"), *targets],
            cwd=tmp_path / folder,
            env=os.environ | {"PATH": f"{programs}:/usr/bin:/bin"},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    for project in ("", "local", "local/runtime", "local/ministack", "policies"):
        (tmp_path / "one" / project).mkdir(exist_ok=True)
        for name in ("pyproject.toml", "uv.lock"):
            (tmp_path / "one" / project / name).touch()
    return run


@pytest.mark.parametrize("move", [shutil.copytree, shutil.move])
def test_each_environment_is_made_anew_once(
    make: Make, tmp_path: Path, move: Callable[..., object]
) -> None:
    assert make("one", *READY).count("Installing") == len(READY)
    assert make("one", *READY).count("Installing") == 0
    (tmp_path / "one" / "uv.lock").touch()
    assert make("one", *READY).count("Installing") == 1
    assert (tmp_path / "one" / ".venv" / "log").read_text().count("sync") == 2, "not made anew"

    move(tmp_path / "one", tmp_path / "other one")

    assert make("other one", *READY).count("Installing") == len(READY)
    for environment in ENVIRONMENTS:
        log = tmp_path / "other one" / environment / "log"
        assert log.read_text().count("sync") == 1, "nothing of the first is left"
    assert make("other one", *READY).count("Installing") == 0


def test_so_is_the_uv_that_was_fetched_but_what_it_has_downloaded_stays(
    make: Make, tmp_path: Path
) -> None:
    make("one", ".venv/ready", program="python3")
    for name in ("cache", "python"):
        (tmp_path / "one" / ".uv" / name).mkdir()

    shutil.copytree(tmp_path / "one", tmp_path / "other")
    make("other", ".venv/ready", program="python3")

    for name, log in (("one", "venv pip"), ("other", "venv pip venv pip")):
        assert (tmp_path / name / ".uv" / "log").read_text().split() == log.split()
    assert {"bin", "cache"} <= {path.name for path in (tmp_path / "other" / ".uv").iterdir()}
    assert not (tmp_path / "other" / ".uv" / "python").exists()


def test_down_in_a_copy_leaves_the_original_alone(make: Make, tmp_path: Path) -> None:
    """Even before anything is made anew."""
    for package in ("embedded_localstack", "coffee_shop"):
        shutil.copytree(ROOT / "local" / package, tmp_path / "one" / "local" / package)
    (tmp_path / "one" / "local" / ".venv").symlink_to(ROOT / "local" / ".venv")
    (tmp_path / "one" / ".localstack").mkdir()

    assert "LocalStack was not running." in make("one", "down")

    assert (tmp_path / "one" / ".localstack" / "lock").exists()
    by_hand = [str(tmp_path / "one/local/.venv/bin/python"), "-m", "coffee_shop", "down"]
    told = subprocess.run(by_hand, check=False, capture_output=True, text=True).stderr
    assert told.endswith(f"is a copy from {ROOT}: run `make local/.venv/ready` here.\n")
