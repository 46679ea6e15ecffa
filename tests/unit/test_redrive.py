"""What lies in dead-letter queues goes back, and one that fails keeps nothing else there."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations import dead_letters
from operations.redrive import Redrive
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import DRINK, ORDER_ID, USER_ID, make_event
from tests.unit.tables import BUS, CONFIG_TABLE, ORDER_TABLE, Tables, client

ANY_AGE = timedelta(0)


class Queues:
    """The queues of a stack, with no consumers, and what lies in them."""

    def __init__(self) -> None:
        self._sqs = client("sqs")
        self.outputs = {
            "EventBusName": BUS,
            "ConfigTableName": CONFIG_TABLE,
            "OrderTableName": ORDER_TABLE,
        }
        client("events").create_event_bus(Name=BUS)
        self.outputs["OrderCreatedDeadLetterQueueUrl"] = self._create("OrderCreatedDead")
        self.source = self._create("OrderDeleted")
        self.outputs["OrderDeletedDeadLetterQueueUrl"] = self._create("OrderDeletedDead")
        arn = self._attribute(self.outputs["OrderDeletedDeadLetterQueueUrl"], "QueueArn")
        policy = {"deadLetterTargetArn": arn, "maxReceiveCount": 5}
        attributes = {"RedrivePolicy": json.dumps(policy)}
        self._sqs.set_queue_attributes(QueueUrl=self.source, Attributes=attributes)

    def park(self, name: str, *bodies: object) -> None:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            self._sqs.send_message(QueueUrl=self._url(name), MessageBody=text)

    def count(self, url: str) -> int:
        return int(self._attribute(url, "ApproximateNumberOfMessages"))

    def left(self, name: str) -> int:
        return self.count(self._url(name))

    def delete(self, name: str) -> None:
        self._sqs.delete_queue(QueueUrl=self._url(name))

    def _url(self, name: str) -> str:
        return self.outputs[f"{name}DeadLetterQueueUrl"]

    def _create(self, name: str) -> str:
        return str(self._sqs.create_queue(QueueName=name)["QueueUrl"])

    def _attribute(self, url: str, name: str) -> Any:
        return self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][
            name
        ]


@pytest.fixture
def queues(tables: Tables) -> Queues:  # noqa: ARG001 (it resets the account)
    return Queues()


@pytest.fixture
def redriving(queues: Queues, bus: FakeEventBus, monkeypatch: pytest.MonkeyPatch) -> Redrive:
    monkeypatch.setattr(dead_letters, "WAIT_SECONDS", 0)
    redriving = Redrive(queues.outputs, "eu-central-1")
    monkeypatch.setattr(redriving, "_events", bus)
    return redriving


@pytest.fixture
def bus() -> FakeEventBus:
    return FakeEventBus()


def ago(**time: int) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat(timespec="seconds")


def created(sent_at: str, **detail: Any) -> dict[str, Any]:
    return make_event("OrderCreated", run=None, **detail) | {"time": sent_at}


def test_all_of_many_go_back(queues: Queues, redriving: Redrive) -> None:
    queues.park("OrderDeleted", *(make_event("OrderDeleted", run=None) for _ in range(25)))
    assert redriving.run(ANY_AGE) == 0
    assert (queues.left("OrderDeleted"), queues.count(queues.source)) == (0, 25)


def test_a_queue_that_fails_keeps_no_other_from_going_back(
    queues: Queues, redriving: Redrive, capsys: pytest.CaptureFixture[str]
) -> None:
    queues.park("OrderDeleted", make_event("OrderDeleted", run=None))
    queues.delete("OrderCreated")
    assert redriving.run(ANY_AGE) == 1
    assert queues.count(queues.source) == 1
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert "1 left: ReceiveMessage failed" in first
    assert second.split(maxsplit=1) == ["OrderDeleted", "1 back in the queue"]


def test_an_event_that_the_bus_refuses_is_visible_again_at_once(
    queues: Queues, redriving: Redrive, bus: FakeEventBus
) -> None:
    bus.error = "InternalFailure"
    queues.park("OrderCreated", created(ago(minutes=1)), created(ago(hours=2)))
    assert redriving.run(ANY_AGE) == 2
    assert queues.left("OrderCreated") == 2


def test_only_what_is_old_enough_is_moved(
    queues: Queues, redriving: Redrive, bus: FakeEventBus
) -> None:
    queues.park("OrderCreated", created(ago(minutes=29)), created(ago(minutes=31)))
    assert redriving.run(timedelta(minutes=30)) == 0
    assert len(bus.entries) == queues.left("OrderCreated") == 1


def test_an_event_keeps_its_time(queues: Queues, redriving: Redrive, bus: FakeEventBus) -> None:
    sent_at = ago(minutes=5)
    queues.park("OrderCreated", created(sent_at))
    redriving.run(ANY_AGE)
    assert [entry["Time"] for entry in bus.entries] == [datetime.fromisoformat(sent_at)]


def test_nothing_is_shown_but_what_a_message_is(
    queues: Queues, redriving: Redrive, capsys: pytest.CaptureFixture[str]
) -> None:
    queues.park("OrderDeleted", created(ago(hours=26), order_id="a\x1b[2Jb", TaskToken="secret"))
    redriving.run(ANY_AGE)
    header, row = capsys.readouterr().out.splitlines()[:2]
    assert header.split(maxsplit=2)[:2] == ["QUEUE", "EVENT"]
    assert row.split()[:3] == ["OrderDeleted", "OrderCreated", "a?[2Jb"]
    assert row.split(maxsplit=3)[3].startswith("1 day, 2:00:0")


# --- Orders that are too old --------------------------------------------------------------------


@pytest.mark.parametrize("limit", [None, 10, 10**30])
def test_an_order_is_refused_that_is_older_than_the_limit(
    tables: Tables, queues: Queues, redriving: Redrive, bus: FakeEventBus, limit: int | None
) -> None:
    tables.configure(**({} if limit is None else {"orderAgeLimitMinutes": limit}))
    queues.park("OrderCreated", created(ago(minutes=59)), created(ago(minutes=61), milk="oat"))
    assert redriving.run(ANY_AGE) == 0
    refused = [entry for entry in bus.entries if entry["DetailType"].endswith("OrderRejected")]
    assert len(refused) == {None: 1, 10: 2}.get(limit, 0)
    for entry in refused:
        assert "Time" not in entry
        assert json.loads(entry["Detail"]) == {
            "orderId": ORDER_ID,
            "userId": USER_ID,
            "drink": DRINK,
            "code": "ERROR-105",
            "message": "The order cannot be executed because it is too old. Please order again.",
        }


@pytest.mark.parametrize(
    "detail", [{"drink": None}, {"userId": " "}, {"order_id": "x" * 2049}], ids=str
)
def test_an_invalid_order_is_refused_as_such_by_the_workflow(
    queues: Queues, redriving: Redrive, bus: FakeEventBus, detail: dict[str, Any]
) -> None:
    queues.park("OrderCreated", created(ago(days=1), **detail))
    assert redriving.run(ANY_AGE) == 0
    assert bus.types() == ["OrderCreated"]


def test_an_old_order_that_a_run_has_is_a_repeat(
    tables: Tables, queues: Queues, redriving: Redrive, bus: FakeEventBus
) -> None:
    tables.claim()
    queues.park("OrderCreated", created(ago(days=1)))
    assert redriving.run(ANY_AGE) == 0
    assert bus.types() == ["OrderCreated"]


def test_a_limit_that_is_no_number_stops_everything(
    tables: Tables, queues: Queues, redriving: Redrive
) -> None:
    tables.configure(orderAgeLimitMinutes="an hour")
    queues.park("OrderCreated", created(ago(days=1)))
    with pytest.raises(SystemExit, match="Make orderAgeLimitMinutes in the config item a number"):
        redriving.run(ANY_AGE)
    assert queues.left("OrderCreated") == 1
