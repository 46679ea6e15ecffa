"""What a function finds around it, and what it leaves behind."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import Deploy, alive, create_function
from polling import eventually

from embedded_localstack.checkout import Checkout
from embedded_localstack.processes import localstack_processes

STARTS_ANOTHER = """
import os, pathlib, subprocess, time

def handler(event, context):
    other = subprocess.Popen(["/bin/sleep", "1000"])
    pathlib.Path(event["pids"]).write_text(f"{os.getpid()} {other.pid}")
    exec(event.get("then", ""))
    return os.environ["TMPDIR"]
"""

VARIABLES = """
AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_ENDPOINT_URL AWS_EXECUTION_ENV
AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION
AWS_LAMBDA_INITIALIZATION_TYPE AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME
AWS_LAMBDA_RUNTIME_API AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
AWS_XRAY_CONTEXT_MISSING AWS_XRAY_DAEMON_ADDRESS GREETING HOME LAMBDA_RUNTIME_DIR
LAMBDA_TASK_ROOT LANG LD_LIBRARY_PATH LOCALSTACK_HOSTNAME PATH TMPDIR TZ _AWS_XRAY_DAEMON_ADDRESS
_AWS_XRAY_DAEMON_PORT _HANDLER _X_AMZN_TRACE_ID
"""


def test_a_function_sees_its_package_the_runtimes_lambdas_variables_its_own_and_no_more(
    deploy: Deploy, checkout: Checkout
) -> None:
    function = deploy(
        "import importlib.util, os, sys\n"
        "def handler(event, context):\n"
        "    found = [name for name in event if importlib.util.find_spec(name)]\n"
        "    return found, sys.path[0], sys.version_info[:2], os.getcwd(), dict(os.environ)\n",
        Environment={"Variables": {"GREETING": "Grüezi", "LOCALSTACK_HOSTNAME": "mine"}},
    )

    there = ["app", "awslambdaric", "boto3", "botocore"]
    not_there = ["embedded_localstack", "localstack", "moto", "psutil", "requests", "yaml"]
    found, first, version, folder, variables = function(there + not_there).payload

    assert found == there
    assert version == [3, 13]
    variables.pop("LC_CTYPE", None)  # Python sets it by itself where en_US.UTF-8 is not installed.
    assert set(variables) == set(VARIABLES.split())
    assert folder == first == variables["LAMBDA_TASK_ROOT"]
    assert variables["AWS_ENDPOINT_URL"] == checkout.endpoint
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
    assert (variables["GREETING"], variables["LOCALSTACK_HOSTNAME"]) == ("Grüezi", "mine")
    for name in ("HOME", "LAMBDA_TASK_ROOT", "TMPDIR"):
        assert Path(variables[name]).is_relative_to(checkout.server_files)


def test_nobody_outside_this_machine_reaches_localstack_or_a_function(
    deploy: Deploy, checkout: Checkout
) -> None:
    deploy("def handler(event, context):\n    return 1\n")()

    listening = {
        connection.laddr.ip
        for process in localstack_processes(checkout.server_files)
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }

    assert listening == {"127.0.0.1"}


def test_a_deleted_function_leaves_no_process_and_no_file(
    client: Callable[[str], Any], deploy: Deploy, tmp_path: Path
) -> None:
    doomed, other = deploy(STARTS_ANOTHER), deploy(STARTS_ANOTHER)
    folder = doomed({"pids": str(tmp_path / "doomed")}).payload
    other({"pids": str(tmp_path / "other")})
    assert all(map(alive, pids_in(tmp_path / "doomed")))

    client("lambda").delete_function(FunctionName=doomed.name)

    eventually(
        lambda: [*map(alive, pids_in(tmp_path / "doomed")), Path(folder).exists()],
        until=lambda left: not any(left),
    )
    assert all(map(alive, pids_in(tmp_path / "other"))), "another function's processes go on"


@pytest.mark.parametrize("end", ["os._exit(1)", "time.sleep(60)"], ids=["crash", "timeout"])
def test_what_a_process_started_ends_with_it(deploy: Deploy, tmp_path: Path, end: str) -> None:
    started = tmp_path / "pids"

    assert deploy(STARTS_ANOTHER, Timeout=4)({"pids": str(started), "then": end}).error

    eventually(lambda: any(map(alive, pids_in(started))), until=lambda lives: not lives)


def pids_in(file: Path) -> list[int]:
    return [int(pid) for pid in file.read_text().split()]


def test_another_runtime_is_refused(client: Callable[[str], Any]) -> None:
    name = f"function-{uuid.uuid4().hex[:8]}"  # LocalStack cannot delete a function that failed.

    found = create_function(client, name, "", Runtime="python3.12")

    assert found["State"] == "Failed"
    assert "runs python3.13 only, not python3.12" in found["StateReason"]
