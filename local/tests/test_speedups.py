"""Each speed-up works."""

import json
import subprocess
import sys

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
    "definitions": same(speedups.AmazonStateLanguageParser.parse, definition),
    "expressions of DynamoDB": same(speedups.UpdateExpressionParser.make, "SET a = :a"),
    "result paths": same(speedups.result_path.parse, "$"),
    "sessions of roles": len(assumed) == 1,
    "turns": five.broken,
}))
"""


def test_what_is_needed_again_is_made_once() -> None:
    made = subprocess.run(
        [sys.executable, "-c", MAKE_TWICE], capture_output=True, check=True, text=True
    )

    assert all(json.loads(made.stdout).values()), made.stdout
