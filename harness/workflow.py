"""The workflow of a deployed shop: its executions, and what their histories tell."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3

from harness.aws import ON_AWS
from harness.inbox import Inbox, settle
from harness.orders import WAITING, Order
from harness.polling import until

IMPATIENT_SECONDS = 30 if ON_AWS else 4
"""A heartbeat that a test can wait for. A task token is in the order table in a moment here, on AWS
in seconds."""


class Workflow:
    """The state machine of a stack, whose events ``bus`` hears."""

    def __init__(self, arn: str, bus: Inbox) -> None:
        self._arn = arn
        self._bus = bus
        self._since = datetime.now(UTC)
        self._stepfunctions = boto3.client("stepfunctions")
        self._order_ids: dict[str, object] = {}

    @contextmanager
    def redefined(self, change: Callable[[str], str]) -> Iterator[None]:
        """Have executions that begin in the block keep to a changed definition.

        On AWS only those that are started by hand: an event's belong to a version of their own.
        """
        described = self._stepfunctions.describe_state_machine(stateMachineArn=self._arn)
        self._define(change(described["definition"]))
        try:
            yield
        finally:
            self._define(described["definition"])

    @contextmanager
    def impatient(self, heartbeat_seconds: int = IMPATIENT_SECONDS) -> Iterator[None]:
        """Have orders that begin in the block time out when no barista cares for them so long."""

        def change(definition: str) -> str:
            changed = json.loads(definition)
            wait = changed["States"]["Awaiting order completion"]
            wait["HeartbeatSeconds"] = heartbeat_seconds
            return json.dumps(changed)

        with self.redefined(change):
            yield

    def _define(self, definition: str) -> None:
        self._stepfunctions.update_state_machine(stateMachineArn=self._arn, definition=definition)
        settle()

    def start(self, workflow_input: object) -> str:
        """Start an execution by hand. Returns its ARN."""
        return self._stepfunctions.start_execution(
            stateMachineArn=self._arn, input=json.dumps(workflow_input)
        )["executionArn"]

    def described(self, execution: str) -> dict[str, Any]:
        return dict(self._stepfunctions.describe_execution(executionArn=execution))

    def ended(self, execution: str) -> dict[str, Any]:
        """The execution's description once it runs no more."""
        return until(
            f"end of {execution}",
            lambda: self.described(execution),
            lambda described: described["status"] != "RUNNING",
        )

    def output(self, execution: str) -> Any:
        """The output of an execution that succeeds."""
        ended = self.ended(execution)
        assert ended["status"] == "SUCCEEDED", ended
        return json.loads(ended["output"])

    def history(self, execution: str) -> list[dict[str, Any]]:
        pages = self._stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=execution
        )
        return [dict(event) for page in pages for event in page["events"]]

    def entered(self, execution: str) -> list[tuple[str, datetime]]:
        """The states that the execution has entered so far, each with the time."""
        return [
            (event["stateEnteredEventDetails"]["name"], event["timestamp"])
            for event in self.history(execution)
            if "stateEnteredEventDetails" in event
        ]

    def states_entered(self, execution: str) -> list[str]:
        return [name for name, _ in self.entered(execution)]

    def state_outputs(self, execution: str) -> dict[str, Any]:
        return {
            exited["name"]: json.loads(exited["output"])
            for event in self.history(execution)
            if (exited := event.get("stateExitedEventDetails"))
        }

    def token(self, execution: str) -> str:
        """The task token that the execution says on the bus."""
        event = self._bus.wait_for(
            f"{WAITING} from {execution}",
            lambda event: event["detail-type"] == WAITING and execution in event["resources"],
        )
        return str(event["detail"]["TaskToken"])

    def send_task_success(self, token: str, output: object) -> None:
        self._stepfunctions.send_task_success(taskToken=token, output=json.dumps(output))

    def complete(self, execution: str) -> Any:
        """Have Julia complete the order, without the API. Returns the execution's output."""
        self.send_task_success(self.token(execution), {"baristaId": "Julia"})
        return self.output(execution)

    def stop(self, execution: str) -> None:
        self._stepfunctions.stop_execution(executionArn=execution)

    def executions(self, order: Order, at_least: int = 1) -> list[str]:
        """All executions of an order, once there are enough."""
        return until(
            f"{at_least} executions of {order}",
            lambda: [
                execution for execution, order_id in self.started() if order_id == order.order_id
            ],
            lambda executions: len(executions) >= at_least,
        )

    def started(self) -> Iterator[tuple[str, object]]:
        """The executions that began since this was made, and the ids of their orders."""
        for listed in self.listed():
            yield listed["executionArn"], self.order_id(listed["name"])

    def listed(self) -> Iterator[dict[str, Any]]:
        """The executions that began since this was made, as Step Functions lists them."""
        pages = self._stepfunctions.get_paginator("list_executions").paginate(
            stateMachineArn=self._arn
        )
        for page in pages:
            for listed in page["executions"]:
                if listed["startDate"] >= self._since:
                    yield dict(listed)

    def order_id(self, name: str) -> object:
        """The id of the order that the execution with that name was started with."""
        if name not in self._order_ids:
            arn = f"{self._arn.replace(':stateMachine:', ':execution:')}:{name}"
            detail = json.loads(self.described(arn)["input"]).get("detail")
            self._order_ids[name] = detail.get("orderId") if isinstance(detail, dict) else None
        return self._order_ids[name]

    def running(self) -> list[str]:
        answer = self._stepfunctions.list_executions(
            stateMachineArn=self._arn, statusFilter="RUNNING"
        )
        return [execution["executionArn"] for execution in answer["executions"]]
