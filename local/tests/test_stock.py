"""LocalStack as it comes: with what lets it run here, and nothing that changes what it does."""

import os
import subprocess
import sys

# What stands in for Java, keeps LocalStack from asking a name server, and ends it.
LOOK = """
from localstack.runtime.hooks import on_infra_start

hooks = [hook.fn for hook in on_infra_start.manager.load_all()]
ours = {fn.__name__ for fn in hooks if fn.__module__.startswith("embedded_localstack")}
assert ours == {"evaluate_jsonata", "look_up_no_name", "end_with_the_last_user"}, ours
"""


def test_one_variable_switches_off_what_changes_localstack() -> None:
    stock = os.environ | {"STOCK_LOCALSTACK": "1"}
    subprocess.run([sys.executable, "-c", LOOK], env=stock, check=True)
