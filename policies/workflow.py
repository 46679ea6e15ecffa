"""Checks that each Task of the workflow handles its failure and ends its waiting.

asl-validator checks that each transition leads to a state and that each state can be reached.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from policies.exceptions import exceptions, problems, verdict

DEFINITION = Path(__file__).parents[1] / "statemachine/order_processor.asl.json"
EXCEPTED = "tasks-without-catch"


def main() -> int:
    """Exit status: 0 if the workflow passes, else 1, with what to do about each problem."""
    machine = json.loads(DEFINITION.read_text(encoding="utf-8"))
    accepted = exceptions(EXCEPTED)
    found = [*refused(machine, accepted), *problems(accepted, uncaught(machine), EXCEPTED)]
    return verdict(found)


def refused(machine: dict[str, Any], accepted: dict[str, str]) -> Iterator[str]:
    """What is wrong with the machine's Tasks, except for the accepted ones without a Catch."""
    for name, task in tasks(machine):
        if not any(retrier.get("MaxAttempts", 3) > 0 for retrier in task.get("Retry", [])):
            yield f"{name} is not retried when it fails: give it a Retry."
        if task["Resource"].endswith(".waitForTaskToken"):
            for limit in ("HeartbeatSeconds", "TimeoutSeconds"):
                if limit not in task:
                    yield f"{name} may wait for its callback for a year: give it {limit}."
    for name in uncaught(machine):
        if name not in accepted:
            yield (
                f"{name} breaks the execution when it fails: give it a Catch, or say under"
                f" {EXCEPTED} in policies/exceptions.toml why that is right."
            )


def uncaught(machine: dict[str, Any]) -> list[str]:
    """The Tasks without a Catch."""
    return [name for name, task in tasks(machine) if not task.get("Catch")]


def tasks(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All Tasks by name, also those in a Parallel's branches and in a Map."""
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield name, state
        inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
        for each in inner:
            yield from tasks(each)


if __name__ == "__main__":
    sys.exit(main())
