"""What a person's shell has for other projects does not reach our commands.

Each test runs make in a shell that has all of it at once.
"""

import os
import re
import shlex
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from shutil import copy
from zipfile import ZipFile

import pytest

from tests.contracts.definitions import ROOT

FOREIGN = {
    **dict.fromkeys(("UV_PROJECT_ENVIRONMENT", "UV_PROJECT", "VIRTUAL_ENV", "CONDA_PREFIX"), "OWN"),
    **dict.fromkeys(("UV_NO_DEV", "UV_NO_INSTALL_PROJECT", "UV_NO_EDITABLE", "UV_NO_SYNC"), "1"),
    **dict.fromkeys(("UV_CONSTRAINT", "UV_OVERRIDE", "UV_WORKING_DIRECTORY"), "/nowhere"),
    "UV_PYTHON": "3.9",
    **dict.fromkeys(("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"), "OWN"),
    **dict.fromkeys(("PIP_USER", "PIP_REQUIRE_VIRTUALENV"), "1"),
    **dict.fromkeys(("PYTHONPATH", "MYPYPATH", "CDPATH"), "OLD"),
    **dict.fromkeys(("PYTHONSAFEPATH", "PYTHONDONTWRITEBYTECODE"), "1"),
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONIOENCODING": "latin-1",
    "PYTHONUTF8": "0",
    "PYTEST_ADDOPTS": "--no-such-option",
    "SAM_TEMPLATE_FILE": "/nowhere",
    **dict.fromkeys(("LOG_LEVEL", "POWERTOOLS_LOG_LEVEL"), "ERROR"),
    **dict.fromkeys(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"), "/nowhere"),
    "NODE_ENV": "production",
    "FORCE_COLOR": "1",
    "BASH_ENV": "NOISE",
    "BASH_FUNC_env%%": "() { echo noise; }",
    "SHELLOPTS": "braceexpand:hashall:noglob",
}
"""OWN, OLD and NOISE stand for what a person has in files, below."""

AWS = {
    **dict.fromkeys(("AWS_PROFILE", "AWS_DEFAULT_PROFILE"), "gone"),
    **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), "us-east-1"),
    **dict.fromkeys(("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_STS"), "http://127.0.0.1:9"),
    "AWS_SESSION_TOKEN": "theirs",
    **dict.fromkeys(("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"), "true"),
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required",
    "AWS_LAMBDA_LOG_LEVEL": "ERROR",
}

CONFIG = """\
[default]
endpoint_url = http://127.0.0.1:9
use_fips_endpoint = true
"""

KEPT = {
    "UV_DEFAULT_INDEX": "https://index.example.com",
    "UV_INDEX_COMPANY_USERNAME": "us",
    "UV_EXTRA_INDEX_URL": "https://extra.example.com",
    "UV_PYTHON_INSTALL_MIRROR": "https://mirror.example.com",
    "UV_PYTHON_PREFERENCE": "only-managed",
    "UV_HTTP_TIMEOUT": "60",
    "UV_OFFLINE": "1",
    "PIP_INDEX_URL": "https://index.example.com",
    "PIP_CERT": "/company.pem",
    "HTTPS_PROXY": "http://proxy.example.com",
    "SSL_CERT_FILE": "/company.pem",
    "LD_LIBRARY_PATH": "/opt/lib",
    "STACK": "coffee-orders-prod",
    "AWS_PROFILE": "company",
}


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """The environment of that shell."""
    for name in ("requests", "boto3", "yaml"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('an old one')")
    (tmp_path / "noise").write_text("echo noise\n")
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    files = {"OWN": tmp_path / "own", "OLD": tmp_path, "NOISE": tmp_path / "noise"}
    foreign = {name: str(files.get(value, value)) for name, value in FOREIGN.items()}
    return os.environ | foreign | AWS | {"HOME": str(tmp_path)}


def make(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command as the Makefile's own are run."""
    return subprocess.run(
        ["make", "--silent", "--eval", f"probe: ; @{command}", "probe"],  # noqa: S607
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_our_commands_inherit_how_to_reach_things_and_nothing_for_other_projects(
    shell: dict[str, str],
) -> None:
    seen = make("env -0", shell | KEPT)
    found = dict(each.split("=", 1) for each in seen.stdout.rstrip("\0").split("\0"))

    assert {name: found.get(name) for name in KEPT} == KEPT
    ours = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONUTF8": "1"}
    assert {name: found.get(name) for name in FOREIGN} == dict.fromkeys(FOREIGN) | ours


def test_the_tests_pass_in_a_shell_that_is_set_up_for_something_else(shell: dict[str, str]) -> None:
    """Some of each folder, run as make test runs them all."""
    tests = [
        *("tests/unit/test_metrics.py", "tests/unit/test_order_table.py"),
        *("tests/contracts/test_alarms.py", "tests/policies/test_event_schemas.py", "tests/states"),
    ]

    ran = make(f"$(PYTEST) -q -p no:cacheprovider {shlex.join(tests)}", shell)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_what_needs_no_account_reads_no_settings_of_aws(shell: dict[str, str]) -> None:
    """Every command of make lint that does not start without them."""
    lint = (ROOT / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]
    commands = re.findall(r"(?m)^\t(.*(?:sam validate|generate.py --check).*)$", lint)
    assert len(commands) == 2

    for command in commands:
        if "generate.py" in command and not (ROOT / "policies/node_modules/ready").exists():
            pytest.skip("needs Node.js and what make lint installs")
        ran = make(command, shell)
        assert ran.returncode == 0, ran.stdout + ran.stderr


PIP_CONF = """\
[global]
require-virtualenv = true
[install]
user = true
target = {0}/own
prefix = {0}/own
root = {0}/own
"""


def wheel(folder: Path, name: str, version: str, file: str) -> Path:
    """A package with one file."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with ZipFile(path, "w") as archive:
        archive.writestr(f"{info}/METADATA", about)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        archive.writestr(f"{info}/RECORD", "")
        archive.writestr(file, "")
    return path


@pytest.fixture
def told_pip(tmp_path: Path) -> dict[str, str]:
    """An environment in which pip is to install to somewhere else, from what is in `tmp_path`."""
    (tmp_path / "pip.conf").write_text(PIP_CONF.format(tmp_path))
    where = {"PIP_USER": "1", "PIP_TARGET": "own", "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    return os.environ | where | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}


def test_the_uv_that_is_fetched_lands_in_the_checkout_whatever_pip_is_told(
    tmp_path: Path, told_pip: dict[str, str]
) -> None:
    [version] = re.findall(r"(?m)^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text())
    wheel(tmp_path, "uv", version, f"uv-{version}.data/scripts/uv")
    (tmp_path / "checkout").mkdir()

    subprocess.run(
        ["make", "-I", ROOT, "-f", ROOT / "Makefile", ".uv/bin/uv"],  # noqa: S607
        cwd=tmp_path / "checkout",
        env=told_pip,
        check=True,
    )

    assert (tmp_path / "checkout" / ".uv" / "bin" / "uv").exists()
    assert not (tmp_path / "own").exists()


def test_a_functions_packages_land_in_its_folder_whatever_pip_is_told(
    tmp_path: Path, told_pip: dict[str, str]
) -> None:
    digest = sha256(wheel(tmp_path, "thing", "1.0", "thing.py").read_bytes()).hexdigest()
    functions, artifacts = tmp_path / "functions", tmp_path / ".localstack" / "function"
    for name in ("orders", "aws", "customer_notification", "bin"):
        (functions / name).mkdir(parents=True)
    artifacts.mkdir(parents=True)
    for name in ("Makefile", "environment.mk"):
        copy(ROOT / "functions" / name, functions)
    (functions / "requirements.txt").write_text(f"thing==1.0 --hash=sha256:{digest}\n")
    (functions / "bin" / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")

    subprocess.run(
        ["/usr/bin/make", "build-CustomerNotification"],
        cwd=functions,
        env=told_pip | {"PATH": f"{functions}/bin:/usr/bin:/bin", "ARTIFACTS_DIR": str(artifacts)},
        check=True,
    )

    assert (artifacts / "thing.py").exists()
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize("path", [os.environ["PATH"], "/usr/bin:/bin"], ids=["uv", "pip"])
def test_no_variable_is_taken_for_the_architecture_of_a_function(path: str) -> None:
    """MACHINE is an embedded Linux developer's; what is built here is for this machine."""
    variables = {"MACHINE": "qemux86-64", "ARTIFACTS_DIR": "/nowhere/.localstack/x", "PATH": path}
    ran = subprocess.run(
        ["/usr/bin/env", "make", "--dry-run", "build-Storefront"],
        cwd=ROOT / "functions",
        env=os.environ | variables,
        check=True,
        capture_output=True,
        text=True,
    )

    assert "pip install" in ran.stdout
    assert "platform" not in ran.stdout


def test_an_emulator_of_the_persons_own_is_tested_whatever_else_is_set(
    shell: dict[str, str],
) -> None:
    """As make localstack-test does, by tests/conftest.py."""
    client = "import tests.conftest, boto3; print(boto3.client('dynamodb').meta.endpoint_url)"
    own = {"AWS_ENDPOINT_URL": "http://localhost:4577"}
    path = "PYTHONPATH=local:."

    ran = make(f'{path} .venv/bin/python -c "{client}"', shell | own)

    assert ran.stdout == "http://localhost:4577\n", ran.stderr
