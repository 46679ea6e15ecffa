"""Whatever anybody sends: no execution fails, no message is stuck, no slot is lost."""

import json
from collections import Counter
from typing import Any

import boto3
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from harness.ledger import audit
from harness.orders import CREATED, DELETED, Order
from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop
from tests.unit.events import batch_failures, make_event, sqs_batch

from .crowd import CROWD_SECONDS
from .figures import QUIETLY, SEED, say

BATCHES, BATCH = 52, 10

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
long_texts = st.builds(lambda text, times: text * times, texts, st.integers(100, 300))
scalars = (
    texts | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | long_texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
details = st.fixed_dictionaries(
    {}, optional={"orderId": values, "userId": values, "drink": values, "TaskToken": values}
) | st.dictionaries(texts, values, max_size=3)
events = st.tuples(st.sampled_from([CREATED, DELETED]), details)


def test_no_event_breaks_anything(shop: DeployedShop, queues: Queues) -> None:
    before = {listed["executionArn"] for listed in shop.workflow.listed()}

    def statuses() -> Counter[str]:
        started = [
            listed for listed in shop.workflow.listed() if listed["executionArn"] not in before
        ]
        return Counter(listed["status"] for listed in started)

    shop.configure(capacity=1000)
    sent: Counter[str] = Counter()

    @seed(SEED)
    @settings(QUIETLY, max_examples=BATCHES)
    @given(st.lists(events, min_size=BATCH, max_size=BATCH))
    def send(batch: list[tuple[str, dict[str, Any]]]) -> None:
        shop.publish_all(*batch)
        sent.update(detail_type for detail_type, _ in batch)

    send()
    canary, invalid = Order(), Order(drink="")
    shop.place(invalid)
    shop.prepare(canary)  # What comes after all that finds everything in order.
    until(
        f"start of {sent[CREATED] + 2} executions",
        statuses,
        lambda seen: seen.total() == sent[CREATED] + 2,
        within=CROWD_SECONDS,
    )
    until(
        "decision about everything that came in",
        lambda: (shop.workflow.running(), shop.slots()),
        lambda seen: len(seen[0]) == len(seen[1]),
        within=CROWD_SECONDS,
    )
    shop.complete(canary)
    queues.run_empty()
    for order_id in shop.reservations():  # Some were good orders, whatever they look like.
        shop.cancel(Order(order_id=order_id))
    audit(shop, queues, [canary, invalid]).report("after bad input", f"{sent.total()} bad events")
    say(f"Bad input: {dict(sent)}, executions: {dict(statuses())}")
    assert statuses().keys() == {"SUCCEEDED"}


@pytest.mark.alarms("FunctionErrorAlarm")
def test_a_batch_of_which_some_messages_can_not_be_processed(shop: DeployedShop) -> None:
    """Lambda counts no error then; the functions count the messages."""
    fine = {
        "customer-notification": make_event("OrderProcessor.OrderInPreparation", order_id="none"),
        "order-cancellation": make_event("OrderDeleted", order_id=None, run=None),
        "order-tracking": make_event("OrderProcessor.OrderCompleted", order_id="none"),
    }
    for function, event in fine.items():
        answer = boto3.client("lambda").invoke(
            FunctionName=f"{shop.stack_name}-{function}",
            Payload=json.dumps(sqs_batch("no JSON", event, "none either")),
        )
        assert json.load(answer["Payload"]) == batch_failures(0, 2)
