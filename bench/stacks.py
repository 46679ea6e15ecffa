"""Deploys what the benchmark compares: the stack, with either capacity check, and a baseline."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple
from uuid import uuid4

import boto3
import requests

from bench.listener import DEADLINE_SECONDS, Listener
from harness.deployment import Stack, build, deploy
from harness.events import put_events
from harness.inbox import bus_listener, subscriber
from harness.orders import COMPLETED, WAITING, Order
from harness.shop import DeployedShop

CAPACITY: Final = 10
ENTRIES: Final = 10
"""The most events that PutEvents takes at once."""


BASELINE: Final = Path(__file__).with_name("baseline.asl.json")
# LocalStack asks for no permission here.
ROLE: Final = "arn:aws:iam::000000000000:role/baseline"


class Times(NamedTuple):
    """Seconds of one order: from its event to the task token, from the click to what follows."""

    to_task_token: float
    to_completed: float
    to_told: float | None


class OrderStack:
    """The project's stack with one of the two capacity checks: only the config item differs."""

    def __init__(self, name: str, shop: DeployedShop, listener: Listener) -> None:
        self.name = name
        self._shop = shop
        self._listener = listener
        self._threads = threading.local()

    def activate(self) -> None:
        """Make the following orders use this mode."""
        self._shop.configure(open=True, capacity=CAPACITY, capacityCheck=self.name)

    def place(self, *order_ids: str) -> None:
        """Send the orders' events, ten at most."""
        self._shop.place(*(Order("Flat white", order_id, order_id) for order_id in order_ids))

    def is_admitted(self, order_id: str) -> bool:
        """Wait until the order is admitted or refused; return whether it is admitted."""
        _, status, _ = self._listener.wait(order_id, "in preparation", "rejected")
        return status == "in preparation"

    def complete(self, order_id: str) -> None:
        """Complete an admitted order, and wait for the end."""
        self._click(order_id)
        self._listener.wait(order_id, "ready for pickup")

    def process(self, order_id: str) -> Times | None:
        """Take one order from its event to pick-up. Returns None if it is refused."""
        placed = time.perf_counter()
        self.place(order_id)
        waiting, name, _ = self._listener.wait(order_id, WAITING, "rejected")
        if name == "rejected":
            return None
        self.is_admitted(order_id)
        clicked = self._click(order_id)
        completed, _, _ = self._listener.wait(order_id, COMPLETED)
        told, _, _ = self._listener.wait(order_id, "ready for pickup")
        return Times(waiting - placed, completed - clicked, told - clicked)

    def _click(self, order_id: str) -> float:
        """Complete the order as the barista, and return the time of that."""
        if not hasattr(self._threads, "http"):
            self._threads.http = requests.Session()
        url = f"{self._shop.outputs['ApiUrl']}/orders/{order_id}/complete"
        deadline = time.perf_counter() + DEADLINE_SECONDS
        while (clicked := time.perf_counter()) < deadline:
            answer = self._threads.http.post(url, json={"baristaId": "Julia"}, timeout=60)
            if answer.ok:
                return clicked
            # The notification may come a moment before the order table has the task token.
            if answer.status_code not in (requests.codes.not_found, requests.codes.conflict):
                break
            time.sleep(0.02)
        raise RuntimeError(f"{order_id}: {answer.status_code} {answer.text}")


class Baseline:
    """A workflow of one state, started by the same bus; this program returns its task token."""

    name = "baseline"

    def __init__(self, bus_name: str, listener: Listener) -> None:
        self._bus_name = bus_name
        self._listener = listener
        self._events = boto3.client("events")
        self._stepfunctions = boto3.client("stepfunctions")

    def activate(self) -> None:
        pass

    def place(self, *order_ids: str) -> None:
        entries = [
            {
                "Source": "baseline",
                "DetailType": "Baseline.Created",
                "Detail": {"orderId": order_id, "busName": self._bus_name},
            }
            for order_id in order_ids
        ]
        put_events(self._events, self._bus_name, *entries)

    def is_admitted(self, order_id: str) -> bool:
        self._listener.wait(order_id, "Baseline.Waiting")
        return True

    def complete(self, order_id: str) -> None:
        _, _, detail = self._listener.wait(order_id, "Baseline.Waiting")
        self._stepfunctions.send_task_success(taskToken=detail["TaskToken"], output="{}")
        self._listener.wait(order_id, "SUCCEEDED")

    def process(self, order_id: str) -> Times:
        placed = time.perf_counter()
        self.place(order_id)
        waiting, _, _ = self._listener.wait(order_id, "Baseline.Waiting")
        clicked = time.perf_counter()
        self.complete(order_id)
        completed, _, _ = self._listener.wait(order_id, "SUCCEEDED")
        return Times(waiting - placed, completed - clicked, None)


type Mode = OrderStack | Baseline
"""One of the workflows that are compared."""


@dataclass(frozen=True)
class Stacks:
    """The deployed stacks, and the modes that are measured on them."""

    reservation: OrderStack
    executions: OrderStack
    baseline: Baseline
    outputs: dict[str, str]
    name: str

    @property
    def modes(self) -> tuple[Mode, Mode, Mode]:
        return self.reservation, self.executions, self.baseline

    def finished_executions(self) -> int:
        """How many executions of the project's workflow have succeeded so far."""
        pages = boto3.client("stepfunctions").get_paginator("list_executions")
        machine = self.outputs["OrderProcessorArn"]
        return sum(
            len(page["executions"])
            for page in pages.paginate(stateMachineArn=machine, statusFilter="SUCCEEDED")
        )


@contextmanager
def deployed() -> Iterator[Stacks]:
    """Deploy the stack and the baseline on an empty LocalStack, and listen to both."""
    if boto3.client("stepfunctions").list_state_machines()["stateMachines"]:
        raise SystemExit("The benchmark needs a LocalStack without a stack. Run make down first.")
    stack, listener = Stack("bench"), Listener()
    build()
    outputs = deploy(stack)
    bus_name = outputs["EventBusName"]
    _stop_reconciler(stack.name)
    baseline = _deploy_baseline(bus_name)
    steps = {"detail-type": [WAITING, COMPLETED, "Baseline.Waiting"]}
    ends = {
        "source": ["aws.states"],
        "detail": {"stateMachineArn": [baseline], "status": ["SUCCEEDED"]},
    }
    with (
        bus_listener(bus_name, steps) as bus,
        bus_listener("default", ends) as executions,
        subscriber(outputs["CustomerTopicArn"]) as customers,
        listener.receiving(bus.url, executions.url, customers.url),
    ):
        shop = DeployedShop(stack.name, outputs, bus, customers)
        yield Stacks(
            OrderStack("reservation", shop, listener),
            OrderStack("executions", shop, listener),
            Baseline(bus_name, listener),
            outputs,
            stack.name,
        )


def new_order_id() -> str:
    """An id for an order and, as every order has its own, for its customer."""
    return str(uuid4())


def _stop_reconciler(stack_name: str) -> None:
    """Keep it out of what is counted. LocalStack goes on with a rule that is only disabled."""
    resource = boto3.client("cloudformation").describe_stack_resource(
        StackName=stack_name, LogicalResourceId="ReconcilerRule"
    )["StackResourceDetail"]
    rule, events = resource["PhysicalResourceId"], boto3.client("events")
    targets = events.list_targets_by_rule(Rule=rule)["Targets"]
    events.remove_targets(Rule=rule, Ids=[target["Id"] for target in targets])


def _deploy_baseline(bus_name: str) -> str:
    """Create the baseline and the rule that starts it. Returns the ARN of its state machine."""
    created = boto3.client("stepfunctions").create_state_machine(
        name="baseline", definition=BASELINE.read_text(), roleArn=ROLE
    )
    arn = created["stateMachineArn"]
    pattern = {"source": ["baseline"], "detail-type": ["Baseline.Created"]}
    events = boto3.client("events")
    events.put_rule(Name="baseline", EventBusName=bus_name, EventPattern=json.dumps(pattern))
    events.put_targets(
        Rule="baseline",
        EventBusName=bus_name,
        Targets=[{"Id": "baseline", "Arn": arn, "RoleArn": ROLE}],
    )
    return arn
