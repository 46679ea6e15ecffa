"""Executions do not disturb each other: nothing is mixed up, nothing piles up."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parts import Parts

from embedded_localstack.checkout import Checkout
from embedded_localstack.processes import localstack_processes

NO_QUEUE = "http://127.0.0.1/000000000000/no-such-queue"
EXECUTIONS = 5


def test_executions_of_one_definition_count_their_attempts_each(
    client: Callable[[str], Any], parts: Parts
) -> None:
    machine = parts.machine(
        {
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": NO_QUEUE, "MessageBody": "to nobody"},
            "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}],
        }
    )

    executions = [parts.start(machine) for _ in range(EXECUTIONS)]

    for execution in executions:
        assert parts.ended(execution)["status"] == "FAILED"
        history = client("stepfunctions").get_execution_history(executionArn=execution)["events"]
        assert Counter(event["type"] for event in history)["TaskScheduled"] == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc to count them in")
def test_executions_leave_no_threads_behind(checkout: Checkout, parts: Parts) -> None:
    table = parts.table()
    read = {"TableName": table, "Key": {"PK": {"S": "1"}}}
    machine = parts.machine(
        *[{"Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": read}] * 3
    )

    def memory_maps() -> int:
        return sum(
            len(Path(f"/proc/{process.pid}/maps").read_text().splitlines())
            for process in localstack_processes(checkout.server_files)
        )

    def run(executions: int) -> None:
        for execution in [parts.start(machine) for _ in range(executions)]:
            parts.ended(execution)

    run(10)
    before = memory_maps()
    run(30)
    # Each would leave the stacks of four threads, and a guard page for each.
    assert memory_maps() - before < 100
