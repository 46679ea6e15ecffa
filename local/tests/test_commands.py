"""The commands, as a person runs them, each time on a checkout of their own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from conftest import alive, aws, create_function, free_port
from polling import eventually
from project import MAIN, Project

from embedded_localstack import commands, server
from embedded_localstack.checkout import Checkout
from embedded_localstack.problem import Problem
from embedded_localstack.processes import function_processes, kill, localstack_processes
from embedded_localstack.sam import ARCHITECTURE

SLEEPS = """
import pathlib, time
def handler(path, context):
    pathlib.Path(path).touch()
    time.sleep(60)
"""


COMMAND = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
print(os.getpid(), child.pid, file=open(sys.argv[1], "w"))
child.wait()
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    yield project
    server.stop(project.checkout)


@pytest.fixture
def used(project: Project) -> Iterator[Project]:
    """What starts LocalStack itself has to use it, or it ends."""
    with server.in_use(project.checkout):
        yield project


def test_up_and_down_and_each_again(project: Project, checkout: Checkout, tmp_path: Path) -> None:
    status, _, errors = project("up")
    assert status == 0, errors
    dynamodb = aws(project.checkout)("dynamodb")
    (table,) = dynamodb.list_tables()["TableNames"]
    config, menu = sorted(dynamodb.scan(TableName=table)["Items"], key=lambda item: item["PK"]["S"])
    assert config == {"PK": {"S": "config"}, "open": {"BOOL": True}}
    assert menu["PK"] == {"S": "menu"}
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
    assert closed in dynamodb.scan(TableName=table)["Items"], "a closed store stays closed"
    # Once: the second time nothing was left to do.
    built, deployed = project.checkout.sam_log.read_text().splitlines()
    assert f'--parameter-overrides Architecture="{ARCHITECTURE}" ' in built
    assert f'--parameter-overrides Architecture="{ARCHITECTURE}" ' in deployed

    assert project("run", "--no-deploy", "--", "true")[0] == 0
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


def test_run_gives_commands_a_localstack_that_ends_with_the_last_of_them(
    project: Project, tmp_path: Path
) -> None:
    call = f"""
import os, sys, time, boto3
print(os.environ["AWS_ENDPOINT_URL"], os.environ.get("AWS_PROFILE"))
print(boto3.client("sts").get_caller_identity()["Account"])
open("{tmp_path}/called", "w").close()
while os.path.exists("{tmp_path}/called"):
    time.sleep(0.05)
sys.exit(7)
"""
    first = project.begin("run", "--no-deploy", "--", sys.executable, "-c", call)
    eventually((tmp_path / "called").exists, until=bool, seconds=30)

    def end_the_first() -> None:
        (tmp_path / "called").unlink()
        output, _ = first.communicate(timeout=20)
        assert output == f"{project.checkout.endpoint} None\n000000000000\n"
        assert first.returncode == 7
        assert project.processes, "the second one uses it"

    status = _interrupted_run(project, tmp_path, signal.SIGINT, before=end_the_first)
    assert status == 130
    assert project.processes == set()
    assert "server" not in project.files


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL])
def test_whatever_ends_run_ends_what_it_started(
    project: Project, tmp_path: Path, number: signal.Signals
) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # Which `nohup make test` ignores.
    status = _interrupted_run(project, tmp_path, number)

    assert status == (-number if number == signal.SIGKILL else 128 + number)
    ports = (project.checkout.port, project.checkout.issuer_port)
    eventually(lambda: any(map(listens, ports)), until=lambda left: not left)
    assert project.processes == set()
    assert "server" not in project.files


def test_under_nohup_it_goes_on_when_the_terminal_is_closed(
    project: Project, tmp_path: Path
) -> None:
    waits = "touch begun; while [ -e begun ]; do sleep 0.1; done; exit 7"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    run = project.begin("run", "--no-deploy", "--", "sh", "-c", f"cd {tmp_path}; {waits}")
    signal.signal(signal.SIGHUP, before)
    eventually((tmp_path / "begun").exists, until=bool, seconds=30)

    run.send_signal(signal.SIGHUP)

    (tmp_path / "begun").unlink()
    run.communicate(timeout=20)
    assert run.returncode == 7


def test_a_localstack_ends_whose_checkout_is_removed(project: Project) -> None:
    status, _, errors = project("up")
    assert status == 0, errors

    shutil.rmtree(project.checkout.root)

    eventually(lambda: project.processes, until=lambda left: not left)


def test_a_command_is_ended_that_is_interrupted_as_it_begins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def begin_and_interrupt(command: list[str], **settings: Any) -> None:
        begun.append(subprocess_popen(command, **settings))
        raise SystemExit(130)

    subprocess_popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", begin_and_interrupt)

    with pytest.raises(SystemExit):
        commands._execute(Checkout(tmp_path, 4566), ["sleep", "1000"])

    assert not alive(begun[0].pid)


def test_up_interrupted_stops_all_that_it_started(project: Project) -> None:
    up = project.begin("up")
    eventually(lambda: project.processes, until=bool)

    up.send_signal(signal.SIGINT)

    up.communicate(timeout=20)
    assert up.returncode == 130
    assert project.processes == set()
    assert "server" not in project.files


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


PERSONS = {
    **dict.fromkeys(("AWS_PROFILE", "AWS_DEFAULT_PROFILE"), "gone"),
    **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), "us-east-1"),
    **dict.fromkeys(("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"), "http://elsewhere"),
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    **dict.fromkeys(("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"), "true"),
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required",
    **dict.fromkeys(("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"), "theirs"),
}
CONFIG = "[default]\nignore_configured_endpoint_urls = true\nuse_fips_endpoint = true\n"
CLIENT = """
import os, boto3
client, found = boto3.client("dynamodb"), boto3.Session().get_credentials()
print(client.meta.endpoint_url, client.meta.region_name, os.environ["AWS_REGION"])
print(found.access_key, found.token, os.environ["PATH"].partition(":")[0])
"""


@pytest.mark.parametrize("shell", ["bash", "dash", "zsh"])
def test_env_leads_past_all_that_a_shell_has_of_aws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    if not shutil.which(shell):
        pytest.skip(f"There is no {shell} here.")
    project = Project(tmp_path / "it's a checkout")
    for name, value in PERSONS.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name)
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    monkeypatch.setenv("HOME", str(tmp_path))

    status, output, _ = project("env")
    script = 'eval "$1"; "$2" -c "$3"'
    command = [shell, "-euc", script, shell, output, sys.executable, CLIENT]
    seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert status == 0
    assert seen == (
        f"{project.checkout.endpoint} eu-central-1 eu-central-1\n"
        f"test None {project.path('.venv/bin')}\n"
    )


def test_a_standard_input_that_is_closed_is_an_empty_one(project: Project) -> None:
    """Else the first file that is opened is taken for it, and what reads it reads that."""
    run = [
        sys.executable,
        "-c",
        MAIN,
        str(project.checkout.root),
        "run",
        "--no-deploy",
        "--",
        "cat",
    ]
    ran = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" "$@" <&-', *run],
        env=os.environ | {"LOCALSTACK_PORT": str(project.checkout.port)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize("port", [1023, 65535])
def test_a_port_that_cannot_be_used_is_refused(project: Project, port: int) -> None:
    status, _, errors = project("up", port=port)

    assert (status, errors) == (1, f"LOCALSTACK_PORT must be from 1024 to 65534: {port}\n")
    assert project.processes == set()


def test_down_finds_the_functions_of_a_localstack_that_was_killed(
    used: Project, tmp_path: Path
) -> None:
    project = used
    server.start(project.checkout)
    server.wait_until_ready(project.checkout)
    client = aws(project.checkout)
    create_function(client, "function", SLEEPS, Timeout=60)
    sleeping = tmp_path / "sleeping"
    client("lambda").invoke(
        FunctionName="function", InvocationType="Event", Payload=json.dumps(str(sleeping))
    )
    eventually(sleeping.exists, until=bool)
    files = project.checkout.server_files
    (function,) = function_processes(files)
    (localstack,) = localstack_processes(files)
    localstack.kill()
    eventually(lambda: alive(localstack.pid), until=lambda lives: not lives)

    assert project("down")[0] == 0

    assert not alive(function.pid)
    assert "server" not in project.files


def test_what_was_killed_holds_no_port_any_longer() -> None:
    program = """
import os, socket, threading, time
server, memory = socket.create_server(("127.0.0.1", 0)), bytearray(300_000_000)
for _ in range(300):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
print(os.getpid(), server.getsockname()[1], flush=True)
time.sleep(1000)
"""
    for _ in range(6):
        # Not as a child of this process, which would see its very end when it reaps it.
        script = [*("sh", "-c", '"$0" -c "$1" &'), sys.executable, program]
        with subprocess.Popen(script, stdout=subprocess.PIPE, text=True) as shell:
            assert shell.stdout
            pid, port = map(int, shell.stdout.readline().split())
            kill([psutil.Process(pid)])
            socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"GATEWAY_LISTEN": "127.0.0.1:no-port"}, "stopped while it was starting(.|\n)*no-port"),
        ({"SERVICES": "sts"}, "load dynamodb:moto, s3"),
    ],
)
def test_a_localstack_that_ends_or_lacks_a_provider_is_told_of(
    used: Project, monkeypatch: pytest.MonkeyPatch, setting: dict[str, str], told: str
) -> None:
    original = Checkout.server_environment
    monkeypatch.setattr(Checkout, "server_environment", lambda self: original(self) | setting)

    server.start(used.checkout)

    with pytest.raises(Problem, match=told):
        server.wait_until_ready(used.checkout)


def test_a_localstack_that_cannot_be_found_is_stopped_and_told_of(
    used: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(server, "is_running", lambda _: False)
        patched.setattr(server, "FIND_LIMIT_SECONDS", 0)
        with pytest.raises(Problem, match="hides the environment"):
            server.start(used.checkout)
    eventually(lambda: used.processes, until=lambda left: not left)

    looks = iter([False, False, True])
    monkeypatch.setattr(server, "is_running", lambda _: next(looks))
    server.start(used.checkout)
    assert next(looks, None) is None, "a busy machine shows it later"


def test_without_the_functions_python_localstack_is_not_started(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(server, "FUNCTION_PYTHON", tmp_path / "python")

    with pytest.raises(Problem, match="python is missing"):
        server.start(project.checkout)
    assert project.processes == set()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _interrupted_run(
    project: Project,
    folder: Path,
    number: signal.Signals,
    before: Callable[[], None] = lambda: None,
) -> int:
    """The exit code of a `run` that is interrupted while its command runs, and ends that."""
    started = folder / "pids"
    run = project.begin("run", "--no-deploy", "--", sys.executable, "-c", COMMAND, str(started))
    eventually(started.exists, until=bool, seconds=30)
    pids = [int(pid) for pid in eventually(started.read_text, until=bool).split()]
    before()

    run.send_signal(number)

    run.communicate(timeout=20)
    later = 10 if number == signal.SIGKILL else 0
    eventually(lambda: any(map(alive, pids)), until=lambda live: not live, seconds=later)
    return run.returncode
