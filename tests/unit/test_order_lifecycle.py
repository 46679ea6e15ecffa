"""An order ends once, whoever acts on it, in any sequence, with a crash at any point.

Hypothesis makes up the sequences; the seed in the header of each run repeats them.
"""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aws import clients
from aws.config_table import ConfigTable
from aws.event_bus import EventBus
from aws.order_table import OrderTable
from barista_callback import callback
from barista_callback.callback import click, give_back, prolong, take
from order_cancellation.cancellation import cancel
from order_tracking.tracking import record_waiting
from orders.conflicts import OrderError
from orders.events import OrderEvent
from orders.model import Barista, Cancel, Complete, Decline, iso
from tests.unit.event_bus import FakeEventBus
from tests.unit.events import waiting_event
from tests.unit.fake_workflow import Crash, crash
from tests.unit.runs import NOW, Runs
from tests.unit.tables import BUS, Tables

BARISTAS = JULIA, MARCO = Barista("Julia", "Julia"), Barista("Marco", "Marco")
type Click = Complete | Decline
CLICKS = [Complete(JULIA), Complete(MARCO), Decline(JULIA, "no milk"), Decline(MARCO, "no milk")]
EVENTS = ["crash before", "crash after", "time-out", "recorded time-out", "stop", "cancellation"]
INTERRUPTIONS = st.sampled_from([*CLICKS, *EVENTS, "token again", "another attempt", "none"])
ATTEMPTS = 3


class OrderLifecycle(Runs):
    """One order and its runs. Each run waits for a barista as soon as it has the order."""

    def __init__(self) -> None:
        super().__init__()
        self.canceling = False

    @property
    def taker(self) -> str | None:
        taker: str | None = self.item.get("takenById")
        return taker

    # --- The workflow ---

    @initialize(early=st.booleans(), waits=st.booleans())
    def claim(self, early: bool, waits: bool) -> None:
        if early:
            self.cancel("none")
        self.start_run()
        if waits:
            self._last_token_arrives()

    @precondition(lambda self: self.recorded.get(self.run.arn))
    @rule()
    def run_again(self) -> None:
        self.start_run(by_hand=True)

    @rule()
    def repeated_start(self) -> None:
        """Another execution for the same event gets nothing, and leaves no mark."""
        before = self.item
        assert not self.tables.claim(self.order_id, "somebody else's run")
        assert self.item == before

    @precondition(lambda self: not self.run.ended_by)
    @rule()
    def time_out(self) -> None:
        self.run.ended_by = "timed out"

    @precondition(lambda self: self.run.ended_by != "timed out")
    @rule()
    def stop(self) -> None:
        """Before or after the workflow has received a decision."""
        self.run.broke = True
        self.run.ended_by = self.run.ended_by or "stopped"

    @precondition(lambda self: not self.run.ended_by and len(self.run.tokens) < ATTEMPTS)
    @rule()
    def try_again(self) -> None:
        """The answer to the run's PutEvents got lost, so it waits anew, with another token."""
        token = self.token_of(len(self.runs) - 1, len(self.run.tokens))
        self.run.tokens.append(token)
        self.workflow.runs[token] = self.run

    # --- Its events, delivered once or more, late or early ---

    @rule(which=st.integers(0, 3), attempt=st.integers(0, ATTEMPTS), interruption=INTERRUPTIONS)
    def token_arrives(self, which: int, attempt: int, interruption: Click | str) -> None:
        run = self.runs[which % len(self.runs)]
        attempt %= len(run.tokens)
        waits = waiting_event(self.order_id, run.arn, run.tokens[attempt], attempt)
        event, bus = OrderEvent.parse(waits), EventBus(FakeEventBus(), BUS)  # type: ignore[arg-type]
        tables = self.order_table, clients.numbers(), self.config_table
        self._interrupt(interruption, lambda: record_waiting(*tables, self.workflow, bus, event))

    @rule(which=st.integers(0, 3))
    def end_arrives(self, which: int) -> None:
        run = self.runs[which % len(self.runs)]
        if run.ended_by:
            self.record(run)

    # --- People ---

    @rule(decision=st.sampled_from(CLICKS), interruption=INTERRUPTIONS)
    def click(self, decision: Click, interruption: Click | str) -> None:
        run, taker = self.run, self.taker
        resumed = self._interrupt(
            interruption,
            lambda: click(self.order_table, self.workflow, self.order_id, decision, iso(NOW)),
        )
        if resumed is True:
            assert run.ended_by == decision
            assert taker in (None, decision.barista.id)

    @precondition(lambda self: "taskToken" in self.item)
    @rule()
    def heartbeat(self) -> None:
        prolonged = {"prolongedAt": iso(NOW), "prolongedBy": "Julia"}
        before = self.item | prolonged, self.run.ended_by
        try:
            prolong(self.order_table, self.workflow, self.order_id, JULIA, iso(NOW))
        except OrderError:
            pass
        else:
            assert self.run.ended_by is None
        assert (self.item | prolonged, self.run.ended_by) == before

    @precondition(lambda self: "taskToken" in self.item)
    @rule(barista=st.sampled_from(BARISTAS), over=st.booleans())
    def take(self, barista: Barista, over: bool) -> None:
        before = self.item
        try:
            take(self.order_table, self.workflow, self.order_id, barista, iso(NOW), over=over)
        except OrderError:
            pass
        else:
            assert self.run.ended_by is None
            assert self.taker == barista.id
        if self.taker != before.get("takenById"):
            assert "decision" not in before
            assert over or "takenById" not in before

    @precondition(lambda self: self.taker)
    @rule(barista=st.sampled_from(BARISTAS))
    def give_back(self, barista: Barista) -> None:
        before = self.taker
        try:
            give_back(self.order_table, self.order_id, barista)
        except OrderError:
            assert self.taker == before
        else:
            assert (before, self.taker) == (barista.id, None)

    @rule(interruption=INTERRUPTIONS)
    def cancel(self, interruption: Click | str) -> None:
        self.canceling = True  # The queue delivers it until it is done.
        before = self.item

        def act() -> bool:
            cancel(self.order_table, self.workflow, self.order_id, iso(NOW), iso(NOW))
            return True

        if self._interrupt(interruption, act):
            self.canceling = False
            if "takenById" in before and "decision" not in before:
                assert self.run.ended_by != Cancel()

    # --- What always holds ---

    @invariant()
    def the_item_tells_the_last_end_or_the_latest_token(self) -> None:
        item, run = self.item, self.run
        if "endedAt" in item:
            assert item["status"] == run.outcome
            assert item["status"] == self.recorded.setdefault(run.arn, item["status"])
            assert not {"taskToken", "attempt", "decision"} & item.keys()
        if "taskToken" in item:
            stored = run.tokens.index(item["taskToken"])
            assert stored >= self.stored.get(run.arn, 0)
            self.stored[run.arn] = stored

    @invariant()
    def a_slot_is_held_while_the_run_waits(self) -> None:
        if self.runs and not self.run.ended_by:
            assert self.run.name in self.tables.reservations()

    def teardown(self) -> None:
        if not self.runs:
            return
        if self.canceling:
            self.cancel("none")
        self._last_token_arrives()
        if not self.run.ended_by:
            assert self.item["taskToken"] == self.run.token
        if self.canceling and not self.run.ended_by:
            self.cancel("none")
        if not self.run.ended_by:
            self.time_out()
        for run in (*self.runs, self.run):
            self.record(run)
        item = self.item
        assert item["status"] == self.run.outcome
        assert not {"taskToken", "attempt", "decision"} & item.keys()
        assert not {run.name for run in self.runs} & self.tables.reservations()
        if isinstance(self.run.ended_by, Complete):
            assert item["baristaId"] == self.run.ended_by.barista.name

    # --- How ---

    def _last_token_arrives(self) -> None:
        self.token_arrives(len(self.runs) - 1, len(self.run.tokens) - 1, "none")

    def _interrupt(self, interruption: Click | str, act: Callable[[], object]) -> object:
        """Do it, and let something else happen around the callback. None if it was refused."""
        match interruption:
            case "crash after":
                self.workflow.after = crash
            case "none":
                pass
            case _:
                self.workflow.before = lambda: self._act_in_between(interruption)
        try:
            return act()
        except (OrderError, Crash):
            return None
        finally:
            self.workflow.before = self.workflow.after = None

    def _act_in_between(self, interruption: Click | str) -> None:
        match interruption:
            case "crash before":
                crash()
            case Complete() | Decline():
                self.click(interruption, "none")
            case "cancellation":
                self.cancel("none")
            case "token again":
                self._last_token_arrives()
            case "another attempt" if not self.run.ended_by:
                self.try_again()
            case "stop" if self.run.ended_by != "timed out":
                self.stop()
            case "time-out" | "recorded time-out" if not self.run.ended_by:
                self.time_out()
                if interruption != "time-out":
                    self.record(self.run)


def test_an_order_ends_once_whatever_happens(
    tables: Tables,
    order_table: OrderTable,
    config_table: ConfigTable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All examples share the tables, each with an order of its own."""
    monkeypatch.setattr(callback, "END_TIMEOUT_SECONDS", 0)
    monkeypatch.setattr(callback, "POLL_SECONDS", 0)
    tables.configure(capacity=1_000_000)
    handed_in = {"tables": tables, "order_table": order_table, "config_table": config_table}
    lifecycle = type("Lifecycle", (OrderLifecycle,), handed_in)
    run_state_machine_as_test(lifecycle, settings=settings(stateful_step_count=25))
