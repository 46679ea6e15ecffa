"""Who may send to a queue, and how long it keeps what it got. policies/ looks at the statements."""

from tests.contracts.definitions import resources

POLICIES = resources("AWS::SQS::QueuePolicy")


def test_each_queue_has_a_policy() -> None:
    queues = [policy["Queues"][0]["Ref"] for policy in POLICIES.values()]
    assert sorted(queues) == sorted(resources("AWS::SQS::Queue"))


def test_each_queue_keeps_its_messages_as_long_as_sqs_can() -> None:
    """14 days from when a message was first sent, whichever queue it lies in by then."""
    for name, queue in resources("AWS::SQS::Queue").items():
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, name
