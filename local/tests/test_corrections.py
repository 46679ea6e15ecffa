"""Where LocalStack differs from AWS, it behaves as AWS documents. test_callbacks has more."""

from conftest import Faults
from parts import Parts, event
from polling import eventually


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
