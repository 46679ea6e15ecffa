"""Runs the tests of each state and the end-to-end tests on AWS, and notes how they went.

The stack that it deploys is its own, and it removes it whatever happens. With AWS_ENDPOINT_URL
it is a rehearsal on an emulator: the same is done there, and nothing is noted.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any
from xml.etree import ElementTree as ET

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from harness.aws import ON_AWS, use_test_account
from harness.deployment import ROOT, Stack, delete
from harness.inbox import rules_of
from operations.stack import REGION, confirm, outputs
from tests.e2e.call_recorder import record_calls
from tests.e2e.deploying import SHOP

NOTES = ROOT / "docs" / "compatibility.md"
BEGIN, END = "<!-- make aws-check writes from here -->", "<!-- to here -->"
SUITES = {"tests.states": "each state alone", "tests.e2e": "end to end"}

PLAN = """\
This deploys a stack, {run}-e2e, to account {account} in {region}, tests it, and removes it with all
that the tests made. It deploys as make deploy does, first anew and then gradually, with the
permissions that make deployer gives. It takes an hour and costs some 20 US cents, most of it for
3,000 state transitions. The bucket stays that sam keeps for packages. AWS keeps a backup of each
deleted table for 35 days, at no charge, traces for 30 days, and metrics for 15 months.
"""

NO_CREDENTIALS = """\
No credentials for AWS work here ({reason}). Sign in (aws sso login) or set AWS_PROFILE: to an
account for tests, and as somebody who may deploy the stack with its roles. Nothing was created.
To rehearse on the embedded LocalStack: make up, eval "$(make -s env)", make aws-check
"""


UNATTENDED = "Nothing was created, because there is no terminal to ask at: make aws-check YES=1"


@dataclass(frozen=True)
class Result:
    """What became of the tests of one suite; reasons and names tell nothing of the account."""

    suite: str
    tests: int
    failed: Sequence[str]
    skipped: Counter[str]

    @property
    def row(self) -> str:
        """The suite's line in the table."""
        passed = self.tests - len(self.failed) - self.skipped.total()
        reasons = "<br>".join(f"{reason} ({count})" for reason, count in self.skipped.items())
        failed = "<br>".join(f"`{name}`" for name in self.failed)
        return f"| {self.suite} | {passed} of {self.tests} | {reasons} | {failed} |"


def main() -> int:
    """Check, or rehearse; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--yes", action="store_true", help="ask nobody before it deploys")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if not ON_AWS:
        use_test_account()
    # Short, for CloudFormation cuts the names that it makes of a stack's.
    run = f"coffee-{token_hex(3)}"
    # AWS limits how often one may ask; the tests ask again.
    os.environ |= {"AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION, "STACKS_OF_CHECK": run}
    os.environ |= {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "10"}
    account = caller()
    if not ON_AWS:
        print(f"Rehearsal on {os.environ['AWS_ENDPOINT_URL']}: nothing will be noted.\n")
    print(PLAN.format(run=run, account=account, region=REGION), flush=True)
    if ON_AWS and not given.yes:
        confirm("Go on?", declined="Nothing was created.", unattended=UNATTENDED)
    results: list[Result] = []
    status = 1
    try:
        record_calls()  # Of which AWS knows nothing, and an emulator may.
        with stage(f"deploy {SHOP.name}"):
            deploy(SHOP)
        with stage("test"):
            status, results = tested()
    except (subprocess.CalledProcessError, ClientError, BotoCoreError, WaiterError) as error:
        print(error, file=sys.stderr)
    finally:
        removed = remove(run)
    text = noted(results) if results else "The tests did not run."
    print(f"\n{text}")
    if ON_AWS and results:
        write(NOTES, text)
        print(f"This is in {NOTES.relative_to(ROOT)} now: commit it.")
    return status or int(not removed)


def caller() -> str:
    """The account whose credentials there are; without any this ends."""
    if boto3.session.Session().get_credentials() is None:
        sys.exit(NO_CREDENTIALS.format(reason="none were found"))
    try:
        return boto3.client("sts").get_caller_identity()["Account"]
    except ClientError as error:
        sys.exit(NO_CREDENTIALS.format(reason=error.response["Error"]["Code"]))
    except BotoCoreError as error:
        sys.exit(NO_CREDENTIALS.format(reason=error))


@contextmanager
def stage(what: str) -> Iterator[None]:
    """Say what is done, and how long it took."""
    began = time.monotonic()
    print(f"--- {what}", flush=True)
    yield
    print(f"--- {what}: {time.monotonic() - began:.0f} s", flush=True)


def deploy(stack: Stack) -> None:
    """Deploy a stack as `make deploy` does, with its deployer's permissions: new, then a change.

    Raises CalledProcessError, ClientError or BotoCoreError.
    """
    suffix = stack.parameters["EventBusName"].removeprefix("sw-event-bus")
    make("deployer", STACK=stack.name, SUFFIX=suffix)
    parameters = {name: value for name, value in stack.parameters.items() if value}
    architecture = parameters.pop("Architecture")
    given = " ".join(f'{name}="{value}"' for name, value in parameters.items())
    for _ in range(2 if ON_AWS else 1):  # LocalStack can't change an alias.
        # Those of a role end after an hour.
        environment = credentials(outputs(f"deployer-{stack.name}")["RoleArn"])
        make("deploy", environment, STACK=stack.name, ARCHITECTURE=architecture, PARAMETERS=given)


def make(target: str, environment: Mapping[str, str] | None = None, **variables: str) -> None:
    given = [f"{name}={value}" for name, value in variables.items()]
    command = ["make", "--no-print-directory", target, *given]
    subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, **(environment or {})})


def credentials(role: str) -> dict[str, str]:
    """The credentials of a role that may be new: IAM needs some seconds to know it everywhere."""
    deadline = time.monotonic() + 60
    while True:
        try:
            got = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="check")
        except ClientError as error:
            if error.response["Error"]["Code"] != "AccessDenied" or time.monotonic() > deadline:
                raise
            time.sleep(2)
        else:
            made = got["Credentials"]
            return {
                "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
                "AWS_SESSION_TOKEN": made["SessionToken"],
            }


def tested() -> tuple[int, list[Result]]:
    """Run the tests. Returns pytest's exit code, and what became of each suite."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-rs", f"--junit-xml={report}"]
        folders = [suite.replace(".", "/") for suite in SUITES]
        done = subprocess.run([*command, *folders], cwd=ROOT, check=False)
        if not report.exists():
            return done.returncode, []
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest's own
    return done.returncode, [
        read(title, [case for case in cases if case.get("classname", "").startswith(suite)])
        for suite, title in SUITES.items()
    ]


def read(suite: str, cases: Sequence[ET.Element]) -> Result:
    """What a report says of a suite's tests, whose setup and teardown count as theirs."""
    ends: dict[str, set[str]] = {}
    skipped: Counter[str] = Counter()
    for case in cases:
        name = f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}"
        ends.setdefault(name, set()).update(end.tag for end in case)
        if (reason := case.find("skipped")) is not None:
            skipped[str(reason.get("message"))] += 1
    failed = [name for name, seen in ends.items() if seen & {"failure", "error"}]
    return Result(suite, len(ends), failed, skipped)


def noted(results: Sequence[Result]) -> str:
    """The results in words for the documents, which are public: no account, no ARN."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT, capture_output=True, check=False, text=True,
    ).stdout.strip() or "(unknown)"  # fmt: skip
    lines = [
        f"Run on {datetime.now(UTC):%Y-%m-%d} in {REGION}, on commit {commit}:",
        "",
        "| tests | passed | skipped | failed |",
        "|---|---|---|---|",
        *(result.row for result in results),
    ]
    return re.sub(r"arn:[^\s|`]+|\b\d{12}\b", "…", "\n".join(lines))


def write(path: Path, text: str) -> None:
    """Put the text between the marks."""
    before, _, rest = path.read_text().partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f"{path} has no place for it: put {BEGIN} and {END} there.\n\n{text}")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


def remove(run: str) -> bool:
    """Remove all that was made; return whether that worked, and say what is left."""
    left: list[str] = []

    def trying(what: str, remove_it: Any, *arguments: Any) -> None:
        print(f"--- remove {what}", flush=True)
        try:
            remove_it(*arguments)
        except (ClientError, BotoCoreError, WaiterError) as error:
            left.append(f"{what}: {error}")

    # A bus that has a rule can't be deleted.
    trying(f"listeners of {SHOP.name}", remove_rules, SHOP.parameters["EventBusName"], run)
    trying(SHOP.name, delete, SHOP.name)
    trying(f"deployer-{SHOP.name}", delete, f"deployer-{SHOP.name}")
    trying("queues", remove_queues, run)
    trying("packages", remove_packages, SHOP.name, f"deployer-{SHOP.name}")
    for line in left:
        print(f"NOT REMOVED, do it by hand: {line}", file=sys.stderr)
    return not left


def remove_rules(bus_name: str, run: str) -> None:
    """What a killed test left on a bus."""
    events = boto3.client("events")
    try:
        rules = rules_of(bus_name)
    except events.exceptions.ResourceNotFoundException:
        return
    for name in (
        rule["Name"] for rule in rules if re.fullmatch(rf"{run}-[0-9a-f-]{{36}}", rule["Name"])
    ):
        events.remove_targets(Rule=name, EventBusName=bus_name, Ids=["inbox"])
        events.delete_rule(Name=name, EventBusName=bus_name)


def remove_queues(run: str) -> None:
    """What a killed test listened with. Those of the stack are gone by now."""
    sqs = boto3.client("sqs")
    for url in sqs.list_queues(QueueNamePrefix=f"{run}-").get("QueueUrls", []):
        if re.search(r"-[0-9a-f]{8}-[0-9a-f-]{27}$", url):
            sqs.delete_queue(QueueUrl=url)


def remove_packages(*folders: str) -> None:
    """What was deployed from the bucket that sam has for all stacks, and keeps."""
    found = boto3.client("cloudformation").describe_stack_resource(
        StackName="aws-sam-cli-managed-default", LogicalResourceId="SamCliSourceBucket"
    )
    bucket = boto3.resource("s3").Bucket(found["StackResourceDetail"]["PhysicalResourceId"])
    for folder in folders:
        bucket.object_versions.filter(Prefix=f"{folder}/").delete()


if __name__ == "__main__":
    sys.exit(main())
