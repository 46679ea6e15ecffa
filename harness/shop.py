"""A deployed shop, as its customers, its baristas and its operators deal with it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import boto3
import requests

from harness.events import put_events
from harness.inbox import Inbox, Message, bus_listener, subscriber
from harness.logs import Logs
from harness.orders import CREATED, DELETED, SOURCE, WAITING, Order, attributes, is_about, publish
from harness.polling import NeverHappened, until
from harness.signing import Signature
from harness.workflow import Workflow

OPEN = {"PK": "config", "open": True}


class DeployedShop:
    """One deployed stack, with listeners that hear all its events and all that customers hear."""

    def __init__(
        self, stack_name: str, outputs: Mapping[str, str], bus: Inbox, customers: Inbox
    ) -> None:
        self.stack_name = stack_name
        self.outputs = outputs
        self.bus = bus
        self.customers = customers
        self.workflow = Workflow(outputs["OrderProcessorArn"], bus)
        self.logs = Logs(stack_name)
        self.answers: list[str] = []
        self._headers: dict[str, str] = {}
        self._signature: Signature | None = Signature()
        self._events = boto3.client("events")
        dynamodb = boto3.resource("dynamodb")
        self._config = dynamodb.Table(outputs["ConfigTableName"])
        self._orders = dynamodb.Table(outputs["OrderTableName"])

    # --- The order service ---

    def publish(self, detail_type: str, *details: Mapping[str, object]) -> None:
        self.publish_all(*((detail_type, detail) for detail in details))

    def publish_all(self, *events: tuple[str, Mapping[str, object]]) -> None:
        """Send events at once."""
        publish(self._events, self.outputs["EventBusName"], *events)

    def send_again(self, event: Message) -> None:
        """Send an event that was heard once more, under another id."""
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": event["detail"],
            "Resources": event["resources"],
        }
        put_events(self._events, self.outputs["EventBusName"], entry)

    def place(self, *orders: Order) -> None:
        self.publish(CREATED, *(order.detail for order in orders))

    def cancel(self, order: Order) -> None:
        self.publish(DELETED, {"orderId": order.order_id})

    def order_by_hand(self, order: Order) -> str:
        return self.workflow.start({"detail": order.detail})

    # --- What is known of an order ---

    def item(self, order: Order) -> dict[str, Any]:
        """The order in the order table, with what is not for showing; empty if it is unknown."""
        key = {"orderId": order.order_id}
        return self._orders.get_item(Key=key, ConsistentRead=True).get("Item", {})

    def wait_for_status(self, order: Order, status: str) -> dict[str, Any]:
        """The order's item once the order table has it in that state."""
        return until(
            f"order {status}",
            lambda: self.item(order),
            lambda item: item.get("status") == status,
        )

    def wait_for_preparation(self, *orders: Order) -> list[str]:
        """The executions of the orders, once a barista can click."""
        return [self.wait_for_status(order, "in preparation")["execution"] for order in orders]

    def prepare(self, *orders: Order) -> list[str]:
        """Place orders and wait until a barista can click. Returns their executions."""
        self.place(*orders)
        return self.wait_for_preparation(*orders)

    def wait_for_event(self, order: Order, detail_type: str) -> Message:
        """The event of that type about the order."""
        return self.bus.wait_for(
            f"{detail_type} of {order}", lambda event: is_about(event, order, detail_type)
        )

    def events_about(self, order: Order, detail_type: str) -> list[Message]:
        return self.bus.received(lambda event: is_about(event, order, detail_type))

    def wait_for_message(self, order: Order, status: str) -> Message:
        """The message to the order's customer with that status."""
        return self.customers.wait_for(
            f"message '{status}' to {order.user_id}",
            lambda message: (
                {"orderId": order.order_id, "userId": order.user_id, "status": status}.items()
                <= attributes(message).items()
            ),
        )

    def wait_for_text(self, order: Order, status: str) -> str:
        """The text of that message, without the number that it begins with if the order has one."""
        message = self.wait_for_message(order, status)
        number = self.item(order).get("number")
        assert attributes(message).get("number") == (None if number is None else str(number))
        called = f"Order {number}, " if number else ""
        assert message["Message"].startswith(called)
        return str(message["Message"]).removeprefix(called)

    def messages_to(self, order: Order) -> list[Message]:
        return self.customers.received(
            lambda message: attributes(message).get("userId") == order.user_id
        )

    def statuses_told(self, order: Order) -> list[str]:
        """The status in each message to the order's customer."""
        return [attributes(message)["status"] for message in self.messages_to(order)]

    def tokens(self) -> set[str]:
        """All task tokens that were said on the bus."""
        waits = self.bus.received(lambda event: event["detail-type"] == WAITING)
        return {event["detail"]["TaskToken"] for event in waits}

    def with_token(self, texts: Iterable[str]) -> list[str]:
        """The texts that hold a task token, cut short."""
        tokens = self.tokens()
        assert tokens
        return [text[:500] for text in texts if any(token in text for token in tokens)]

    # --- The barista ---

    def sign_in(self, id_token: str) -> None:
        """Click as the barista whose token this is, where the stack has a sign-in."""
        self._headers = {"Authorization": f"Bearer {id_token}"}
        self._signature = None

    def get(self, path: str) -> requests.Response:
        return self._call("GET", path)

    def click(self, order: Order, what: str, body: object) -> requests.Response:
        return self._call("POST", f"/orders/{order.order_id}/{what}", body)

    def give_back(self, order: Order, barista: str) -> requests.Response:
        return self._call("DELETE", f"/orders/{order.order_id}/take", {"baristaId": barista})

    def board(self) -> dict[str, list[int]]:
        numbers: dict[str, list[int]] = self.get("/queue").json()
        return numbers

    def put(self, path: str, body: object) -> requests.Response:
        return self._call("PUT", path, body)

    def take_menu_away(self) -> None:
        self._config.delete_item(Key={"PK": "menu"})

    def decide(self, order: Order, **decision: str) -> None:
        """Leave a decision on an order, of which the workflow does not hear."""
        self._orders.update_item(
            Key={"orderId": order.order_id},
            UpdateExpression="SET decision = :decision",
            ExpressionAttributeValues={":decision": decision},
        )

    def hand_over(self, order: Order, execution: str) -> None:
        """Leave an order to another execution, which need not be there."""
        self._orders.update_item(
            Key={"orderId": order.order_id},
            UpdateExpression="SET execution = :execution",
            ExpressionAttributeValues={":execution": execution},
        )

    def forget(self, order: Order) -> None:
        """Delete an order that nothing will end."""
        self._orders.delete_item(Key={"orderId": order.order_id})

    def complete(self, *orders: Order, barista: str = "Julia") -> None:
        """Complete orders in preparation, and wait for their executions' end."""
        for order in orders:
            response = self.click(order, "complete", {"baristaId": barista})
            assert response.status_code == requests.codes.ok, response.text
        for order in orders:
            self.workflow.output(self.item(order)["execution"])

    def complete_all(self) -> None:
        """Complete the orders at the counter."""
        self.complete(*(Order(order_id=order_id) for order_id in self.counter()))

    def clear_counter(self) -> None:
        """Cancel the orders that have a slot."""
        for order_id in self.reservations():
            self.publish(DELETED, {"orderId": order_id})

    def counter(self, count: int | None = None) -> list[str]:
        """The ids of the orders in preparation, as the API lists them; once there are so many.

        On AWS the list lags behind a little: it is an index.
        """

        def listed() -> list[str]:
            response = self.get("/orders?status=in preparation")
            assert response.status_code == requests.codes.ok, response.text
            return [order["orderId"] for order in response.json()["orders"]]

        if count is None:
            return listed()
        return until(f"{count} orders on the counter", listed, lambda ids: len(ids) == count)

    def _call(self, method: str, path: str, body: object = None) -> requests.Response:
        # Encoded as a signature has it, where a space is %20 and a slash in a value is %2F.
        path, _, query = path.partition("?")
        encoded = urlencode(parse_qsl(query), quote_via=quote, safe="")
        response = requests.request(
            method,
            f"{self.outputs['ApiUrl']}{path}{encoded and '?'}{encoded}",
            json=body,
            headers=self._headers,
            auth=self._signature,
            timeout=20,
        )
        self.answers.append(response.text)
        return response

    # --- The operator ---

    def configure(self, **attributes: str | bool | int | list[str] | dict[str, int]) -> None:
        """Set attributes of the config item, beside those that it has."""
        # An expression, for LocalStack keeps a bool that comes in AttributeUpdates as a text.
        self._config.update_item(
            Key={"PK": "config"},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ExpressionAttributeNames={f"#{name}": name for name in attributes},
            ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
        )

    def replace_config(self, item: Mapping[str, Any] | None) -> None:
        if item is None:
            self._config.delete_item(Key={"PK": "config"})
        else:
            self._config.put_item(Item=item)

    def slots(self) -> set[str]:
        """The names of the executions that have a slot."""
        answer: Any = self._config.get_item(Key={"PK": "reservations"}, ConsistentRead=True)
        return set(answer.get("Item", {}).get("reservations", set()))

    def reservations(self) -> set[str]:
        """The ids of the orders that have a slot."""
        return {str(self.workflow.order_id(name)) for name in self.slots()}

    def hand_out_slots(self, names: Collection[str]) -> None:
        """Give slots to these executions and to no others."""
        self._config.delete_item(Key={"PK": "reservations"})
        if names:
            self._config.put_item(Item={"PK": "reservations", "reservations": set(names)})

    def unknown_executions(self) -> list[str]:
        """The names of the executions with a slot that the reconciler noted as unknown."""
        answer: Any = self._config.get_item(Key={"PK": "unknown-executions"}, ConsistentRead=True)
        return [
            execution.rpartition(":")[2] for execution in answer.get("Item", {"since": {}})["since"]
        ]

    def open(self) -> None:
        """Open for a run of the tests, whatever an aborted one left behind."""
        for execution in self.workflow.running():
            self.workflow.stop(execution)
        self.replace_config(OPEN)
        self.hand_out_slots([])

    def close_up(self) -> None:
        """Undo a test's configuration, and make sure that it left no order and no slot behind."""
        self.replace_config(OPEN)
        try:
            until(
                "empty shop at the end of the test",
                lambda: (self.workflow.running(), self.slots()),
                lambda left: left == ([], set()),
            )
        except NeverHappened:
            self.open()  # So that the next test has a fair chance.
            raise


@contextmanager
def listening(stack_name: str, outputs: Mapping[str, str]) -> Iterator[DeployedShop]:
    """The shop of a deployed stack with these outputs."""
    with (
        bus_listener(outputs["EventBusName"], {"source": [SOURCE]}) as bus,
        subscriber(outputs["CustomerTopicArn"]) as customers,
    ):
        yield DeployedShop(stack_name, outputs, bus, customers)
