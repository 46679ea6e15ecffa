"""What LocalStack does otherwise than AWS is put right when LocalStack starts."""

import json
import subprocess
import sys

from conftest import Faults
from parts import Parts, event
from polling import eventually

APPLY = """
import json, os, tempfile
from pathlib import Path
from unittest.mock import MagicMock
from localstack.services.lambda_.event_source_mapping.pollers import sqs_poller
from localstack.utils import testutil
from embedded_localstack import corrections

corrections.apply()
worker = corrections.ExecutionWorker(MagicMock(), MagicMock(), None, {})
environment = worker.env
sqs_poller.get_queue_url = str
queue = "arn:aws:sqs:eu-central-1:000000000000:queue"
poller = corrections.SqsPoller(queue, {"SqsQueueParameters": {}}, MagicMock(), MagicMock())
backoff = corrections.ExponentialBackoff(max_interval=0.01)
os.environ.pop("PYTEST_CURRENT_TEST")  # With it LocalStack needs no other program.
testutil.create_zip_file_cli = None
folder = tempfile.mkdtemp()
Path(folder, "index.py").touch()
print(json.dumps({
    "callbacks find an execution that has just started": environment is not None,
    "the execution goes on with what they found":
        worker._get_evaluation_environment() is environment,
    "a queue is asked by long polling": poller.maximum_batching_window == 1,
    "no pause is longer than the settings say": backoff.next_backoff() <= 0.01,
    "code in a template is packed without another program":
        testutil.create_zip_file(folder, get_content=True).startswith(b"PK"),
}))
"""


def test_they_are_applied() -> None:
    applied = subprocess.run(
        [sys.executable, "-c", APPLY], capture_output=True, check=True, text=True
    )

    found = json.loads(applied.stdout)
    assert found == dict.fromkeys(found, True)


def test_an_execution_that_waits_for_a_token_ends_aborted_when_it_is_stopped(parts: Parts) -> None:
    queue = parts.queue()
    execution = parts.start(
        parts.machine(
            {
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {"QueueUrl": queue, "MessageBody.$": "$$.Task.Token"},
                "HeartbeatSeconds": 60,
            }
        )
    )
    eventually(lambda: parts.received(queue), until=bool)

    stepfunctions = parts.client("stepfunctions")
    stepfunctions.stop_execution(executionArn=execution)

    assert parts.ended(execution)["status"] == "ABORTED"
    history = {"executionArn": execution, "reverseOrder": True}
    eventually(
        lambda: stepfunctions.get_execution_history(**history)["events"][0]["type"],
        until=lambda last: last == "ExecutionAborted",
    )


def test_an_error_of_put_events_is_one_of_the_task_which_can_be_retried(
    faults: Faults, parts: Parts
) -> None:
    bus = parts.bus(parts.queue_arn(parts.queue()))
    task = {
        "Resource": "arn:aws:states:::events:putEvents",
        "Parameters": {"Entries": [event(bus)]},
    }
    retry = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}
    faults.put("events", "PutEvents", kind="error", code="ThrottlingException", status=400, calls=1)

    assert (
        parts.ended(parts.start(parts.machine(task)))["error"] == "EventBridge.ThrottlingException"
    )
    faults.put("events", "PutEvents", kind="error", code="ThrottlingException", status=400, calls=1)
    retried = parts.ended(parts.start(parts.machine(task | {"Retry": [retry]})))
    assert retried["status"] == "SUCCEEDED"
    assert faults.failed == 1
