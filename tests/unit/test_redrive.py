"""What lies in dead-letter queues goes back, and one that fails keeps nothing else there."""

import json
from typing import Any

import pytest

from operations.redrive import Redrive
from tests.unit.shop import BUS, Shop, client, said


class Queues:
    """The queues of a stack, with no consumers, and what lies in them."""

    def __init__(self) -> None:
        self._sqs = client("sqs")
        self.outputs = {"EventBusName": BUS}
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
def queues(shop: Shop) -> Queues:  # noqa: ARG001 (it resets the account)
    return Queues()


def redrive(queues: Queues) -> int:
    return Redrive(queues.outputs, "eu-central-1").run()


def test_all_of_many_go_back(queues: Queues) -> None:
    queues.park("OrderDeleted", *(said("OrderDeleted", run=None) for _ in range(25)))
    assert redrive(queues) == 0
    assert (queues.left("OrderDeleted"), queues.count(queues.source)) == (0, 25)


def test_a_queue_that_fails_keeps_no_other_from_going_back(
    queues: Queues, capsys: pytest.CaptureFixture[str]
) -> None:
    queues.park("OrderDeleted", said("OrderDeleted", run=None))
    queues.delete("OrderCreated")
    assert redrive(queues) == 1
    assert queues.count(queues.source) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert "left: ListDeadLetterSourceQueues failed" in first
    assert second.split(maxsplit=1) == ["OrderDeleted", "1 back in the queue"]


def test_what_the_bus_refuses_shows_again_at_once(
    queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    redriving = Redrive(queues.outputs, "eu-central-1")
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}
    monkeypatch.setattr(redriving._events, "put_events", lambda **_: refused)
    queues.park("OrderCreated", *(said("OrderCreated", run=None) for _ in range(2)))
    assert redriving.run() == 2
    assert queues.left("OrderCreated") == 2
