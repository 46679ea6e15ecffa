"""Every machine that can run this has a wheel of every package: the lock files tell, offline.

Without one a package is compiled where it is installed, or, for a function, not installed at all.
Not among the machines are Macs with Intel's processors: cryptography has no wheels for them.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging import tags
from packaging.utils import parse_wheel_filename

ROOT = Path(__file__).resolve().parents[2]


def manylinux(machine: str, *, glibc: int) -> list[str]:
    """The platforms whose wheels run on that Linux with glibc 2.`glibc`, 17 or more."""
    versions = ["1", "2010", "2014", *(f"_2_{minor}" for minor in range(5, glibc + 1))]
    return [f"manylinux{version}_{machine}" for version in versions]


LAMBDAS = {  # As functions/Makefile asks for them: manylinux2014 is glibc 2.17.
    "x86_64": manylinux("x86_64", glibc=17),
    "arm64": manylinux("aarch64", glibc=17),
}
MAC = list(tags.mac_platforms((11, 0), "arm64"))
MACHINES = {
    "x86-64 Linux": manylinux("x86_64", glibc=28),
    "arm64 Linux": manylinux("aarch64", glibc=28),
    "arm64 macOS": MAC,
}
WINDOWS_ONLY = {"pywin32", "twisted-iocpsupport"}
# Of these a wheel for every platform is made in no time. (local/runtime/runtime_client.py stands
# for what awslambdaric has in C++, on Linux.)
PURE_PYTHON = {"airspeed-ext", "crontab", "jsonpath-rw"}
PURE_PYTHON_ON_MACOS = {"awslambdaric"}


def locked(lock: str) -> Iterator[dict[str, Any]]:
    packages: list[dict[str, Any]] = tomllib.loads((ROOT / lock).read_text())["package"]
    return (package for package in packages if "registry" in package["source"])


def hashes(package: dict[str, Any], platforms: list[str]) -> set[str]:
    """Those of the package's wheels for Python 3.13 on one of the platforms."""
    usable = {
        *tags.cpython_tags((3, 13), platforms=platforms),
        *tags.compatible_tags((3, 13), "cp313", platforms),
    }
    return {
        wheel["hash"]
        for wheel in package.get("wheels", [])
        if usable & parse_wheel_filename(wheel["url"].rpartition("/")[2])[3]
    }


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("lock", ["uv.lock", "local/uv.lock", "local/runtime/uv.lock"])
def test_every_machine_has_a_wheel_of_every_package(lock: str, machine: str) -> None:
    without = {
        package["name"] for package in locked(lock) if not hashes(package, MACHINES[machine])
    }
    known = WINDOWS_ONLY | PURE_PYTHON
    assert without <= known | (PURE_PYTHON_ON_MACOS if "macOS" in machine else set())


@pytest.mark.parametrize("platforms", [*LAMBDAS.values(), MAC], ids=[*LAMBDAS, "macOS"])
@pytest.mark.parametrize("folder", [".", "barista_callback", "storefront"])
def test_a_functions_requirements_allow_a_wheel_for_every_machine(
    folder: str, platforms: list[str]
) -> None:
    text = (ROOT / "functions" / folder / "requirements.txt").read_text()
    packages = {(found["name"], found["version"]): found for found in locked("uv.lock")}
    required = re.findall(r"^([\w-]+)==(\S+)((?:.*\\\n)*.*)", text, re.MULTILINE)
    assert required
    for name, version, rest in required:
        allowed = set(re.findall(r"--hash=(\S+)", rest))
        assert allowed & hashes(packages[name, version], platforms), f"{name} {version}"
