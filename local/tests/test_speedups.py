"""What is kept is made once, and made every time where that is switched off."""

import json
import os
import subprocess
import sys

import pytest

from embedded_localstack.checkout import SPEED_UPS

MAKE_TWICE = """
import json
from localstack.aws.connect import ExternalClientFactory
from embedded_localstack import speedups

assumed = []
speedups.ClientFactory.with_assumed_role = lambda self, role: assumed.append(role)
waits = []
speedups.lambda_provider.poll_condition = lambda **settings: waits.append(settings)
speedups.speed_up()
speedups.lambda_provider.poll_condition()
definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
factory = ExternalClientFactory()
factory.with_assumed_role("role"), factory.with_assumed_role("role")

def same(make, of):
    return make(of) is make(of)

print(json.dumps({
    "DEFINITION_CACHE": same(speedups.AmazonStateLanguageParser.parse, definition),
    "EXPRESSION_CACHE": same(speedups.UpdateExpressionParser.make, "SET a = :a"),
    "JSONPATH_CACHE": same(speedups.json_path.parse, "$.a"),
    "NEW_FUNCTION_POLL": waits == [{"interval": 0.02}],
    "ROLE_SESSION_CACHE": len(assumed) == 1,
}))
"""


@pytest.mark.parametrize("value", ["0", "1"])
def test_what_is_needed_again_is_made_once_unless_that_is_switched_off(value: str) -> None:
    made = subprocess.run(
        [sys.executable, "-c", MAKE_TWICE],
        env=os.environ | dict.fromkeys(SPEED_UPS, value),
        capture_output=True,
        check=True,
        text=True,
    )

    assert json.loads(made.stdout) == dict.fromkeys(sorted(SPEED_UPS), value == "1")
