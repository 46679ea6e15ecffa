"""The switch itself: what it takes, what it hits, and what it knows afterwards."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from pydantic import ValidationError

from embedded_localstack.fault_switch import FAULTS, Fault, FaultSwitch

THREADS = 20
THROTTLED = {"kind": "error", "code": "ThrottlingException", "status": 400}


def made(faults: object) -> list[Fault]:
    return FAULTS.validate_json(json.dumps(faults))


def fault(operation: str = "*", how: dict[str, Any] = THROTTLED, **more: float) -> Fault:
    return made([{"service": "dynamodb", "operation": operation, **how, **more}])[0]


ERROR = fault("UpdateItem")
ALL = fault()


def hits(switch: FaultSwitch, operation: str = "UpdateItem", service: str = "dynamodb") -> bool:
    return switch.hit(service, operation, by_name_only=False, by_function=True) is not None


def test_a_fault_hits_the_calls_it_names() -> None:
    switch = FaultSwitch()
    assert not switch.on

    switch.set([ERROR])
    assert switch.on
    assert hits(switch)
    assert not hits(switch, operation="GetItem")
    assert not hits(switch, service="dynamodbstreams")

    switch.set([ALL])
    assert hits(switch, operation="GetItem")
    assert switch.hit("dynamodb", "GetItem", by_name_only=True, by_function=True) is None
    switch.set([])
    assert not switch.on
    assert switch.report() == []


def test_the_first_of_two_faults_has_the_call() -> None:
    switch = FaultSwitch()
    switch.set([ERROR, ALL])

    assert hits(switch, "UpdateItem")
    assert hits(switch, "GetItem")
    assert hits(switch, "GetItem")
    assert [each["failed"] for each in switch.report()] == [1, 2]


@pytest.mark.parametrize("kind", ["killed-before", "killed-after"])
def test_only_the_call_of_a_function_can_kill_its_caller(kind: str) -> None:
    kill, switch = fault("UpdateItem", {"kind": kind}, calls=1), FaultSwitch()
    switch.set([kill, ERROR])

    def hit(*, by_function: bool) -> Fault | None:
        return switch.hit("dynamodb", "UpdateItem", by_name_only=False, by_function=by_function)

    assert hit(by_function=False) == ERROR
    assert hit(by_function=True) == kill
    assert hit(by_function=True) == ERROR


def test_a_share_of_the_calls_is_the_same_each_time() -> None:
    switch = FaultSwitch()

    def pattern() -> list[bool]:
        switch.set([fault("UpdateItem", share=0.25)])
        return [hits(switch) for _ in range(400)]

    first = pattern()
    assert 70 < sum(first) < 130
    assert pattern() == first
    assert switch.report()[0]["failed"] == sum(first)


def test_a_fault_ends_by_itself_and_stays_to_be_read() -> None:
    now = 100.0
    switch = FaultSwitch(lambda: now)
    switch.set([fault("UpdateItem", seconds=10)])

    now = 109.9
    assert hits(switch)
    assert switch.report()[0]["active"]
    now = 110.0
    assert not hits(switch)
    assert not switch.on, "it costs nothing any longer"
    (ended,) = switch.report()
    assert (ended["failed"], ended["active"]) == (1, False)


def test_a_fault_ends_after_its_calls_however_many_come_at_once() -> None:
    switch = FaultSwitch()
    switch.set([fault(calls=THREADS + 1)])
    start = Barrier(THREADS)

    def call(_: int) -> int:
        start.wait()
        return sum(hits(switch) for _ in range(500))

    with ThreadPoolExecutor(THREADS) as threads:
        failed = sum(threads.map(call, range(THREADS)))

    assert failed == THREADS + 1
    assert not switch.on, "it costs nothing any longer"
    (ended,) = switch.report()
    assert (ended["failed"], ended["active"]) == (THREADS + 1, False)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"service": "states"}, "no service states"),
        ({"service": 1}, "service"),
        ({"operation": "updateItem"}, "dynamodb has no updateItem"),
        ({"operation": ["*"]}, "operation"),
        ({"kind": "mishap"}, "kind"),
        ({"kind": "failed-entry"}, "operation"),
        ({"code": ""}, "code"),
        ({"code": None}, "code"),
        ({"kind": "killed-before"}, "code"),
        ({"kind": "killed-after", "code": None}, "status"),
        ({"status": 200}, "status"),
        ({"status": None}, "status"),
        ({"status": "500"}, "status"),
        ({"share": 0}, "share"),
        ({"share": 1.1}, "share"),
        ({"share": True}, "share"),
        ({"seconds": 0}, "seconds"),
        ({"calls": 0}, "calls"),
        ({"calls": 1.5}, "calls"),
        ({"calls": True}, "calls"),
        ({"operations": []}, "operations"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(change: dict[str, Any], reason: str) -> None:
    sound = {"service": "dynamodb", "operation": "*", **THROTTLED}
    assert len(made([sound])) == 1

    with pytest.raises(ValidationError, match=reason):
        made([sound | change])
    with pytest.raises(ValidationError, match="list"):
        made(sound)
    with pytest.raises(ValidationError, match="kind"):
        made([{key: sound[key] for key in sound if key != "kind"}])


def test_every_call_that_failed_is_counted_however_many_come_at_once() -> None:
    switch = FaultSwitch()
    switch.set([fault(share=0.5)])
    start = Barrier(THREADS)

    def call(_: int) -> int:
        start.wait()
        return sum(hits(switch) for _ in range(500))

    with ThreadPoolExecutor(THREADS) as threads:
        failed = sum(threads.map(call, range(THREADS)))

    assert switch.report()[0]["failed"] == failed


def test_a_fault_that_ends_does_not_switch_off_one_that_is_set_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lasts = FaultSwitch._lasts

    def ends_slowly(*fault: Any) -> bool:
        found = lasts(*fault)
        if not found:
            time.sleep(0.005)  # Others go on, in the middle of the decision.
        return found

    monkeypatch.setattr(FaultSwitch, "_lasts", staticmethod(ends_slowly))
    ended = fault(seconds=1e-9)
    switch = FaultSwitch()
    start = Barrier(THREADS + 1)

    def call(_: int) -> None:
        start.wait()
        hits(switch)

    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(5):
            switch.set([ended])
            calls = [threads.submit(call, number) for number in range(THREADS)]
            start.wait()
            time.sleep(0.001)
            switch.set([ERROR])
            for each in calls:
                each.result()

            assert switch.on
            failed = switch.report()[0]["failed"]
            assert hits(switch)
            assert switch.report()[0]["failed"] == failed + 1
