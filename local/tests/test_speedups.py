"""Each speed-up works."""

import subprocess
import sys

MAKE_TWICE = """
import json
from functools import wraps
from threading import Barrier, BrokenBarrierError, Thread
from localstack.aws.connect import ExternalClientFactory
from embedded_localstack import speedups

assumed = []
speedups.ClientFactory.with_assumed_role = lambda self, role: assumed.append(role)
five = Barrier(5)
service = speedups.state_task_service_dynamodb.StateTaskServiceDynamoDB

@wraps(service._eval_service_task)
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
assert five.broken, "turns"

factory = ExternalClientFactory()
factory.with_assumed_role("role"), factory.with_assumed_role("role")
assert assumed == ["role"]

definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
for make, of in (
    (speedups.AmazonStateLanguageParser.parse, definition),
    (speedups.UpdateExpressionParser.make, "SET a = :a"),
    (speedups.result_path.parse, "$"),
):
    assert make(of) is make(of), of
"""


def test_what_is_needed_again_is_made_once() -> None:
    subprocess.run([sys.executable, "-c", MAKE_TWICE], check=True)
