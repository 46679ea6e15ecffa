"""LocalStack as it comes: with what lets it run here, and nothing that changes what it does."""

import json
import os
import subprocess
import sys

import pytest

LIST_HOOKS = """
import json
from localstack.runtime.hooks import on_infra_start

hooks = [hook.fn for hook in on_infra_start.manager.load_all()]
print(json.dumps([fn.__name__ for fn in hooks if fn.__module__.startswith("embedded_localstack")]))
"""


@pytest.mark.parametrize(
    ("stock", "loaded"),
    [
        ("1", {"look_up_no_name"}),
        (
            "0",
            {
                "apply",
                "install_calls",
                "install_deliveries",
                "install_faults",
                "look_up_no_name",
                "speed_up",
            },
        ),
    ],
)
def test_one_variable_switches_off_what_changes_localstack(stock: str, loaded: set[str]) -> None:
    listed = subprocess.run(
        [sys.executable, "-c", LIST_HOOKS],
        env=os.environ | {"STOCK_LOCALSTACK": stock},
        capture_output=True,
        check=True,
        text=True,
    )

    assert set(json.loads(listed.stdout.splitlines()[-1])) == loaded
