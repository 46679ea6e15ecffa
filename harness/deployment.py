"""Builds and deploys the stack under test as anybody would: with sam, from the real template."""

import fcntl
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from harness.place import ON_AWS, is_deployed, prefix

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
# What runs functions as processes of this machine says so; others run them in Lambda's Linux.
_HERE = "FUNCTIONS_RUN_HERE" in os.environ
PACKAGES = ROOT / (".localstack/functions/build" if _HERE else ".aws-sam/build")
# sam waits for ever for a stack whose update LocalStack has rolled back.
SAM_SECONDS = 1800 if ON_AWS else 180
# Held by who builds or deploys in this checkout, as in local/embedded_localstack/checkout.py.
BUILD_LOCK = ROOT / ".localstack" / "build.lock"


@dataclass(frozen=True)
class Stack:
    """A stack of the tests' own, so that the developer's is left alone."""

    suffix: str
    heartbeat_seconds: int = 900
    issuer: str = ""
    contact_email: str = ""
    contact_phone: str = ""

    @property
    def name(self) -> str:
        return f"{prefix()}-{self.suffix}"

    @property
    def parameters(self) -> dict[str, str]:
        own = self.name.removeprefix("coffee-orders-")
        given = {
            "EventBusName": f"sw-event-bus-{own}",
            "ConfigTableName": f"sw-config-table-{own}",
            "OrderTableName": f"sw-order-table-{own}",
            "HeartbeatSeconds": str(self.heartbeat_seconds),
            "Architecture": ARCHITECTURE,
            "LocalStackEndpoint": os.environ.get("AWS_ENDPOINT_URL", ""),
            "OidcIssuer": self.issuer,
            # No emulator says who has signed a request. On AWS the template's default refuses.
            "UnsignedStaff": "" if self.issuer or ON_AWS else "allowed",
            "ContactEmail": self.contact_email,
            "ContactPhone": self.contact_phone,
        }
        return {name: value for name, value in given.items() if value}  # sam takes no empty one.


def bucket() -> str:
    """Where sam puts the packages. On AWS a bucket's name is nobody else's."""
    return f"{prefix()}-packages" if is_deployed() else "sam-artifacts"  # As in samconfig.toml.


def build(log: int | None = subprocess.PIPE) -> None:
    """Build what is deployed; sam's own words go to ``log``, None for those who watch."""
    folder = str(PACKAGES)
    override = f"Architecture={ARCHITECTURE}"
    _sam("build", "--build-dir", folder, "--parameter-overrides", override, log=log)
    _make_bucket()


def deploy(stack: Stack, log: int | None = subprocess.PIPE) -> dict[str, str]:
    """Deploy what was built, in place of what an earlier run left. Returns the stack's outputs."""
    delete(stack.name)
    overrides = [
        '{}="{}"'.format(name, value.replace('"', r"\""))
        for name, value in stack.parameters.items()
    ]
    template = str(PACKAGES / "template.yaml")
    _sam(
        *("deploy", "--template-file", template, "--stack-name", stack.name),
        *("--s3-bucket", bucket(), "--region", region(), "--parameter-overrides", *overrides),
        log=log,
    )
    return outputs(stack)


def outputs(stack: Stack) -> dict[str, str]:
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


def region() -> str:
    return str(boto3.session.Session().region_name)


def _sam(command: str, *arguments: str, log: int | None) -> None:
    sam = str(Path(sys.executable).with_name("sam"))
    BUILD_LOCK.parent.mkdir(exist_ok=True)
    try:
        # The folder is for what sam would leave on this machine.
        with BUILD_LOCK.open("w") as lock, tempfile.TemporaryDirectory() as folder:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = subprocess.run(
                [
                    *(sam, command, "--config-env", "local"),
                    # By itself sam looks for it next to the template, wherever that is.
                    *("--config-file", str(ROOT / "samconfig.toml"), *arguments),
                ],
                cwd=ROOT,
                env={"SAM_CLI_TELEMETRY": "0"}
                | ({} if ON_AWS else {"SAM_CLI_POLL_DELAY": "0.5"})
                | os.environ
                | {"TMPDIR": folder, "__SAM_CLI_APP_DIR": folder},
                stdout=log,
                stderr=log and subprocess.STDOUT,
                check=False,
                timeout=SAM_SECONDS,
            )
    except subprocess.TimeoutExpired as error:
        output = (error.output or b"").decode()
        raise RuntimeError(f"sam {command} did not end in {SAM_SECONDS} s:\n{output}") from error
    if done.returncode:
        output = (done.stdout or b"").decode()
        raise RuntimeError(f"sam {command} failed with {done.returncode}:\n{output}")


def _make_bucket() -> None:
    s3 = boto3.client("s3")
    try:
        s3.head_bucket(Bucket=bucket())
    except ClientError:
        place: Any = {"LocationConstraint": region()}
        s3.create_bucket(Bucket=bucket(), CreateBucketConfiguration=place)


def delete(stack_name: str) -> None:
    """Make room: LocalStack reports an update as complete that did not reach, say, the rules."""
    cloudformation = boto3.client("cloudformation")
    cloudformation.delete_stack(StackName=stack_name)
    waiter = cloudformation.get_waiter("stack_delete_complete")
    delay, most = (10, 180) if ON_AWS else (1, 60)
    waiter.wait(StackName=stack_name, WaiterConfig={"Delay": delay, "MaxAttempts": most})
