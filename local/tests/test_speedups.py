"""Each speed-up works, and can be switched off."""

import json
import os
import subprocess
import sys

import pytest

from embedded_localstack.speedups import SPEED_UPS

MAKE_TWICE = """
import json
from threading import Barrier, BrokenBarrierError, Thread
from localstack.aws.connect import ExternalClientFactory
from embedded_localstack import speedups

assumed = []
speedups.ClientFactory.with_assumed_role = lambda self, role: assumed.append(role)
five = Barrier(5)
service = speedups.state_task_service_dynamodb.StateTaskServiceDynamoDB

def meet_the_others(task):
    try:
        five.wait(timeout=1)
    except BrokenBarrierError:
        pass

service._eval_service_task = meet_the_others
speedups.speed_up()
tasks = [Thread(target=service._eval_service_task, args=(None,)) for _ in range(5)]
for act in (Thread.start, Thread.join):
    for task in tasks:
        act(task)
definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
factory = ExternalClientFactory()
factory.with_assumed_role("role"), factory.with_assumed_role("role")

def same(make, of):
    return make(of) is make(of)

print(json.dumps({
    "DEFINITION_CACHE": same(speedups.AmazonStateLanguageParser.parse, definition),
    "EXPRESSION_CACHE": same(speedups.UpdateExpressionParser.make, "SET a = :a"),
    "JSONPATH_CACHE": same(speedups.json_path.parse, "$.a"),
    "ROLE_SESSION_CACHE": len(assumed) == 1,
    "TURNS": five.broken,
}))
"""


@pytest.mark.parametrize("off", [False, True])
def test_what_is_needed_again_is_made_once_unless_that_is_switched_off(off: bool) -> None:
    made = subprocess.run(
        [sys.executable, "-c", MAKE_TWICE],
        env=os.environ | {"SPEED_UPS_OFF": ",".join(SPEED_UPS) if off else ""},
        capture_output=True,
        check=True,
        text=True,
    )

    assert json.loads(made.stdout) == dict.fromkeys(SPEED_UPS, not off)
