"""Builds and deploys with the SAM CLI, on LocalStack and on AWS."""

import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

import boto3

from embedded_localstack.problem import Problem

ARCHITECTURE: Final = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
"""The architecture of this machine, as Lambda calls it; Linux and macOS have two names for one."""


@contextmanager
def sam(
    root: Path,
    *arguments: str,
    environment: Mapping[str, str],
    files: Path,
    log: int | IO[bytes] | None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the SAM CLI for the project at ``root``, and kill it where the block ends before it.

    It keeps its own and its temporary files in ``files``, and prints to ``log``, as Popen takes it.
    Raises Problem if it is not installed.
    """
    own = root / ".venv" / "bin"
    program = shutil.which("sam", path=f"{own}{os.pathsep}{environment.get('PATH', os.defpath)}")
    if program is None:
        raise Problem(f"There is no SAM CLI in {own} or on the PATH: install aws-sam-cli.")
    config = root / "samconfig.toml"
    process = subprocess.Popen(
        [
            *(program, *arguments, "--config-env", "local"),
            # By default sam looks for it next to the template, which is another folder once built.
            *(("--config-file", str(config)) if config.exists() else ()),
        ],
        cwd=root,
        env={
            **environment,
            "SAM_CLI_TELEMETRY": "0",
            "__SAM_CLI_APP_DIR": str(files),
            "TMPDIR": str(files),
        },
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        start_new_session=True,  # So that its children can be killed with it.
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def build_arguments(packages: Path, parameters: Mapping[str, str]) -> list[str]:
    """The arguments of `sam build`, into this folder."""
    return ["build", "--build-dir", str(packages), *_overrides(parameters)]


def deploy_arguments(
    packages: Path, stack_name: str, region: str, bucket: str, parameters: Mapping[str, str]
) -> list[str]:
    """The arguments of `sam deploy` for what was built."""
    return [
        *("deploy", "--template-file", str(packages / "template.yaml")),
        *("--stack-name", stack_name, "--region", region, "--s3-bucket", bucket),
        *_overrides(parameters),
    ]


def create_bucket(name: str, region: str) -> None:
    """Create the bucket that functions are deployed from, if it is not there."""
    s3 = boto3.client("s3")
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        location: Any = {"LocationConstraint": region}
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=location)


def _overrides(parameters: Mapping[str, str]) -> list[str]:
    """What the SAM CLI takes them as, but no empty one. Without any, samconfig.toml's count."""
    overrides = [
        '{}="{}"'.format(name, value.replace('"', r"\""))
        for name, value in parameters.items()
        if value
    ]
    return ["--parameter-overrides", *overrides] if overrides else []
