"""What lies in dead-letter queues goes back, and one that fails keeps nothing else there."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aws.event_bus import EventBus
from operations import dead_letters
from operations.redrive import Redrive
from operations.stack import confirm
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import DRINK, ORDER_ID, USER_ID, make_event
from tests.unit.tables import BUS, CONFIG_TABLE, ORDER_TABLE, Tables, client

ANY_AGE = timedelta(0)


class Queues:
    """The dead-letter queues of the rule OrderCreated and of the queue OrderDeleted, ``source``."""

    def __init__(self) -> None:
        self.sqs = client("sqs")
        self.of_rule, self.of_queue, self.source = (
            str(self.sqs.create_queue(QueueName=name)["QueueUrl"])
            for name in ("of-rule", "of-queue", "source")
        )
        arn = self._attribute(self.of_queue, "QueueArn")
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
        self.sqs.set_queue_attributes(QueueUrl=self.source, Attributes={"RedrivePolicy": policy})

    def park(self, url: str, *events: dict[str, Any], **attributes: Any) -> None:
        for event in events:
            body = json.dumps(event)
            self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)

    def count(self, url: str) -> int:
        return int(self._attribute(url, "ApproximateNumberOfMessages"))

    def _attribute(self, url: str, name: str) -> str:
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return str(answer["Attributes"][name])


@pytest.fixture
def queues(tables: Tables) -> Queues:  # noqa: ARG001 (it resets the account)
    return Queues()


@pytest.fixture
def bus() -> FakeEventBus:
    return FakeEventBus()


@pytest.fixture
def redriving(queues: Queues, bus: Any, monkeypatch: pytest.MonkeyPatch) -> Redrive:
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    outputs = {"EventBusName": BUS, "ConfigTableName": CONFIG_TABLE, "OrderTableName": ORDER_TABLE}
    urls = {"OrderCreated": queues.of_rule, "OrderDeleted": queues.of_queue}
    outputs |= {f"{name}DeadLetterQueueUrl": url for name, url in urls.items()}
    redriving = Redrive(outputs)
    monkeypatch.setattr(redriving, "_bus", EventBus(bus, BUS))
    return redriving


def ago(**time: int) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat(timespec="seconds")


def created(sent_at: str, **detail: Any) -> dict[str, Any]:
    return make_event("OrderCreated", run=None, **detail) | {"time": sent_at}


def test_all_of_many_go_back_where_they_came_from(
    queues: Queues, redriving: Redrive, bus: FakeEventBus
) -> None:
    """To the queue, or to the bus what a rule could not bring there, unless it is AWS's own."""
    from_rule = {"RULE_ARN": {"DataType": "String", "StringValue": "arn"}}
    queues.park(queues.of_queue, *(make_event("OrderDeleted", run=None) for _ in range(25)))
    queues.park(queues.of_queue, make_event("OrderDeleted", run=None), **from_rule)
    queues.park(queues.of_queue, make_event("Ended") | {"source": "aws.states"}, **from_rule)
    assert redriving.run(ANY_AGE) == 0
    assert (queues.count(queues.of_queue), queues.count(queues.source)) == (0, 26)
    assert bus.types() == ["OrderDeleted"]


def test_a_queue_that_fails_keeps_no_other_from_going_back(
    queues: Queues, redriving: Redrive, capsys: pytest.CaptureFixture[str]
) -> None:
    queues.park(queues.of_queue, make_event("OrderDeleted", run=None))
    queues.sqs.delete_queue(QueueUrl=queues.of_rule)
    assert redriving.run(ANY_AGE) == 1
    assert queues.count(queues.source) == 1
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert "1 left: ReceiveMessage failed" in first
    assert second.split(maxsplit=1) == ["OrderDeleted", "1 back in the queue"]


def test_an_event_that_the_bus_refuses_is_visible_again_at_once(
    queues: Queues, redriving: Redrive, bus: FakeEventBus
) -> None:
    bus.error = "InternalFailure"
    queues.park(queues.of_rule, created(ago(minutes=1)), created(ago(hours=2)))
    assert redriving.run(ANY_AGE) == 2
    assert queues.count(queues.of_rule) == 2


def test_what_is_no_event_stays_and_blocks_no_other(
    queues: Queues, redriving: Redrive, bus: FakeEventBus, capsys: pytest.CaptureFixture[str]
) -> None:
    queues.sqs.send_message(QueueUrl=queues.of_rule, MessageBody="no event")
    queues.park(queues.of_rule, created(ago(minutes=1)))
    assert redriving.run(ANY_AGE) == 1
    assert (bus.types(), queues.count(queues.of_rule)) == (["OrderCreated"], 1)
    assert "1 back on the bus, 1 left: no event" in capsys.readouterr().out


def test_only_what_is_old_enough_is_moved_and_keeps_its_time(
    queues: Queues, redriving: Redrive, bus: FakeEventBus
) -> None:
    sent_at = ago(minutes=31)
    queues.park(queues.of_rule, created(ago(minutes=29)), created(sent_at))
    assert redriving.run(timedelta(minutes=30)) == 0
    assert [entry["Time"] for entry in bus.entries] == [datetime.fromisoformat(sent_at)]
    assert queues.count(queues.of_rule) == 1


def test_nothing_is_shown_but_what_a_message_is(
    queues: Queues, redriving: Redrive, capsys: pytest.CaptureFixture[str]
) -> None:
    nameless = created(ago(hours=1), order_id=None, executionArn=None)
    secretive = created(ago(hours=26), order_id="a\x1bb", TaskToken="secret")
    queues.park(queues.of_queue, secretive, nameless)
    redriving.run(ANY_AGE)
    header, row, another = capsys.readouterr().out.splitlines()[:3]
    assert header.split(maxsplit=2)[:2] == ["QUEUE", "EVENT"]
    assert row.split()[:4] == ["OrderDeleted", "OrderCreated", "a", "b"]
    assert row.split(maxsplit=4)[4].startswith("1 day, 2:00:0")
    assert another.split()[:2] == ["OrderDeleted", "OrderCreated"]
    assert another.split()[2].startswith("1:00:0")


# --- Orders that are too old --------------------------------------------------------------------


@pytest.mark.parametrize("limit", [None, 10, 10**30])
def test_an_order_is_refused_that_is_older_than_the_limit(
    tables: Tables, queues: Queues, redriving: Redrive, bus: FakeEventBus, limit: int | None
) -> None:
    tables.configure(**({} if limit is None else {"orderAgeLimitMinutes": limit}))
    queues.park(queues.of_rule, created(ago(minutes=59)), created(ago(minutes=61), milk="oat"))
    assert redriving.run(ANY_AGE) == 0
    refused = [entry for entry in bus.entries if entry["DetailType"].endswith("OrderRejected")]
    assert len(refused) == {None: 1, 10: 2}.get(limit, 0)
    order = {"orderId": ORDER_ID, "userId": USER_ID, "drink": DRINK}
    message = "The order cannot be executed because it is too old. Please order again."
    for entry in refused:
        assert "Time" not in entry
        assert json.loads(entry["Detail"]) == order | {"code": "ERROR-105", "message": message}


@pytest.mark.parametrize(
    "detail",
    [{"drink": None}, {"userId": " "}, {"order_id": "x" * 501}, {"drink": "x" * 10_001}, {}],
    ids=lambda detail: str(detail)[:30],
)
def test_an_old_order_that_is_invalid_or_has_a_run_is_left_to_the_workflow(
    tables: Tables, queues: Queues, redriving: Redrive, bus: FakeEventBus, detail: dict[str, Any]
) -> None:
    if not detail:
        tables.claim()
    queues.park(queues.of_rule, created(ago(days=1), **detail))
    assert redriving.run(ANY_AGE) == 0
    assert bus.types() == ["OrderCreated"]


def test_an_order_that_no_execution_can_be_started_with_is_refused(
    queues: Queues, redriving: Redrive, bus: FakeEventBus
) -> None:
    queues.park(queues.of_rule, created(ago(minutes=1), milk="☕" * 87_000))
    queues.park(queues.of_rule, created(ago(minutes=1), drink="x" * 262_000))
    assert redriving.run(ANY_AGE) == 0
    order = {"orderId": ORDER_ID, "userId": USER_ID, "drink": DRINK}
    first, second = sorted(bus.details(), key=lambda detail: detail["drink"] is None)
    assert {first["code"], second["code"]} == {"ERROR-100"}
    assert first.items() >= order.items()
    assert second.items() >= (order | {"drink": None}).items()


def test_a_limit_that_is_no_number_stops_everything(
    tables: Tables, queues: Queues, redriving: Redrive
) -> None:
    tables.configure(orderAgeLimitMinutes="an hour")
    queues.park(queues.of_rule, created(ago(days=1)))
    with pytest.raises(SystemExit, match="Make orderAgeLimitMinutes in the config item a number"):
        redriving.run(ANY_AGE)
    assert queues.count(queues.of_rule) == 1


def test_nobody_is_asked_at_a_standard_input_that_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SystemExit, match="There is no terminal"):
        confirm("Go on?", declined="no", unattended="There is no terminal to ask at.")
