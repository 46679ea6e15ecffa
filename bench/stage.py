"""Where the benchmark plays: the real stack in both of its modes, and the floor beside it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol
from uuid import uuid4

import boto3
import requests

from bench.listening import DEADLINE_SECONDS, Ears, listening
from harness.deployment import Stack, build, deploy
from harness.inbox import bus_listener, subscriber
from harness.orders import COMPLETED, CREATED, SOURCE, WAITING

CAPACITY: Final = 10
ENTRIES: Final = 10
"""As many as PutEvents takes at a time."""


@dataclass(frozen=True)
class Times:
    """Seconds of one order, each from what it is an answer to."""

    to_parked_token: float
    to_completed: float
    to_told: float | None


class Refused(Exception):
    """The order was refused for lack of capacity."""


class Mode(Protocol):
    """A workflow that takes an order to a barista who is always ready."""

    name: str

    def enter(self) -> None:
        """Have the orders that follow go this way."""

    def place(self, *order_ids: str) -> None:
        """Send the orders' events, ten at most."""

    def settled(self, order_id: str) -> bool:
        """Wait until it is known whether the order was let in, and tell."""

    def serve(self, order_id: str) -> Times:
        """Take one order from its event to pick-up. Raises Refused."""

    def pick_up(self, order_id: str) -> None:
        """Bring an order that was let in to its end."""


class Shop:
    """The stack, with one of the two capacity checks: only the config item differs."""

    def __init__(self, name: str, outputs: dict[str, str], ears: Ears) -> None:
        self.name = name
        self._outputs = outputs
        self._ears = ears
        self._events: Any = boto3.client("events")
        self._config: Any = boto3.resource("dynamodb").Table(outputs["ConfigTableName"])
        self._threads = threading.local()

    def enter(self) -> None:
        self._config.update_item(
            Key={"PK": "config"},
            UpdateExpression="SET #open = :yes, #capacity = :capacity, capacityCheck = :name",
            ExpressionAttributeNames={"#open": "open", "#capacity": "capacity"},
            ExpressionAttributeValues={":yes": True, ":capacity": CAPACITY, ":name": self.name},
        )

    def place(self, *order_ids: str) -> None:
        details = [
            {"orderId": order_id, "userId": order_id, "drink": "Flat white"}
            for order_id in order_ids
        ]
        _put(self._events, self._outputs["EventBusName"], SOURCE, CREATED, details)

    def settled(self, order_id: str) -> bool:
        _, status, _ = self._ears.wait(order_id, "in preparation", "rejected")
        return status == "in preparation"

    def serve(self, order_id: str) -> Times:
        placed = time.perf_counter()
        self.place(order_id)
        parked, what, _ = self._ears.wait(order_id, WAITING, "rejected")
        if what == "rejected":
            raise Refused
        self.settled(order_id)
        clicked = self._click(order_id)
        completed, _, _ = self._ears.wait(order_id, COMPLETED)
        told, _, _ = self._ears.wait(order_id, "ready for pickup")
        return Times(parked - placed, completed - clicked, told - clicked)

    def pick_up(self, order_id: str) -> None:
        self._click(order_id)
        self._ears.wait(order_id, "ready for pickup")

    def _click(self, order_id: str) -> float:
        """Complete the order, and return when that was clicked."""
        if not hasattr(self._threads, "http"):
            self._threads.http = requests.Session()
        url = f"{self._outputs['ApiUrl']}/orders/{order_id}/complete"
        deadline = time.perf_counter() + DEADLINE_SECONDS
        while (clicked := time.perf_counter()) < deadline:
            answer = self._threads.http.post(url, json={"baristaId": "Julia"}, timeout=60)
            if answer.ok:
                return clicked
            # The customer may hear a moment before the order table that the order is there.
            if answer.status_code not in (requests.codes.not_found, requests.codes.conflict):
                break
            time.sleep(0.02)
        raise RuntimeError(f"{order_id}: {answer.status_code} {answer.text}")


class Floor:
    """A workflow of one state, started by the same bus; the token comes back from here."""

    name = "floor"

    def __init__(self, bus_name: str, ears: Ears) -> None:
        self._bus_name = bus_name
        self._ears = ears
        self._events: Any = boto3.client("events")
        self._workflow: Any = boto3.client("stepfunctions")

    def enter(self) -> None:
        pass

    def place(self, *order_ids: str) -> None:
        details = [{"orderId": order_id} for order_id in order_ids]
        _put(self._events, self._bus_name, "floor", "Floor.Created", details)

    def settled(self, order_id: str) -> bool:
        self._ears.wait(order_id, "Floor.Waiting")
        return True

    def serve(self, order_id: str) -> Times:
        placed = time.perf_counter()
        self.place(order_id)
        parked, _, _ = self._ears.wait(order_id, "Floor.Waiting")
        clicked = time.perf_counter()
        self.pick_up(order_id)
        completed, _, _ = self._ears.wait(order_id, "SUCCEEDED")
        return Times(parked - placed, completed - clicked, None)

    def pick_up(self, order_id: str) -> None:
        _, _, detail = self._ears.wait(order_id, "Floor.Waiting")
        self._workflow.send_task_success(taskToken=detail["TaskToken"], output="{}")
        self._ears.wait(order_id, "SUCCEEDED")


@dataclass(frozen=True)
class Stage:
    """What there is to measure."""

    reservation: Shop
    executions: Shop
    floor: Floor
    ears: Ears
    outputs: dict[str, str]
    stack_name: str

    @property
    def shops(self) -> tuple[Shop, Shop]:
        return self.reservation, self.executions

    @property
    def modes(self) -> tuple[Mode, Mode, Mode]:
        return self.reservation, self.executions, self.floor

    def finished_executions(self) -> int:
        """How many executions of the stack's workflow lie behind."""
        pages = boto3.client("stepfunctions").get_paginator("list_executions")
        machine = self.outputs["OrderProcessorArn"]
        return sum(
            len(page["executions"])
            for page in pages.paginate(stateMachineArn=machine, statusFilter="SUCCEEDED")
        )


@contextmanager
def staged() -> Iterator[Stage]:
    """Deploy the stack and the floor on an empty LocalStack, and listen."""
    if boto3.client("stepfunctions").list_state_machines()["stateMachines"]:
        raise SystemExit("The benchmark needs a fresh LocalStack: make down, then again.")
    stack, ears = Stack("bench"), Ears()
    build()
    outputs = deploy(stack)
    bus_name = outputs["EventBusName"]
    floor = _deploy_floor(bus_name)
    steps = {"detail-type": [WAITING, COMPLETED, "Floor.Waiting"]}
    ends = {
        "source": ["aws.states"],
        "detail": {"stateMachineArn": [floor], "status": ["SUCCEEDED"]},
    }
    with (
        bus_listener(bus_name, steps) as bus,
        bus_listener("default", ends) as executions,
        subscriber(outputs["CustomerTopicArn"]) as customers,
        listening(ears, [bus.url, executions.url, customers.url]),
    ):
        yield Stage(
            Shop("reservation", outputs, ears),
            Shop("executions", outputs, ears),
            Floor(bus_name, ears),
            ears,
            outputs,
            stack.name,
        )


def new_order() -> str:
    """An order's id, which is its customer's as well."""
    return str(uuid4())


def _put(
    events: Any, bus_name: str, source: str, detail_type: str, details: list[dict[str, str]]
) -> None:
    answer = events.put_events(
        Entries=[
            {
                "EventBusName": bus_name,
                "Source": source,
                "DetailType": detail_type,
                "Detail": json.dumps(detail),
            }
            for detail in details
        ]
    )
    assert answer["FailedEntryCount"] == 0, answer


def _deploy_floor(bus_name: str) -> str:
    cloudformation = boto3.client("cloudformation")
    cloudformation.create_stack(
        StackName="floor",
        TemplateBody=Path(__file__).with_name("floor.yaml").read_text(),
        Parameters=[{"ParameterKey": "EventBusName", "ParameterValue": bus_name}],
        Capabilities=["CAPABILITY_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="floor", WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    (stack,) = cloudformation.describe_stacks(StackName="floor")["Stacks"]
    return stack["Outputs"][0]["OutputValue"]
