"""Faults as the stack meets them: in functions, in workflows, and on the way of an event."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import Deploy, Faults, Outcome, alive
from parts import ANY_CALL, Parts, event, write
from polling import eventually

THROTTLED = {"kind": "error", "code": "ThrottlingException", "status": 400}
REFUSED = {"kind": "error", "code": "AccessDenied", "status": 403}


def test_a_list_of_faults_is_kept_and_a_wrong_one_changes_nothing(faults: Faults) -> None:
    assert faults.report() == []

    faults.put("events", "PutEvents", kind="failed-entry", code="InternalFailure", share=0.5)
    kept = faults.report()
    answer = faults.put_json([{"service": "events", "operation": "Put", **THROTTLED}])

    assert answer.status_code == 400
    assert "events has no Put" in answer.text
    assert kept == faults.report()
    assert kept == [
        {
            "service": "events",
            "operation": "PutEvents",
            "kind": "failed-entry",
            "code": "InternalFailure",
            "share": 0.5,
            "seconds": None,
            "calls": None,
            "failed": 0,
            "active": True,
        }
    ]


def test_calls_of_functions_fail_and_those_of_tests_do_not(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, table = deploy(ANY_CALL), parts.table()
    read = {"TableName": table, "Key": {"PK": {"S": "counter"}}}
    calls = [("dynamodb", "update_item", write(table)), ("dynamodb", "get_item", read)]

    faults.put("dynamodb", "UpdateItem", **THROTTLED)
    failed, passed = function(calls).payload
    parts.client("dynamodb").update_item(**write(table))

    assert failed == ["ThrottlingException", 400]
    assert "Item" not in passed, "it was not carried out"
    assert faults.failed == 1
    faults.delete()
    _, passed = function(calls).payload
    assert passed["Item"]["calls"] == {"N": "2"}


def test_a_share_of_the_calls_fails(deploy: Deploy, faults: Faults, parts: Parts) -> None:
    function, call = deploy(ANY_CALL), ("dynamodb", "update_item", write(parts.table()))

    faults.put("dynamodb", "*", **THROTTLED, share=0.5)
    outcomes = function([call] * 60).payload

    failed = outcomes.count(["ThrottlingException", 400])
    assert 15 < failed < 45
    assert faults.failed == failed


def test_a_call_whose_answer_is_lost_was_carried_out(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, table, topic, queue = deploy(ANY_CALL), parts.table(), parts.topic(), parts.queue()
    lost = {"kind": "lost-answer", "code": "InternalServerError", "status": 500}

    faults.put("dynamodb", "UpdateItem", **lost)
    assert function([("dynamodb", "update_item", write(table))]).payload == [
        ["InternalServerError", 500]
    ]
    (item,) = parts.client("dynamodb").scan(TableName=table)["Items"]
    assert item["calls"] == {"N": "1"}

    parts.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=parts.queue_arn(queue))
    faults.put("sns", "Publish", **lost)
    publish = ("sns", "publish", {"TopicArn": topic, "Message": "published"})
    assert function([publish]).payload == [["InternalServerError", 500]]
    (body,) = parts.received(queue)
    assert "published" in body


def test_events_whose_entries_fail_are_not_delivered(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, queue = deploy(ANY_CALL), parts.queue()
    bus = parts.bus(parts.queue_arn(queue))
    call = ("events", "put_events", {"Entries": [event(bus), event(bus)]})

    faults.put("events", "PutEvents", kind="failed-entry", code="InternalFailure")
    (answer,) = function([call]).payload

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["FailedEntryCount"] == 2
    assert [entry["ErrorCode"] for entry in answer["Entries"]] == ["InternalFailure"] * 2
    assert parts.received(queue) == []


def test_tasks_of_workflows_fail_and_what_step_functions_says_of_them_does_not(
    faults: Faults, parts: Parts
) -> None:
    bus = parts.bus(parts.queue_arn(parts.queue()))
    machine = parts.machine(
        {"Resource": "arn:aws:states:::dynamodb:updateItem", "Parameters": write(parts.table())},
        {"Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [event(bus)]}},
    )

    def run() -> tuple[str, str | None]:
        ended = parts.ended(parts.start(machine))
        return ended["status"], ended.get("error")

    assert run() == ("SUCCEEDED", None)
    faults.put("dynamodb", "*", **THROTTLED)
    assert run() == ("FAILED", "DynamoDB.ThrottlingException")
    faults.put("events", "PutEvents", kind="failed-entry", code="InternalFailure")
    assert run() == ("FAILED", "EventBridge.FailedEntry")
    assert faults.failed == 1, "the status of the execution was an event, too"


def test_events_do_not_reach_a_target_that_fails(faults: Faults, parts: Parts) -> None:
    queue = parts.queue()
    bus = parts.bus(parts.queue_arn(queue))

    faults.put("sqs", "*", **REFUSED)
    parts.client("events").put_events(Entries=[event(bus)])
    eventually(lambda: faults.failed, until=lambda failed: failed == 1)

    assert parts.received(queue) == []


def test_lambda_polls_a_queue_undisturbed_until_that_is_named(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, queue = deploy("def handler(event, context): print('heard')"), parts.queue()
    parts.mapping(queue, function.name)

    faults.put("sqs", "*", **REFUSED)
    parts.client("sqs").send_message(QueueUrl=queue, MessageBody="message")
    function.logged("heard")
    eventually(lambda: parts.kept(queue), until=lambda number: number == 0)
    assert faults.failed == 0

    faults.put("sqs", "DeleteMessageBatch", **REFUSED)
    parts.client("sqs").send_message(QueueUrl=queue, MessageBody="message")
    eventually(lambda: faults.failed, until=lambda failed: failed > 1)
    heard = [line for line in function.logged("heard") if line == "heard"]
    assert len(heard) > 2, "a message that is not deleted comes again"


@pytest.mark.parametrize(("kind", "carried_out"), [("killed-before", 0), ("killed-after", 1)])
def test_the_process_of_a_function_is_killed_around_its_call(
    deploy: Deploy, faults: Faults, parts: Parts, kind: str, carried_out: int
) -> None:
    function = deploy(ANY_CALL + "import os\nprint('process', os.getpid())\n")
    table = parts.table()
    call = ("dynamodb", "update_item", write(table))

    faults.put("dynamodb", "UpdateItem", kind=kind, calls=1)
    killed = function([call])

    request = killed.payload["errorMessage"].split()[1]
    reason = f"RequestId: {request} Error: Runtime exited with error: signal: killed"
    assert killed.error == "Unhandled"
    assert killed.payload == {"errorType": "Runtime.ExitError", "errorMessage": reason}
    assert f"{reason}\nRuntime.ExitError\nEND RequestId: {request}\n" in killed.tail
    assert faults.failed == 1
    assert _counted(parts, table) == ({"counter": 1} if carried_out else {})
    again = function([call])
    assert again.error is None
    assert _counted(parts, table) == {"counter": carried_out + 1}
    first, second = _process(killed), _process(again)
    assert not alive(first)
    assert alive(second)


def test_of_many_processes_those_are_killed_whose_calls_are_met(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, table = deploy(ANY_CALL), parts.table()
    names = [f"counter {number}" for number in range(8)]
    calls = [[("dynamodb", "update_item", write(table, name))] for name in names]

    faults.put("dynamodb", "UpdateItem", kind="killed-before", calls=3)
    with ThreadPoolExecutor(len(calls)) as threads:
        outcomes = dict(zip(names, threads.map(function, calls), strict=True))

    killed = {name for name, outcome in outcomes.items() if outcome.error}
    assert len(killed) == faults.failed == 3
    assert _counted(parts, table) == {name: 1 for name in names if name not in killed}


def test_a_message_whose_function_is_killed_comes_again(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    code = (
        "def hear(event, context):\n    handler(json.loads(event['Records'][0]['body']), context)"
    )
    function, queue, table = (
        deploy(ANY_CALL + code, handler="app.hear"),
        parts.queue(),
        parts.table(),
    )
    parts.mapping(queue, function.name)

    faults.put("dynamodb", "UpdateItem", kind="killed-after", calls=2)
    message = json.dumps([("dynamodb", "update_item", write(table))])
    parts.client("sqs").send_message(QueueUrl=queue, MessageBody=message)

    eventually(lambda: _counted(parts, table), until=lambda counted: counted == {"counter": 3})
    eventually(lambda: _messages(parts, queue), until=lambda number: number == 0)
    assert _counted(parts, table) == {"counter": 3}


def test_what_is_no_function_is_not_killed(faults: Faults, parts: Parts) -> None:
    queue = parts.queue()
    bus = parts.bus(parts.queue_arn(queue))
    machine = parts.machine(
        {"Resource": "arn:aws:states:::dynamodb:updateItem", "Parameters": write(parts.table())},
        {"Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [event(bus)]}},
    )
    kills = [
        {"service": service, "operation": "*", "kind": kind}
        for service in ("dynamodb", "events", "sqs")
        for kind in ("killed-before", "killed-after")
    ]
    assert faults.put_json(kills).status_code == 200

    assert parts.ended(parts.start(machine))["status"] == "SUCCEEDED"
    eventually(lambda: _messages(parts, queue), until=lambda number: number == 1)
    assert [fault["failed"] for fault in faults.report()] == [0] * len(kills)


def _counted(parts: Parts, table: str) -> dict[str, int]:
    items = parts.client("dynamodb").scan(TableName=table)["Items"]
    return {item["PK"]["S"]: int(item["calls"]["N"]) for item in items}


def _process(outcome: Outcome) -> int:
    (line,) = (line for line in outcome.tail.splitlines() if line.startswith("process "))
    return int(line.split()[1])


def _messages(parts: Parts, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = parts.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)
    return sum(int(attributes["Attributes"][name]) for name in names)
