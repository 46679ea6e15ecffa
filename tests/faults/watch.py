"""Watches a deployed stack while something happens to it, and says which alarms that raises."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from harness.polling import until
from harness.queues import Queues
from harness.shop import DeployedShop
from tests.e2e.commands import reconcile
from tests.metrics import Metric

from .alarms import Samples, watched
from .collected_metrics import (
    QueueWatch,
    Sample,
    by_metric,
    lambda_metrics,
    log_metrics,
    workflow_metrics,
)


@dataclass
class Seen:
    """What a run of the tests has seen, whatever the stacks were called."""

    raised: dict[str, set[str]] = field(default_factory=dict)
    """The alarms that each fault raised."""

    metrics: set[str] = field(default_factory=set)


SEEN: Final = Seen()


class Watch:
    """A stack's alarms, and what it emits.

    Time is compressed: what happened to the stack, however short, is one period of an alarm. Before
    it come ordinary periods, in which the reconciler ran and nothing else. A fault that lasts until
    somebody mends it has as many periods as the alarm looks at, all alike.
    """

    def __init__(self, shop: DeployedShop) -> None:
        self.alarms, self.shown = watched(shop.stack_name)
        self.queues = QueueWatch(Queues(shop.stack_name))
        self._shop = shop
        self._told: list[Sample] = []
        self._published: Counter[Sample] = Counter()
        self._ordinary = self._look_again(datetime.now(UTC))

    @contextmanager
    def fault(
        self,
        what: str,
        expected: Collection[str] | None = None,
        *,
        lasting: bool = False,
        reconciled: bool = True,
    ) -> Iterator[None]:
        """Fail unless what happens in the block raises these alarms, or none if there are none.

        After it the reconciler runs, as it does each minute, unless the fault is that it does not.
        """
        unknown = set(expected or ()) - self.alarms.keys()
        assert not unknown, f"The template has no {unknown}: it has {sorted(self.alarms)}"
        self._published = Counter(lambda_metrics(self._shop))
        begin = datetime.now(UTC)
        with self.queues.going_on():
            yield
        samples = self._look_again(begin) if reconciled else self._look(begin)
        before = samples if lasting else self._ordinary
        raised = {name for name, alarm in self.alarms.items() if alarm.is_raised(before, samples)}
        if raised or expected is not None:
            SEEN.raised[what] = raised
        wrong = set() if expected is None else set(expected) - raised if expected else raised
        assert not wrong, "\n".join(
            self._explain(name, samples, name not in raised) for name in sorted(wrong)
        )

    def _explain(self, name: str, samples: Samples, missing: bool) -> str:
        alarm = self.alarms[name]
        seen = {str(metric): samples.get(metric) for metric in alarm.metrics}
        return (
            f"{name} should be {'raised' if missing else 'silent'}, and is not:"
            f" {alarm.value(samples)} in the fault's period. Seen: {seen}. {alarm.properties}"
        )

    def saw(self, metric: Metric, value: float) -> None:
        """What a test saw happen, and LocalStack does not publish."""
        self._told.append(Sample(datetime.now(UTC), metric, value))

    def _look_again(self, begin: datetime) -> Samples:
        """What was emitted until after a run of the reconciler that starts now."""
        now = datetime.now(UTC)
        reconcile(self._shop, timedelta())

        def has_run() -> bool:
            samples = by_metric(log_metrics(self._shop, now), now, datetime.now(UTC))
            return any(metric.name == "CapacityInUse" for metric in samples)

        until("run of the reconciler", has_run, bool)
        return self._look(begin)

    def _look(self, begin: datetime) -> Samples:
        self.queues.look()
        end = datetime.now(UTC)
        samples = by_metric(
            chain(
                log_metrics(self._shop, begin),
                self._lambda_metrics(begin),
                workflow_metrics(self._shop, begin),
                self.queues.samples,
                self._told,
            ),
            begin,
            end,
        )
        SEEN.metrics |= {self.nameless(metric) for metric in samples}
        return samples

    def _lambda_metrics(self, begin: datetime) -> Iterator[Sample]:
        """What is published since; its times have no fraction, so they may be before ``begin``."""
        for sample in (Counter(lambda_metrics(self._shop)) - self._published).elements():
            yield replace(sample, at=max(sample.at, begin))

    def nameless(self, metric: Metric) -> str:
        return str(metric).replace(self._shop.stack_name, "<stack>")
