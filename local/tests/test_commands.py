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
from shop import Shop

from embedded_localstack import server
from embedded_localstack.checkout import ARCHITECTURE, Checkout
from embedded_localstack.problem import Problem
from embedded_localstack.strays import localstack_processes

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
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    server.stop(shop.checkout)


def test_up_and_down_and_each_again(shop: Shop, checkout: Checkout, tmp_path: Path) -> None:
    status, _, errors = shop("up")
    assert status == 0, errors
    dynamodb = aws(shop.checkout)("dynamodb")
    (table,) = dynamodb.list_tables()["TableNames"]
    (config,) = dynamodb.scan(TableName=table)["Items"]
    assert config == {"PK": {"S": "config"}, "open": {"BOOL": True}}
    assert table not in aws(checkout)("dynamodb").list_tables()["TableNames"], "another checkout's"

    closed = {"PK": {"S": "config"}, "open": {"BOOL": False}}
    dynamodb.put_item(TableName=table, Item=closed)
    before = shop.processes
    status, output, errors = shop("up")
    assert status == 0
    assert "http://the.api/order\n" in output
    assert "http://the.api/counter (sign in as Julia or Marco)\n" in output
    assert requests.get(f"{shop.checkout.issuer}/.well-known/openid-configuration", timeout=5).ok
    assert f"export AWS_ENDPOINT_URL={shop.checkout.endpoint}" in output
    assert "starting LocalStack" not in errors
    assert shop.processes == before
    assert dynamodb.scan(TableName=table)["Items"] == [closed], "a closed store stays closed"
    # Once: the second time nothing was left to do.
    built, deployed = shop.checkout.sam_log.read_text().splitlines()
    packages = f"{shop.checkout.root}/.localstack/functions/build"
    for_here = f"--parameter-overrides Architecture={ARCHITECTURE} "
    assert built.startswith(f"sam build --build-dir {packages} {for_here}")
    assert deployed.startswith(f"sam deploy --template-file {packages}/template.yaml ")
    assert for_here in deployed

    assert shop("run", "--", "true")[0] == 0
    assert _interrupted_run(shop, tmp_path, signal.SIGTERM) == 143
    assert shop.processes == before, "run leaves running what it found"

    status, _, errors = shop("up", port=free_port())
    assert status == 1
    assert f"already runs on 127.0.0.1:{shop.checkout.port}" in errors

    assert shop("down") == (0, "LocalStack is stopped.\n", "")
    assert shop.processes == set()
    files = {"build.lock", "functions", "localstack.log", "lock", "sam.log", "users.lock"}
    assert shop.files == files
    assert shop("down") == (0, "LocalStack was not running.\n", "")

    assert shop("up")[0] == 0
    assert shop.sam_commands == ["deploy"], "what is built already is not built again"


def test_run_gives_a_command_its_localstack_for_as_long_as_it_takes(shop: Shop) -> None:
    call = """
import os, sys, boto3
print(os.environ["AWS_ENDPOINT_URL"], os.environ.get("AWS_PROFILE"))
print(boto3.client("sts").get_caller_identity()["Account"])
sys.exit(7)
"""
    status, output, _ = shop("run", "--", sys.executable, "-c", call)

    assert (status, output) == (7, f"{shop.checkout.endpoint} None\n000000000000\n")
    assert shop.processes == set()
    assert "server" not in shop.files


def test_run_interrupted_stops_all_that_it_started(shop: Shop, tmp_path: Path) -> None:
    assert _interrupted_run(shop, tmp_path, signal.SIGINT) == 130
    assert shop.processes == set()


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


def test_up_interrupted_stops_all_that_it_started(shop: Shop) -> None:
    up = shop.begin("up")
    eventually(lambda: shop.processes, until=bool)

    up.send_signal(signal.SIGINT)

    up.communicate(timeout=20)
    assert up.returncode == 130
    assert shop.processes == set()
    assert "server" not in shop.files


def test_what_starts_while_it_is_stopped_is_stopped_as_well(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.start(shop.checkout)
    found = eventually(
        lambda: localstack_processes(shop.checkout.server_files),
        until=lambda found: len(found) > 2,  # The supervisor, LocalStack, the OpenID provider.
    )
    looks = iter([found[-1:]])
    monkeypatch.setattr(
        server, "localstack_processes", lambda files: next(looks, localstack_processes(files))
    )

    server.stop(shop.checkout)

    assert shop.processes == set()


def test_up_that_fails_tells_why_and_stops_all_that_it_started(shop: Shop) -> None:
    (shop.checkout.root / "broken").touch()

    status, _, errors = shop("up")

    assert status == 1
    assert errors.endswith(f"There is no template.\nThe whole log: {shop.checkout.sam_log}\n")
    assert shop.processes == set()
    assert not shop.checkout.built_note.exists()


@pytest.mark.parametrize("port", ["port", "issuer_port"])
def test_a_port_that_is_taken_is_left_alone(shop: Shop, port: str) -> None:
    number = getattr(shop.checkout, port)
    with socket.create_server(("127.0.0.1", number)):
        status, _, errors = shop("up")

    assert status == 1
    assert f"Port {number} is taken by process {os.getpid()} (" in errors
    assert f"`export LOCALSTACK_PORT={number + 11}` and run your command again" in errors
    assert shop.processes == set()


def test_env_leads_past_a_proxy(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "example.com")

    status, output, _ = shop("env")

    assert status == 0
    assert output.endswith(
        "export NO_PROXY=example.com,127.0.0.1\nexport no_proxy=example.com,127.0.0.1\n"
    )


@pytest.mark.parametrize("port", [1023, 65535])
def test_a_port_that_cannot_be_used_is_refused(shop: Shop, port: int) -> None:
    status, _, errors = shop("up", port=port)

    assert (status, errors) == (1, f"LOCALSTACK_PORT must be from 1024 to 65534: {port}\n")
    assert shop.processes == set()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets the supervisor adopt orphans")
def test_functions_do_not_outlive_a_localstack_that_was_killed(shop: Shop) -> None:
    pids = _leave_processes(shop, "leave no trace")

    _kill(shop, "localstack.runtime.main")

    eventually(lambda: [pid for pid in pids if alive(pid)], until=lambda left: not left)
    eventually(lambda: shop.processes, until=lambda left: not left)


def test_down_finds_the_functions_of_a_localstack_and_a_supervisor_that_were_killed(
    shop: Shop,
) -> None:
    pids = _leave_processes(shop, None)
    _kill(shop, "embedded_localstack.supervisor")
    _kill(shop, "localstack.runtime.main")

    assert shop("down")[0] == 0

    assert not any(map(alive, pids))
    assert "server" not in shop.files


def test_a_localstack_that_ends_while_it_starts_is_told_of(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(monkeypatch, GATEWAY_LISTEN="127.0.0.1:no-port")

    server.start(shop.checkout)

    with pytest.raises(Problem, match="LocalStack stopped while it was starting") as problem:
        server.wait_until_ready(shop.checkout)
    assert "no-port" in str(problem.value)


def test_a_provider_that_localstack_does_not_load_is_told_of(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(monkeypatch, SERVICES="sts")

    server.start(shop.checkout)

    with pytest.raises(Problem, match="load dynamodb:moto, dynamodbstreams:moto, s3"):
        server.wait_until_ready(shop.checkout)


def test_a_localstack_that_cannot_be_found_is_stopped_and_told_of(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(server, "is_running", lambda _: False)
        patched.setattr(server, "SIGHT_LIMIT_SECONDS", 1)
        with pytest.raises(Problem, match="hides the environment"):
            server.start(shop.checkout)
    eventually(lambda: shop.processes, until=lambda left: not left)


def test_without_the_functions_python_localstack_is_not_started(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(server, "FUNCTION_PYTHON", tmp_path / "python")

    with pytest.raises(Problem, match="python is missing"):
        server.start(shop.checkout)
    assert shop.processes == set()


def _interrupted_run(shop: Shop, folder: Path, number: signal.Signals) -> int:
    """The exit code of a `run` that is interrupted while its command runs, and ends that."""
    started = folder / "pids"
    run = shop.begin("run", "--", "sh", "-c", f"sleep 1000 & echo $! $$ > {started}; wait")
    eventually(started.exists, until=bool, seconds=30)
    pids = [int(pid) for pid in eventually(started.read_text, until=bool).split()]

    run.send_signal(number)

    run.communicate(timeout=20)
    assert not any(map(alive, pids))
    return run.returncode


def _leave_processes(shop: Shop, event: str | None) -> list[int]:
    server.start(shop.checkout)
    server.wait_until_ready(shop.checkout)
    lambda_ = aws(shop.checkout)("lambda")
    lambda_.create_function(
        FunctionName="function",
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": package(LEAVES_OTHERS)},
    )
    settled(aws(shop.checkout), "function")
    answer = lambda_.invoke(FunctionName="function", Payload=json.dumps(event))
    pids: list[int] = json.loads(answer["Payload"].read())
    assert all(map(alive, pids))
    return pids


def _kill(shop: Shop, module: str) -> None:
    (process,) = [
        process
        for process in localstack_processes(shop.checkout.server_files)
        if module in process.cmdline()
    ]
    process.kill()
    eventually(lambda: alive(process.pid), until=lambda lives: not lives)


def _change(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    original = Checkout.server_environment
    monkeypatch.setattr(Checkout, "server_environment", lambda self: original(self) | variables)
