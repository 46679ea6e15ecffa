"""Who may send to a queue, and how long it keeps what it got. policies/ looks at the statements."""

from tests.contracts.definitions import resources, template

POLICIES = resources("AWS::SQS::QueuePolicy")


def test_each_queue_has_a_policy() -> None:
    queues = [queue["Ref"] for policy in POLICIES.values() for queue in policy["Queues"]]
    assert sorted(queues) == sorted(resources("AWS::SQS::Queue"))


def test_a_message_is_processed_before_it_is_received_again() -> None:
    """Six times the function's time-out, as AWS advises.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    """
    limit = template()["Globals"]["Function"]["Timeout"]
    for name, queue in resources("AWS::SQS::Queue").items():
        if "RedrivePolicy" in queue:
            assert queue["VisibilityTimeout"] >= 6 * limit, name


def test_each_queue_keeps_its_messages_as_long_as_sqs_can() -> None:
    """14 days from when a message was first sent, whichever queue it lies in by then."""
    for name, queue in resources("AWS::SQS::Queue").items():
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, name
