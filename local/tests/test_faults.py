"""Faults as the switch decides, and as the stack meets them: in functions and in workflows."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from conftest import Deploy, Faults, Outcome, alive
from parts import ANY_CALL, Parts, event, write

from embedded_localstack.faults import Fault, FaultSwitch

THROTTLED = {"kind": "error", "code": "ThrottlingException", "status": 400}
LOST = {"kind": "lost-answer", "code": "InternalServerError", "status": 500}


def switch(**kinds: dict[str, Any]) -> FaultSwitch:
    switch = FaultSwitch()
    switch.faults = [
        Fault("dynamodb", "*", kind.replace("_", "-"), **more) for kind, more in kinds.items()
    ]
    return switch


def hit(
    switch: FaultSwitch, *, by_function: bool = True, service: str = "dynamodb", table: str = ""
) -> str | None:
    fault = switch.hit(service, "UpdateItem", table, by_function=by_function)
    return fault.kind if fault else None


@pytest.mark.parametrize("kind", ["killed_before", "killed_after"])
def test_the_first_of_two_faults_has_a_call_and_only_a_function_can_be_killed(kind: str) -> None:
    two = switch(**{kind: {"calls": 1}}, error={})

    assert hit(two, service="dynamodbstreams") is None
    assert hit(two, by_function=False) == "error"
    assert [hit(two), hit(two)] == [kind.replace("_", "-"), "error"]
    assert [fault.failed for fault in two.faults] == [1, 2]


def test_a_fault_of_a_table_meets_no_other() -> None:
    of_orders = switch(error={"table": "orders"})
    assert hit(of_orders, table="config") is None
    assert hit(of_orders, table="orders") == "error"


def test_a_share_of_the_calls_is_the_same_each_time() -> None:
    switches = [switch(error={"share": 0.25}) for _ in range(2)]
    first, second = ([hit(one) for _ in range(400)] for one in switches)

    assert 70 < first.count("error") < 130
    assert second == first


def test_a_fault_ends_after_its_calls_however_many_come_at_once() -> None:
    threads = 20
    limited = switch(error={"calls": threads + 1})
    start = Barrier(threads)

    def call(_: int) -> int:
        start.wait()
        return [hit(limited) for _ in range(500)].count("error")

    with ThreadPoolExecutor(threads) as pool:
        failed = sum(pool.map(call, range(threads)))

    assert failed == limited.faults[0].failed == threads + 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"service": "states"}, "no service states"),
        ({"operation": "updateItem"}, "dynamodb has no updateItem"),
        ({"kind": "mishap"}, "no kind mishap"),
        ({"operations": []}, "operations"),
    ],
)
def test_a_fault_that_could_meet_no_call_is_refused_and_changes_nothing(
    faults: Faults, change: dict[str, Any], reason: str
) -> None:
    assert faults.report() == []
    faults.set("events", "PutEvents", kind="failed-entry", code="InternalFailure", share=0.5)
    kept = faults.report()

    answer = faults.put([{"service": "dynamodb", "operation": "*", **THROTTLED, **change}])

    assert answer.status_code == 400
    assert reason in answer.text
    assert faults.report() == kept


@pytest.mark.parametrize(("fault", "carried_out"), [(THROTTLED, 0), (LOST, 1)])
def test_calls_of_functions_fail_or_lose_their_answers_and_those_of_tests_do_not(
    deploy: Deploy, faults: Faults, parts: Parts, fault: dict[str, Any], carried_out: int
) -> None:
    function, table = deploy(ANY_CALL), parts.table()
    call, read = ("dynamodb", "update_item", write(table)), {"TableName": table}

    faults.set("dynamodb", "UpdateItem", **fault)
    failed, passed = function([call, ("dynamodb", "scan", read)]).payload
    assert failed == [fault["code"], fault["status"]]
    assert passed["Count"] == carried_out
    assert faults.failed == 1
    parts.client("dynamodb").update_item(**write(table))
    faults.delete()
    function([call])
    assert _counted(parts, table) == {"order": carried_out + 2}


def test_an_answer_of_another_protocol_is_lost(
    deploy: Deploy, faults: Faults, parts: Parts
) -> None:
    function, topic, queue = deploy(ANY_CALL), parts.topic(), parts.queue()
    parts.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=parts.queue_arn(queue))

    faults.set("sns", "Publish", **LOST)
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

    faults.set("events", "PutEvents", kind="failed-entry", code="InternalFailure")
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
    faults.set("dynamodb", "*", **THROTTLED)
    assert run() == ("FAILED", "DynamoDB.ThrottlingException")
    faults.set("events", "PutEvents", kind="failed-entry", code="InternalFailure")
    assert run() == ("FAILED", "EventBridge.FailedEntry")
    assert faults.failed == 1, "the status of the execution was an event, too"


@pytest.mark.parametrize("kind", ["killed-before", "killed-after"])
def test_of_many_processes_those_are_killed_whose_calls_are_met(
    deploy: Deploy, faults: Faults, parts: Parts, kind: str
) -> None:
    function, table = deploy(ANY_CALL), parts.table()
    names = [f"order {number}" for number in range(8)]
    calls = [[("dynamodb", "update_item", write(table, name))] for name in names]

    faults.set("dynamodb", "UpdateItem", kind=kind, calls=3)
    with ThreadPoolExecutor(len(calls)) as threads:
        outcomes = dict(zip(names, threads.map(function, calls), strict=True))

    killed = {name for name, outcome in outcomes.items() if outcome.error}
    assert len(killed) == faults.failed == 3
    for name, outcome in outcomes.items():
        assert outcome.error is None or outcome.payload["errorMessage"].endswith("signal: killed")
        assert alive(_process(outcome)) == (name not in killed)
    carried_out = {*names} - killed if kind == "killed-before" else {*names}
    assert _counted(parts, table) == dict.fromkeys(carried_out, 1)
    assert function(calls[0]).error is None


def _counted(parts: Parts, table: str) -> dict[str, int]:
    items = parts.client("dynamodb").scan(TableName=table)["Items"]
    return {item["PK"]["S"]: int(item["calls"]["N"]) for item in items}


def _process(outcome: Outcome) -> int:
    (line,) = (line for line in outcome.tail.splitlines() if line.startswith("process "))
    return int(line.split()[1])
