"""The commands, as a person runs them, each time on a checkout of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from conftest import ROLE, alive, aws, free_port, package, settled
from polling import eventually
from project import Project

from embedded_localstack import server
from embedded_localstack.checkout import Checkout
from embedded_localstack.processes import localstack_processes
from embedded_localstack.sam import ARCHITECTURE

LEAVES_OTHERS = """
import os, subprocess

def handler(event, context):
    others = [
        subprocess.Popen(["/bin/sleep", "1000"]),
        subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True),
    ]
    if event == "leave no trace":
        others.append(subprocess.Popen(["/bin/sleep", "1000"], env={}, start_new_session=True))
    return [os.getpid(), *(other.pid for other in others)]
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    yield project
    server.stop(project.checkout)


def test_up_and_down_and_each_again(project: Project, checkout: Checkout, tmp_path: Path) -> None:
    status, _, errors = project("up")
    assert status == 0, errors
    dynamodb = aws(project.checkout)("dynamodb")
    (table,) = dynamodb.list_tables()["TableNames"]
    (config,) = dynamodb.scan(TableName=table)["Items"]
    assert config == {"PK": {"S": "config"}, "open": {"BOOL": True}}
    assert table not in aws(checkout)("dynamodb").list_tables()["TableNames"], "another checkout's"

    closed = {"PK": {"S": "config"}, "open": {"BOOL": False}}
    dynamodb.put_item(TableName=table, Item=closed)
    before = project.processes
    status, output, errors = project("up")
    assert status == 0
    assert "http://the.api/order\n" in output
    assert "http://the.api/counter (sign in as Julia or Marco)\n" in output
    assert requests.get(f"{project.checkout.issuer}/.well-known/openid-configuration", timeout=5).ok
    assert f"export AWS_ENDPOINT_URL={project.checkout.endpoint}" in output
    assert "starting LocalStack" not in errors
    assert project.processes == before
    assert dynamodb.scan(TableName=table)["Items"] == [closed], "a closed store stays closed"
    # Once: the second time nothing was left to do.
    built, deployed = project.checkout.sam_log.read_text().splitlines()
    packages = f"{project.checkout.root}/.localstack/functions/build"
    assert built.startswith(f"sam build --build-dir {packages} ")
    assert f"--parameter-overrides Architecture={ARCHITECTURE} " in built
    assert deployed.startswith(f"sam deploy --template-file {packages}/template.yaml ")
    assert f'--parameter-overrides Architecture="{ARCHITECTURE}" ' in deployed

    assert project("run", "--", "true")[0] == 0
    assert _interrupted_run(project, tmp_path, signal.SIGTERM) == 143
    assert project.processes == before, "run leaves running what it found"

    status, _, errors = project("up", port=free_port())
    assert status == 1
    assert f"already runs on 127.0.0.1:{project.checkout.port}" in errors

    assert project("down") == (0, "LocalStack is stopped.\n", "")
    assert project.processes == set()
    files = {"build.lock", "functions", "localstack.log", "lock", "sam.log", "users.lock"}
    assert project.files == files
    assert project("down") == (0, "LocalStack was not running.\n", "")

    assert project("up")[0] == 0
    assert project.sam_commands == ["deploy"], "what is built already is not built again"


def test_run_gives_a_command_its_localstack_for_as_long_as_it_takes(project: Project) -> None:
    call = """
import os, sys, boto3
print(os.environ["AWS_ENDPOINT_URL"], os.environ.get("AWS_PROFILE"))
print(boto3.client("sts").get_caller_identity()["Account"])
sys.exit(7)
"""
    status, output, _ = project("run", "--", sys.executable, "-c", call)

    assert (status, output) == (7, f"{project.checkout.endpoint} None\n000000000000\n")
    assert project.processes == set()
    assert "server" not in project.files


def test_run_interrupted_stops_all_that_it_started(project: Project, tmp_path: Path) -> None:
    assert _interrupted_run(project, tmp_path, signal.SIGINT) == 130
    assert project.processes == set()


def test_a_command_is_ended_that_is_interrupted_as_it_begins() -> None:
    script = """
import subprocess, psutil
from embedded_localstack import commands

class Interrupted(subprocess.Popen):
    def __init__(self, command):
        super().__init__(command)
        raise SystemExit(130)

subprocess.Popen = Interrupted
try:
    commands._execute(["sleep", "1000"])
finally:
    print([child.name() for child in psutil.Process().children()])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stdout, done.stderr) == (130, "[]\n", "")


def test_up_interrupted_stops_all_that_it_started(project: Project) -> None:
    up = project.begin("up")
    eventually(lambda: project.processes, until=bool)

    up.send_signal(signal.SIGINT)

    up.communicate(timeout=20)
    assert up.returncode == 130
    assert project.processes == set()
    assert "server" not in project.files


def test_up_that_fails_tells_why_and_stops_all_that_it_started(project: Project) -> None:
    (project.checkout.root / "broken").touch()

    status, _, errors = project("up")

    assert status == 1
    assert errors.endswith(f"There is no template.\nThe whole log: {project.checkout.sam_log}\n")
    assert project.processes == set()
    assert not project.checkout.built_note.exists()


@pytest.mark.parametrize("port", ["port", "issuer_port"])
def test_a_port_that_is_taken_is_left_alone(project: Project, port: str) -> None:
    number = getattr(project.checkout, port)
    with socket.create_server(("127.0.0.1", number)):
        status, _, errors = project("up")

    assert status == 1
    assert f"Port {number} is taken by process {os.getpid()} (" in errors
    assert f"`export LOCALSTACK_PORT={number + 11}` and run your command again" in errors
    assert project.processes == set()


def test_env_leads_past_a_proxy(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.com")

    status, output, _ = project("env")

    assert status == 0
    assert output.endswith(
        "export NO_PROXY=example.com,127.0.0.1\nexport no_proxy=example.com,127.0.0.1\n"
    )


@pytest.mark.parametrize("port", [1023, 65535])
def test_a_port_that_cannot_be_used_is_refused(project: Project, port: int) -> None:
    status, _, errors = project("up", port=port)

    assert (status, errors) == (1, f"LOCALSTACK_PORT must be from 1024 to 65534: {port}\n")
    assert project.processes == set()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets the supervisor adopt orphans")
def test_functions_do_not_outlive_a_localstack_that_was_killed(project: Project) -> None:
    pids = _leave_processes(project, "leave no trace")

    _kill(project, "localstack.runtime.main")

    eventually(lambda: [pid for pid in pids if alive(pid)], until=lambda left: not left)
    eventually(lambda: project.processes, until=lambda left: not left)


def test_down_finds_the_functions_of_a_localstack_and_a_supervisor_that_were_killed(
    project: Project,
) -> None:
    pids = _leave_processes(project, None)
    _kill(project, "embedded_localstack.supervisor")
    _kill(project, "localstack.runtime.main")

    assert project("down")[0] == 0

    assert not any(map(alive, pids))
    assert "server" not in project.files


def _interrupted_run(project: Project, folder: Path, number: signal.Signals) -> int:
    """The exit code of a `run` that is interrupted while its command runs, and ends that."""
    started = folder / "pids"
    run = project.begin("run", "--", "sh", "-c", f"sleep 1000 & echo $! $$ > {started}; wait")
    eventually(started.exists, until=bool, seconds=30)
    pids = [int(pid) for pid in eventually(started.read_text, until=bool).split()]

    run.send_signal(number)

    run.communicate(timeout=20)
    assert not any(map(alive, pids))
    return run.returncode


def _leave_processes(project: Project, event: str | None) -> list[int]:
    server.start(project.checkout)
    server.wait_until_ready(project.checkout)
    lambda_ = aws(project.checkout)("lambda")
    lambda_.create_function(
        FunctionName="function",
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": package(LEAVES_OTHERS)},
    )
    settled(aws(project.checkout), "function")
    answer = lambda_.invoke(FunctionName="function", Payload=json.dumps(event))
    pids: list[int] = json.loads(answer["Payload"].read())
    assert all(map(alive, pids))
    return pids


def _kill(project: Project, module: str) -> None:
    (process,) = [
        process
        for process in localstack_processes(project.checkout.server_files)
        if module in process.cmdline()
    ]
    process.kill()
    eventually(lambda: alive(process.pid), until=lambda lives: not lives)
