"""Each alarm was raised by a fault of this run, and what is watched is what the stack emits.

Comes last. That each metric of AWS's is on a page of AWS's is in tests/contracts/test_alarms.py.
"""

from .figures import say
from .watch import SEEN, Watch


def test_each_alarm_was_raised_by_a_fault(watch: Watch) -> None:
    raised = {alarm for alarms in SEEN.raised.values() for alarm in alarms}
    assert watch.alarms.keys() - raised == set()
    say(f"Alarms of the template: {len(watch.alarms)}, raised by a fault: {len(raised)}")


def test_what_is_watched_was_emitted(watch: Watch) -> None:
    watched = watch.shown.union(*(alarm.metrics for alarm in watch.alarms.values()))
    unseen = {metric for metric in watched if watch.nameless(metric) not in SEEN.metrics}
    assert [str(metric) for metric in unseen if not metric.namespace.startswith("AWS/")] == []
    names = sorted({f"{metric.namespace} {metric.name}" for metric in unseen})
    say(
        f"Metrics that alarms and dashboard look at: {len(watched)},"
        f" of AWS and not seen here: {len(unseen)} ({', '.join(names)})"
    )
