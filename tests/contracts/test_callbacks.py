"""What the functions tell the workflow is what it listens for."""

from typing import Any

import pytest

from aws.workflow import Workflow
from orders.model import Barista, Cancel, Decline, TaskToken
from tests.contracts.definitions import states

WAIT = states()["Awaiting order completion"]
TOKEN = TaskToken("token")


class Client:
    """Notes the error of a callback."""

    error: str

    def send_task_failure(self, *, error: str, **_: Any) -> None:
        self.error = error


@pytest.mark.parametrize(
    ("tell", "state"),
    [
        (
            lambda workflow: workflow.resume(TOKEN, Decline(Barista("Julia", "Julia"), "no milk")),
            "Order declined",
        ),
        (lambda workflow: workflow.resume(TOKEN, Cancel()), "Order canceled"),
        (lambda workflow: workflow.give_up(TOKEN), "Order already known"),
    ],
)
def test_an_error_is_caught_at_once(tell: Any, state: str) -> None:
    client: Any = Client()
    tell(Workflow(client))
    (caught,) = (catch for catch in WAIT["Catch"] if client.error in catch["ErrorEquals"])
    assert caught["Next"] == state
    retrier = next(retry for retry in WAIT["Retry"] if client.error in retry["ErrorEquals"])
    assert retrier["MaxAttempts"] == 0
