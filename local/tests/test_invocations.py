"""How an invocation ends, and what it leaves in the log."""

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Deploy

CALLS = """
import os, signal, sys, time
calls = 0
print("initializing")

def handler(event, context):
    global calls
    calls += 1
    print("the last words")
    match event:
        case {"sleep": seconds}:
            time.sleep(seconds)
        case {"exit": "at once"}:
            os._exit(3)
        case {"exit": "orderly"}:
            sys.exit(0)
        case {"exit": "killed"}:
            os.kill(os.getpid(), signal.SIGKILL)
    return calls
"""

TIME_OUT = 4
"""In seconds: longer than a cold start on a busy machine."""

TIMED_OUT = f"Task timed out after {TIME_OUT}.00 seconds"


def test_an_invocation_answers_and_logs(deploy: Deploy) -> None:
    function = deploy(
        "import sys\n"
        "print('initializing')\n"
        "def handler(event, context):\n"
        "    print('to stdout')\n"
        "    print('to stderr', file=sys.stderr)\n"
        "    print('and out again')\n"
        "    request, left = context.aws_request_id, context.get_remaining_time_in_millis()\n"
        "    arn = context.invoked_function_arn\n"
        "    return {**event, 'request': request, 'left': left, 'arn': arn}\n",
        MemorySize=256,
        Timeout=7,
    )

    cold, warm = function({"n": 1}), function({"n": 2})

    assert (cold.payload["n"], warm.payload["n"]) == (1, 2)
    assert (cold.error, warm.error) == (None, None)
    assert 0 < warm.payload["left"] <= 7000
    assert warm.payload["arn"].endswith(f":function:{function.name}")
    request = cold.payload["request"]
    body = f"START RequestId: {request} Version: $LATEST\nto stdout\nto stderr\nand out again\n"
    report = (
        rf"END RequestId: {request}\n"
        rf"REPORT RequestId: {request}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        rf"Memory Size: 256 MB\tInit Duration: \d+\.\d\d ms\n"
    )
    assert re.fullmatch("initializing\n" + re.escape(body) + report, cold.tail)
    assert warm.tail.startswith("START")
    assert "Init Duration" not in warm.tail
    assert function.logged(f"REPORT RequestId: {warm.payload['request']}") == [
        line for outcome in (cold, warm) for line in outcome.tail.splitlines()
    ]


def test_it_works_without_the_runtime_client_that_is_there_on_linux_only(deploy: Deploy) -> None:
    runtime = Path(__file__).parents[1] / "runtime"
    function = deploy(
        "import runtime_client\n"
        "def handler(event, context):\n"
        "    assert event, 'nothing to do'\n"
        "    return [runtime_client.__file__, event, context.get_remaining_time_in_millis()]\n",
        Environment={"Variables": {"PYTHONPATH": str(runtime)}},
        Timeout=7,
    )

    for event in ("Ärger", "more"):
        file, echo, left = function(event).payload
        assert (file, echo) == (str(runtime / "runtime_client.py"), event)
        assert 0 < left <= 7000
    failed = function(None)
    assert failed.error
    assert failed.payload["errorMessage"] == "nothing to do"
    assert function("again").payload[1] == "again"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"sleep": 60}, TIMED_OUT),
        ({"exit": "at once"}, "Runtime exited with error: exit status 3"),
        ({"exit": "killed"}, "Runtime exited with error: signal: killed"),
        ({"exit": "orderly"}, "Runtime exited without providing a reason"),
    ],
)
def test_a_process_that_times_out_or_ends_ends_the_invocation(
    deploy: Deploy, event: dict[str, Any], reason: str
) -> None:
    function = deploy(CALLS, Timeout=TIME_OUT)
    function()

    ended = function(event)

    assert ended.error == "Unhandled"
    request = ended.payload["errorMessage"].split()[1]
    error_type = "Sandbox.Timedout" if reason == TIMED_OUT else "Runtime.ExitError"
    message = f"RequestId: {request} Error: {reason}"
    assert ended.payload == {"errorType": error_type, "errorMessage": message}
    lines = function.logged(f"REPORT RequestId: {request}")
    start = f"START RequestId: {request} Version: $LATEST"
    first, last_words, *found, end = lines[lines.index(start) : -1]
    assert (first, last_words, end) == (start, "the last words", f"END RequestId: {request}")
    if reason == TIMED_OUT:
        time_of_day = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        assert re.fullmatch(rf"{time_of_day} {request} {re.escape(reason)}", "\n".join(found))
    else:
        assert found == [message, error_type]
    assert function().payload == 1, "the next invocation starts anew"


@pytest.mark.parametrize(
    ("code", "error_type", "logged"),
    [
        ("import no_such\n", "Runtime.ImportModuleError", "[ERROR] Runtime.Import"),
        ("print('so far')\nraise SystemExit(4)", "Runtime.ExitError", "so far"),
    ],
)
def test_an_init_phase_that_fails_answers_the_invocation(
    deploy: Deploy, code: str, error_type: str, logged: str
) -> None:
    function = deploy(code)

    for outcome in (function(), function()):
        assert outcome.error == "Unhandled"
        assert outcome.payload["errorType"] == error_type
        exited = outcome.payload["errorMessage"].endswith("exit status 4")
        assert exited == (error_type == "Runtime.ExitError")

    assert any(line.startswith(logged) for line in function.logged("REPORT"))


def test_an_exception_answers_the_invocation_and_keeps_the_process(deploy: Deploy) -> None:
    function = deploy(
        "calls = 0\n"
        "def handler(event, context):\n"
        "    global calls\n"
        "    calls += 1\n"
        "    return calls if event else 1 / 0\n"
    )

    outcome = function()

    assert outcome.error == "Unhandled"
    assert outcome.payload["errorType"] == "ZeroDivisionError"
    assert "return calls if event else 1 / 0" in outcome.payload["stackTrace"][0]
    assert "[ERROR] ZeroDivisionError: division by zero" in function.logged("REPORT")
    assert function({"go": "on"}).payload == 2


def test_large_payloads_pass(deploy: Deploy) -> None:
    function = deploy("def handler(event, context):\n    return event\n")
    text = "Ein Kännchen ☕ und 🥐. " * 30_000

    assert function(text).payload == text
