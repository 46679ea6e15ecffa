"""docs/deploy.md, line by line: an order is completed, and the removal leaves nothing."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coffee_shop import emulator_parameters
from embedded_localstack.checkout import Checkout

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 540

pytestmark = pytest.mark.xdist_group("deploy document")


def commands(document: str) -> Iterator[str]:
    """The commands of a document, but for those in a block whose paragraph is for AWS only."""
    for before, block in re.findall(r"(.*?)```console\n(.*?)```", document, re.DOTALL):
        if "**Only on AWS" not in before.strip().split("\n\n")[-1]:
            assert block.startswith("$ "), block
            yield re.sub(r"^(\$|\ ) ", "", block, flags=re.MULTILINE)


def test_a_block_for_aws_only_is_left_out_and_no_other() -> None:
    document = (
        "A.\n\n```console\n$ a \\\n    b\n```\n\n**Only on AWS:** c.\n\n```console\n$ c\n```\n"
    )
    assert list(commands(document + "\nD.\n\n```console\n$ d\n```\n")) == ["a \\\n  b\n", "d\n"]


IMPATIENT = "import time; sleep = time.sleep; time.sleep = lambda seconds: sleep(min(seconds, 1))\n"
"""For sam and aws, which look only every 15 or 30 s whether a stack is there or gone."""

WAITING = """
aws events put-events --entries '[{
    "EventBusName": "sw-event-bus", "Source": "ok.serverlessworkshop", "DetailType": "OrderCreated",
    "Detail": "{\\"orderId\\": \\"2\\", \\"userId\\": \\"bob\\", \\"drink\\": \\"Mokka\\"}"}]'
until staff "$API/orders/2" | grep 'in preparation'; do sleep 1; done
"""

LISTS = (
    ("dynamodb", "list_tables", "TableNames"),
    ("events", "list_event_buses", "EventBuses"),
    ("events", "list_rules", "Rules"),
    ("lambda", "list_functions", "Functions"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings"),
    ("logs", "describe_log_groups", "logGroups"),
    ("stepfunctions", "list_state_machines", "stateMachines"),
    ("sqs", "list_queues", "QueueUrls"),
    ("sns", "list_topics", "Topics"),
    ("apigateway", "get_rest_apis", "items"),
    ("iam", "list_roles", "Roles"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("s3", "list_buckets", "Buckets"),
)
"""What a deployment makes: how it is listed, and under which key of the answer."""


def left(client: Callable[[str], Any]) -> set[str]:
    """What the account holds of what a deployment makes."""
    stacks = client("cloudformation").describe_stacks()["Stacks"]
    # LocalStack describes deleted stacks, too.
    found = [each["StackId"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"]
    for service, operation, key in LISTS:
        found += getattr(client(service), operation)().get(key, [])
    return {str(each) for each in found}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="make deploy builds for x86_64")
def test_the_document_leads_to_a_completed_order_and_leaves_nothing(
    checkout: Checkout, client: Callable[[str], Any], tmp_path: Path
) -> None:
    others = shutil.ignore_patterns(".*", "node_modules", "__pycache__")
    shutil.copytree(ROOT, tmp_path, ignore=others, dirs_exist_ok=True)
    # LocalStack would delete the tables of prod: it keeps only what has the policy Retain
    # (services/cloudformation/engine/v2/change_set_model_executor.py).
    template = tmp_path / "template.yaml"
    template.write_text(template.read_text().replace("RetainExceptOnCreate", "Retain"))
    (tmp_path / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (tmp_path / ".venv" / part).symlink_to(ROOT / ".venv" / part)
    (tmp_path / ".venv" / "ready").write_text(str(tmp_path))
    (tmp_path / "sitecustomize.py").write_text(IMPATIENT)
    blocks = list(commands((ROOT / "docs" / "deploy.md").read_text()))
    # An order still waits when all is removed.
    blocks.insert(next(i for i, block in enumerate(blocks) if "stop-execution" in block), WAITING)
    script = "\n".join(blocks)
    parameters = emulator_parameters(checkout.endpoint)
    before = left(client)

    followed = subprocess.run(
        ["/usr/bin/env", "bash", "-euxo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=checkout.client_environment(os.environ)
        | {
            # As on the command line of each make.
            "MAKEFLAGS": "PARAMETERS="
            + r"\ ".join(f"{name}={value}" for name, value in parameters.items()),
            "SAM_CLI_POLL_DELAY": "0.5",
            "PYTHONPATH": str(tmp_path),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )

    assert followed.returncode == 0, followed.stdout[-6000:]
    assert '"status":"ready for pickup"' in followed.stdout.replace('": "', '":"')
    assert followed.stdout.count('"stopDate"') == 1
    assert left(client) - before == set()
