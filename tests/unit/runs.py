"""The runs of one order, and what they send out."""

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from aws.config_table import ConfigTable
from aws.event_bus import EventBus
from aws.order_table import OrderTable
from aws.workflow import Execution
from order_tracking.broken_runs import clean_up_broken_run
from order_tracking.tracking import record_outcome
from orders.events import EventType, OrderEvent
from orders.model import Complete, TaskToken
from orders.outcomes import announce
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import EXECUTIONS, TOKEN, make_event
from tests.unit.fake_workflow import FakeWorkflow, Run
from tests.unit.tables import BUS, Tables

NOW = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
EVENT_TYPES = {str(event_type.status): event_type for event_type in EventType}
_numbers = count()


class Runs(RuleBasedStateMachine):
    """Each run waits for a barista as soon as it has the order."""

    tables: Tables
    order_table: OrderTable
    config_table: ConfigTable

    def __init__(self) -> None:
        super().__init__()
        self.order_id = f"order-{next(_numbers)}"
        self.workflow = FakeWorkflow()
        self.bus = FakeEventBus()
        self.runs: list[Run] = []
        self.recorded: dict[str, str] = {}
        self.stored: dict[str, int] = {}

    @property
    def run(self) -> Run:
        return self.runs[-1]

    @property
    def item(self) -> dict[str, Any]:
        return self.tables.item(self.order_id)

    def start_run(self, *, by_hand: bool = False) -> None:
        number = len(self.runs)
        run = Run(f"{EXECUTIONS}:{self.order_id}-{number}", [self.token_of(number, 0)])
        assert self.tables.claim(self.order_id, run.arn, by_hand=by_hand)
        assert self.tables.reserve(run.arn)
        self.runs.append(run)
        self.workflow.runs[run.token] = run

    def token_of(self, number: int, attempt: int) -> TaskToken:
        return TaskToken(f"{TOKEN}-{self.order_id}-{number}-{attempt}")

    def record(self, run: Run) -> None:
        """What a run's end sends out arrives, the slot being back by then."""
        barista = run.ended_by.barista.name if isinstance(run.ended_by, Complete) else None
        event = make_event(
            EVENT_TYPES[run.outcome], order_id=self.order_id, run=run.arn, baristaId=barista
        )
        if run.broke:
            order = self.order_table.load(self.order_id)
            execution = Execution(run.arn, NOW, NOW, event["detail"], {})
            bus = EventBus(self.bus, BUS)  # type: ignore[arg-type]
            clean_up_broken_run(self.order_table, self.config_table, bus, execution)
            if not self.bus.entries:
                return  # The run's end was known.
            (entry,) = self.bus.entries
            self.bus.entries.clear()
            assert entry["Resources"] == [run.arn]
            assert order
            assert entry["DetailType"] == announce(order.decision)[0]
            run.cleaned_up_as = str(EventType(entry["DetailType"]).status)
            assert run.cleaned_up_as == run.outcome  # That of a decision, if one was received.
            event = make_event(entry["DetailType"], run=run.arn, **json.loads(entry["Detail"]))
        else:
            assert self.tables.release(run.arn)
        record_outcome(self.order_table, OrderEvent.parse(event), NOW)
        if run is self.run:
            self.recorded.setdefault(run.arn, run.outcome)
