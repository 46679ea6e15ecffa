"""LocalStack as it comes: with what lets it run here, and nothing that changes what it does."""

import json
import os
import subprocess
import sys

LIST_HOOKS = """
import json
from localstack.runtime.hooks import on_infra_start

hooks = [hook.fn for hook in on_infra_start.manager.load_all()]
print(json.dumps([fn.__name__ for fn in hooks if fn.__module__.startswith("embedded_localstack")]))
"""


def test_one_variable_switches_off_what_changes_localstack() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", LIST_HOOKS],
        env=os.environ | {"STOCK_LOCALSTACK": "1"},
        capture_output=True,
        check=True,
        text=True,
    )

    # What stands in for Java, and what keeps LocalStack from asking a name server.
    hooks = {"evaluate_jsonata", "look_up_no_name"}
    assert set(json.loads(listed.stdout.splitlines()[-1])) == hooks
