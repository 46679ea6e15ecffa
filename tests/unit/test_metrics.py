"""What the functions count is what alarms and the dashboard look at, by name and dimensions."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast
from urllib.error import URLError

import pytest
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from aws.observability import metrics
from aws.queues import process_batch
from barista_callback import authentication, openid
from order_tracking.handler import handler
from orders.outcomes import OF_THE_PAGE, Refusal
from tests.contracts.definitions import resources
from tests.contracts.watched_metrics import OURS, by_alarms, on_the_dashboard
from tests.metrics import Metric, embedded
from tests.unit.api import request
from tests.unit.events import Context, batch_failures, make_event, sqs_batch, waiting_event
from tests.unit.printed import Printed
from tests.unit.tables import STACK, Tables
from tests.unit.test_order_tracking import ENDINGS
from tests.unit.test_reconciler import look

pytestmark = pytest.mark.usefixtures("step_functions")

CODES = set(Refusal) - set(OF_THE_PAGE)


@pytest.fixture
def running_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give this process the name that a function of the template counts under."""

    def run_as(function: str) -> None:
        variables = resources("AWS::Serverless::Function")[function]["Environment"]["Variables"]
        service = variables["POWERTOOLS_SERVICE_NAME"]
        monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", service)
        monkeypatch.setattr(metrics.provider, "service", service)

    return run_as


def counted(printed: Printed) -> set[Metric]:
    """What CloudWatch would take out of the functions' logs."""
    found = {metric for line in printed.emf for metric, _ in embedded(line)}
    assert {metric.namespace for metric in found} == {STACK}
    return {replace(metric, namespace=OURS) for metric in found}


def down(*_: object, **__: object) -> None:
    raise URLError("no route to host")


def fail_the_first(record: SQSRecord, lambda_context: LambdaContext) -> None:
    assert lambda_context
    if record.message_id == "message-0":
        raise ValueError


def test_alarms_and_dashboard_look_at_exactly_the_metrics_that_are_counted(
    tables: Tables,
    printed: Printed,
    monkeypatch: pytest.MonkeyPatch,
    running_as: Callable[[str], None],
) -> None:
    running_as("OrderTracking")
    endings = [(kind, detail) for kind, detail, _, _ in ENDINGS if kind != "OrderRejected"]
    endings += [("OrderRejected", {"code": code}) for code in sorted(CODES)]
    for number, (kind, detail) in enumerate(endings):
        order_id = str(number)
        tables.claim(order_id)
        ended = make_event(f"OrderProcessor.{kind}", order_id=order_id, **detail)
        assert handler(sqs_batch(waiting_event(order_id), ended), Context()) == batch_failures()
    look()

    for function in ("CustomerNotification", "OrderCancellation", "OrderTracking"):
        running_as(function)
        context = cast("LambdaContext", Context())
        answer = process_batch(sqs_batch({}, {}), context, fail_the_first)
        assert answer == batch_failures(0)

    running_as("BaristaCallback")
    for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_ROLE_CLAIM", "OIDC_ROLE"):
        monkeypatch.setenv(name, "https://people.example")
    monkeypatch.setattr(openid, "urlopen", down)
    authentication.provider.cache_clear()  # The handler's import made one, of another issuer.
    assert request("GET", "/session")[0] == 503

    looked_at = {metric for metric in by_alarms() | on_the_dashboard() if metric.namespace == OURS}
    assert counted(printed) == looked_at
