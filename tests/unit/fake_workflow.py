"""Step Functions as seen by the functions: the first callback wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from aws.workflow import TaskIsOver, Workflow
from orders.model import Cancel, Complete, Decision, Decline, Fail, TaskToken


class Crash(BaseException):
    """The function's process is gone; nothing in it may catch that."""


@dataclass
class Run:
    """One execution of the workflow, from its claim of the order to its outcome."""

    arn: str
    tokens: list[TaskToken]
    """One an attempt of the wait; the workflow listens to the last alone."""

    ended_by: Decision | str | None = None  # A text: "timed out" or "stopped".
    broke: bool = False
    cleaned_up_as: str = "failed"
    """What a run that was stopped is announced as: what was decided, if anything was."""

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    @property
    def token(self) -> TaskToken:
        return self.tokens[-1]

    @property
    def outcome(self) -> str:
        """The state that the outcome's event brings into the order table."""
        match self.ended_by:
            case Complete():
                return "ready for pickup"
            case Decline():
                return "rejected"
            case Cancel():
                return "canceled"
            case "stopped":
                return self.cleaned_up_as
            case other:
                return str(other)


@dataclass
class FakeWorkflow(Workflow):
    """Takes callbacks by token. ``before`` and ``after`` happen once, around the next callback."""

    runs: dict[str, Run] = field(default_factory=dict)
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def resume(self, token: TaskToken, decision: Decision) -> None:
        self._happens("before")
        run = self.runs[token]
        if run.ended_by is not None or token != run.token:
            raise TaskIsOver
        assert decision != Fail(), "it waits, so it has its order"
        run.ended_by = decision
        self._happens("after")

    def prolong(self, token: TaskToken) -> None:
        run = self.runs[token]
        if run.ended_by is not None or token != run.token:
            raise TaskIsOver

    def _happens(self, when: str) -> None:
        happens = getattr(self, when)
        setattr(self, when, None)
        if happens:
            happens()


def crash() -> None:
    raise Crash
