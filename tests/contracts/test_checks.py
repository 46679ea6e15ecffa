"""GitHub runs the checks that .ci/run runs, and moves no lock that is to stay where it is."""

import re
import tomllib
from copy import deepcopy
from typing import Any

import pytest
import yaml

from policies import audit
from tests.contracts.definitions import ROOT

CHECKS = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text())["jobs"]
DEPLOYMENT = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())["jobs"]
UPDATES = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
MATRIX = set(CHECKS["check"]["strategy"]["matrix"]["target"])
DOCUMENTED_TARGETS = set(re.findall(r"(?m)^([a-z-]+):.*## ", (ROOT / "Makefile").read_text()))


def made_in(script: str) -> set[str]:
    """The targets that a shell script makes."""
    return set(re.findall(r"(?m)^\s*make ([a-z-]+)", script))


def scripts(jobs: dict[str, Any]) -> str:
    steps = [step for job in jobs.values() for step in job.get("steps", [])]
    return "\n".join(step.get("run", "") for step in steps)


def directories_of(update: dict[str, Any]) -> list[str]:
    directories = update.get("directories") or [update["directory"]]
    return [directory.strip("/") for directory in directories]


def test_github_and_ci_run_check_the_same() -> None:
    # GitHub can ask whether a package is vulnerable; make lint does not fail if it can't.
    assert made_in((ROOT / ".ci/run").read_text()) | {"audit"} == MATRIX


def test_everywhere_runs_the_same_uv() -> None:
    makefile = (ROOT / "Makefile").read_text()
    [version] = re.findall(r"(?m)^UV_VERSION := (\S+)$", makefile)
    assert re.findall(r"pip install .* (uv\S*)$", makefile, re.MULTILINE) == ["uv==$(UV_VERSION)"]
    set_up = [
        step["with"].get("version")
        for job in (CHECKS | DEPLOYMENT).values()
        for step in job.get("steps", [])
        if step.get("uses", "").startswith("astral-sh/setup-uv")
    ]
    assert set_up == [version] * 3


def test_the_development_container_makes_targets_that_exist() -> None:
    script = (ROOT / ".devcontainer/set-up").read_text()
    [targets] = re.findall(r"(?m)^make (.*)$", script)
    files = re.findall(r"(?m)^(\S+/ready):", (ROOT / "Makefile").read_text())
    assert set(targets.split()) <= set(files)


def test_github_makes_targets_that_exist() -> None:
    made = made_in(scripts(CHECKS)) | made_in(scripts(DEPLOYMENT))
    assert made == {"localstack-test", "deploy"}
    assert made | MATRIX <= DOCUMENTED_TARGETS


def test_only_a_tag_that_passed_everything_is_deployed_and_dev_comes_first() -> None:
    dev, prod = CHECKS["deploy-dev"], CHECKS["deploy-prod"]
    assert dev["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert {*dev["needs"], "deploy-dev", "deploy-prod"} == set(CHECKS)
    assert prod["needs"] == "deploy-dev"
    assert "if" not in prod  # With an `always()` it would run after a failure, too.
    assert (dev["with"]["stage"], prod["with"]["stage"]) == ("dev", "prod")


def test_a_stage_is_deployed_in_its_own_environment_to_the_region_of_the_stack() -> None:
    """Else whoever protects the environment, and its role, protects something else."""
    deploy = DEPLOYMENT["deploy"]
    assert deploy["environment"] == "${{ inputs.stage }}"
    assert deploy["steps"][-1]["env"] == {"STAGE": deploy["environment"]}
    assert "STAGE :=" in (ROOT / "Makefile").read_text()
    [region] = [step["with"]["aws-region"] for step in deploy["steps"] if "aws-region" in str(step)]
    regions = {
        config["global"]["parameters"]["region"]
        for config in tomllib.loads((ROOT / "samconfig.toml").read_text()).values()
        if isinstance(config, dict)
    }
    assert regions == {region}


def test_the_matrix_of_shops_deploys_as_one_stage_is_deployed() -> None:
    [written] = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/chain.md").read_text(), re.DOTALL)
    shops, stage = yaml.safe_load(written)["jobs"]["deploy"], deepcopy(DEPLOYMENT["deploy"])
    for same in ("runs-on", "timeout-minutes", "permissions"):
        assert shops[same] == stage[same]
    *steps, deploy = shops["steps"]
    [stack] = re.findall(r'STACK="(\S+)"', deploy["run"])
    role = f"/deployer-{stack.replace('$SHOP', '${{ matrix.shop }}')}"
    assert steps[-1]["with"]["role-to-assume"].endswith(role)
    stage["steps"][-2]["with"]["role-to-assume"] = steps[-1]["with"]["role-to-assume"]
    assert steps == stage["steps"][:-1]


@pytest.mark.parametrize("lock", [lock for lock in audit.LOCKS if lock.endswith("uv.lock")])
def test_dependabot_moves_a_lock_unless_its_project_holds_it_back(lock: str) -> None:
    folder = lock.removesuffix("uv.lock").strip("/")
    entries = [
        update
        for update in UPDATES
        if update["package-ecosystem"] == "uv" and folder in directories_of(update)
    ]
    project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())
    held_back = "exclude-newer" in project["tool"]["uv"]
    assert len(entries) == 1, f"{lock} has to be in one entry of dependabot.yml, not {len(entries)}"
    # `ignore` is for security updates, too; the limit of pull requests is not.
    # https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference
    assert ({"dependency-name": "*"} in entries[0].get("ignore", [])) == held_back


def test_no_other_package_manager_of_python_moves_a_lock() -> None:
    assert {update["package-ecosystem"] for update in UPDATES} == {"uv", "npm", "github-actions"}
