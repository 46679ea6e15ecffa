"""An execution that failed or was stopped is cleaned up after."""

import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from jsonschema import Draft202012Validator

from order_tracking.handler import handler
from orders.clients import event_bus
from orders.model import Barista, Cancel, Complete, Decision, Decline, Status
from orders.order_table import OrderTable
from tests.contracts.definitions import schema
from tests.unit.printed import Printed
from tests.unit.shop import (
    ANOTHER_RUN,
    BUS,
    DRINK,
    NOW,
    ORDER_ID,
    RUN,
    USER_ID,
    Context,
    Shop,
    client,
    failed,
    queued,
    said,
    waiting,
    with_a_long_number,
)
from tests.unit.step_functions import StepFunctions

FAILED = "OrderProcessor.OrderFailed"
ORDERED = {"orderId": ORDER_ID, "userId": USER_ID, "drink": DRINK}


class Bus:
    """Listens to everything that is said."""

    def __init__(self) -> None:
        self._sqs = client("sqs")
        events = client("events")
        self._queue = self._sqs.create_queue(QueueName="listener")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self._queue, AttributeNames=["QueueArn"]
        )["Attributes"]
        events.create_event_bus(Name=BUS)
        events.put_rule(
            Name="all",
            EventBusName=BUS,
            EventPattern=json.dumps({"source": ["ok.serverlessworkshop"]}),
        )
        events.put_targets(
            Rule="all",
            EventBusName=BUS,
            Targets=[{"Id": "listener", "Arn": attributes["QueueArn"]}],
        )

    def heard(self) -> list[dict[str, Any]]:
        """What was said since the last time."""
        messages = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in messages.get("Messages", [])]


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture(autouse=True)
def started_with(step_functions: StepFunctions) -> None:
    for run in (RUN, ANOTHER_RUN):
        step_functions.inputs[run] = json.dumps({"detail": ORDERED})


def broke(run: str = RUN, status: str = "ABORTED") -> dict[str, Any]:
    return {
        "id": "1",
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "resources": [run],
        "detail": {"executionArn": run, "status": status, "input": None},
    }


def follow(*events: Any) -> dict[str, Any]:
    answer: dict[str, Any] = handler(queued(*events), Context())
    return answer


def test_the_slot_comes_back_and_everybody_hears(shop: Shop, bus: Bus) -> None:
    shop.claim()
    for run in (RUN, ANOTHER_RUN):
        shop.reserve(run)
    follow(waiting())

    assert follow(broke()) == failed()
    assert shop.reservations() == {"second"}
    [event] = bus.heard()
    assert (event["detail-type"], event["source"]) == (FAILED, "ok.serverlessworkshop")
    assert event["detail"].items() >= ORDERED.items()
    Draft202012Validator(schema(FAILED)).validate(event["detail"])

    assert follow(event) == failed()
    assert shop.item()["status"] == "failed"
    assert shop.item()["message"] == event["detail"]["message"]


def test_news_of_a_broken_execution_may_come_again(shop: Shop, bus: Bus, printed: Printed) -> None:
    shop.claim()
    assert follow(broke(), broke()) == failed()
    follow(*bus.heard())
    assert follow(broke()) == failed()
    assert bus.heard() == []
    assert printed.metrics == {"OrdersReceived": 1, "OrdersFailed": 1}


def test_the_order_stays_with_the_run_that_has_it(shop: Shop, bus: Bus) -> None:
    shop.claim()
    shop.reserve()
    before = shop.item()
    assert follow(broke(ANOTHER_RUN)) == failed()
    assert bus.heard() == []
    assert shop.reservations() == {"first"}
    assert shop.item() == before


def test_an_earlier_run_that_breaks_late_gives_its_own_slot_back(
    shop: Shop, order_table: OrderTable, bus: Bus
) -> None:
    shop.claim()
    order_table.end(ORDER_ID, RUN, Status.TIMED_OUT, NOW, {})
    shop.claim(run=ANOTHER_RUN, state="Claim ended order")
    for run in (RUN, ANOTHER_RUN):  # The earlier one was redriven.
        shop.reserve(run)
    assert follow(broke(RUN)) == failed()
    assert bus.heard() == []
    assert shop.reservations() == {"second"}


@pytest.mark.parametrize("status", [status for status in Status if status.has_ended])
def test_an_order_that_has_ended_stays_as_it_ended(
    shop: Shop, order_table: OrderTable, bus: Bus, status: Status
) -> None:
    shop.claim()
    order_table.end(ORDER_ID, RUN, status, NOW, {})
    before = shop.item()
    assert follow(broke()) == failed()
    assert bus.heard() == []
    assert shop.item() == before


def test_an_execution_that_broke_before_it_had_the_order_is_told(shop: Shop, bus: Bus) -> None:
    assert follow(broke()) == failed()
    [event] = bus.heard()
    assert follow(event) == failed()
    item = shop.item()
    assert (item["status"], item["userId"], item["drink"]) == ("failed", USER_ID, DRINK)


def test_an_order_that_broke_before_a_run_had_it_is_not_made_by_a_repeat_of_its_event(
    shop: Shop, bus: Bus
) -> None:
    # Neither before its end is recorded nor after.
    assert follow(broke()) == failed()
    assert not shop.claim(run=ANOTHER_RUN)
    follow(*bus.heard())
    assert not shop.claim(run=ANOTHER_RUN)
    assert shop.item()["status"] == "failed"
    assert shop.claim(run=ANOTHER_RUN, state="Claim ended order"), "by hand it can run again"


def test_an_order_that_was_refused_as_invalid_and_corrected_may_break_as_well(
    shop: Shop, order_table: OrderTable, bus: Bus
) -> None:
    order_table.end(ORDER_ID, None, Status.REJECTED, NOW, {"code": "ERROR-100", "message": "No."})
    assert follow(broke()) == failed()
    assert follow(*bus.heard()) == failed()
    item = shop.item()
    assert (item["status"], item["execution"]) == ("failed", RUN)
    assert "code" not in item


@pytest.mark.parametrize(
    ("decision", "detail_type", "status"),
    [
        (Complete(Barista("Julia", "Julia")), "OrderCompleted", "ready for pickup"),
        (Decline(Barista("Julia", "Julia"), "no milk"), "OrderRejected", "rejected"),
        (Cancel(), "OrderCanceled", "canceled"),
    ],
)
def test_what_was_decided_before_the_execution_broke_is_announced(
    shop: Shop, order_table: OrderTable, bus: Bus, decision: Decision, detail_type: str, status: str
) -> None:
    shop.claim()
    shop.reserve()
    follow(waiting())
    order_table.decide(ORDER_ID, decision, NOW)
    assert follow(broke()) == failed()
    assert shop.reservations() == set()
    [event] = bus.heard()
    assert event["detail-type"] == f"OrderProcessor.{detail_type}"
    assert event["detail"].items() >= ORDERED.items()
    Draft202012Validator(schema(event["detail-type"])).validate(event["detail"])
    assert follow(event) == failed()
    assert shop.item()["status"] == status


def test_nobody_decides_any_more_once_the_failure_is_announced(
    shop: Shop, order_table: OrderTable, bus: Bus
) -> None:
    shop.claim()
    follow(waiting())
    follow(broke())
    assert order_table.decide(ORDER_ID, Complete(Barista("Julia", "Julia")), NOW) is None
    follow(broke())
    assert [event["detail-type"] for event in bus.heard()] == [FAILED, FAILED]


def test_a_cancellation_that_came_before_its_order_is_announced(
    order_table: OrderTable, bus: Bus
) -> None:
    order_table.decide(ORDER_ID, Cancel(), NOW)
    assert follow(broke()) == failed()
    assert [event["detail-type"] for event in bus.heard()] == ["OrderProcessor.OrderCanceled"]


@pytest.mark.parametrize("drink", [None, 17, ["a"], {"a": 1}, "", "\ud800"], ids=ascii)
def test_what_is_known_of_an_invalid_order_is_told(
    shop: Shop, bus: Bus, step_functions: StepFunctions, drink: Any
) -> None:
    step_functions.inputs[RUN] = json.dumps({"detail": ORDERED | {"drink": drink, "milk": "oat"}})
    assert follow(broke()) == failed()
    [event] = bus.heard()
    Draft202012Validator(schema(FAILED)).validate(event["detail"])
    assert event["detail"]["drink"] == drink
    assert shop.item()["execution"] == RUN
    assert follow(event) == failed()
    assert shop.item()["status"] == "failed"


def test_a_number_of_any_length_keeps_no_broken_execution_back(
    shop: Shop, bus: Bus, step_functions: StepFunctions
) -> None:
    ordered = ORDERED | {"drink": "LONG", "milk": "LONG"}
    step_functions.inputs[RUN] = with_a_long_number({"detail": ordered})
    assert follow(broke()) == failed()
    [event] = bus.heard()
    assert event["detail"].items() >= (ORDERED | {"drink": None}).items()
    assert follow(with_a_long_number(event | {"detail": ordered})) == failed()
    assert shop.item()["status"] == "failed"


@pytest.mark.parametrize(
    "started_with",
    ["{}", '{"detail": {}}', '{"detail": {"orderId": 17}}', '{"detail": {"orderId": ""}}', "[]"],
)
def test_an_execution_without_an_order_needs_no_cleaning_up(
    shop: Shop, bus: Bus, step_functions: StepFunctions, started_with: str
) -> None:
    step_functions.inputs[RUN] = started_with
    assert follow(broke()) == failed()
    assert bus.heard() == []
    assert shop.orders.scan()["Items"] == []


def test_the_order_ends_even_where_the_config_table_is_gone(shop: Shop, bus: Bus) -> None:
    shop.claim()
    shop.config.delete()
    assert follow(broke()) == failed()
    assert [event["detail-type"] for event in bus.heard()] == [FAILED]


def test_an_event_that_the_bus_refused_is_sent_again(shop: Shop, bus: Bus) -> None:
    def refuse(**_: Any) -> tuple[Any, dict[str, Any]]:
        answer = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
        return type("Http", (), {"status_code": 200}), answer

    shop.claim()
    shop.reserve()
    hook: Any = refuse
    event_bus(BUS).client.meta.events.register("before-call.events", hook)
    with pytest.raises(BatchProcessingError, match="refused OrderFailed: ThrottlingException"):
        follow(broke())
    # The slot comes back before anything is said, so that who reads "order again" finds it free.
    assert shop.reservations() == set()
    assert shop.item()["status"] == "received"

    event_bus(BUS).client.meta.events.unregister("before-call.events", hook)
    assert follow(broke()) == failed()
    assert [event["detail-type"] for event in bus.heard()] == [FAILED]


def test_the_failure_names_the_execution_so_that_the_customer_hears_once(
    shop: Shop, bus: Bus
) -> None:
    shop.claim()
    follow(broke(), broke())
    assert [event["resources"] for event in bus.heard()] == [[RUN], [RUN]]


def test_every_log_line_names_its_order(
    shop: Shop, bus: Bus, order_table: OrderTable, printed: Printed
) -> None:
    shop.claim()
    follow(broke(), broke(ANOTHER_RUN), *bus.heard())
    order_table.end(ORDER_ID, RUN, Status.FAILED, NOW, {})
    follow(broke(), said(FAILED))
    assert len(printed.logs) == 4
    assert {line["order_id"] for line in printed.logs} == {ORDER_ID}
