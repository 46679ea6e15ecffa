"""The evaluation of alarms that the fault tests rely on."""

from typing import Any

import pytest

from tests.contracts.watched_metrics import expression, statistics
from tests.faults.alarms import Alarm, Samples, Value, evaluate
from tests.metrics import Metric

ERRORS = Metric("AWS/Lambda", "Errors", frozenset({("FunctionName", "f")}))
NOTHING: Samples = {}


def alarm(**more: Any) -> Alarm:
    properties = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        "Statistic": "Sum",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 2,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
    } | more
    return Alarm(properties, statistics(properties), expression(properties))


def of(*values: float) -> Samples:
    return {ERRORS: values}


@pytest.mark.parametrize(("statistic", "value"), [("Sum", 9), ("Maximum", 5), ("SampleCount", 3)])
def test_a_statistic_is_of_all_samples_of_a_period(statistic: str, value: float) -> None:
    assert alarm(Statistic=statistic).value(of(1, 3, 5)) == value
    assert alarm(Statistic=statistic).value(NOTHING) is None


@pytest.mark.parametrize(
    ("comparison", "raised"),
    [
        ("GreaterThanThreshold", [False, False, True]),
        ("GreaterThanOrEqualToThreshold", [False, True, True]),
        ("LessThanThreshold", [True, False, False]),
    ],
)
def test_a_value_is_compared_with_the_threshold(comparison: str, raised: list[bool]) -> None:
    compared = alarm(ComparisonOperator=comparison)
    assert [compared.is_raised(NOTHING, of(value)) for value in (1, 2, 3)] == raised


@pytest.mark.parametrize(
    ("breaches", "before", "now", "raised"),
    [
        (None, 3, 3, True),  # All of them, where it does not say how many.
        (None, 3, 0, False),
        (2, 3, 0, True),
        (2, 0, 3, False),
        (1, 0, 3, True),
    ],
)
def test_so_many_of_the_last_periods_have_to_breach(
    breaches: int | None, before: float, now: float, raised: bool
) -> None:
    more = {"DatapointsToAlarm": breaches} if breaches else {}
    over_three = alarm(EvaluationPeriods=3, **more)
    assert over_three.is_raised(of(before), of(now)) is raised


@pytest.mark.parametrize(
    ("missing", "raised"),
    [
        ("ignore", [False, True, False]),
        ("notBreaching", [False, True, False]),
        ("breaching", [True, True, True]),
    ],
)
def test_a_period_without_a_data_point(missing: str, raised: list[bool]) -> None:
    careful = alarm(EvaluationPeriods=2, DatapointsToAlarm=1, TreatMissingData=missing)
    assert [careful.is_raised(NOTHING, last) for last in (NOTHING, of(3), of(1))] == raised


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("100 * few / many", 20),
        ("100 * none / many", None),
        ("SUM(FILL(METRICS(), 0))", 12),
        ("MAX(FILL(METRICS(), 20))", 20),
        ("IF(many >= 10, 100 * FILL(none, 0) / many, 5)", 0),
        ("IF(few >= 10, 1, 5)", 5),
        ("IF(none >= 10, 1, 5)", None),
    ],
)
def test_metric_math(expression: str, value: Value) -> None:
    assert evaluate(expression, {"few": 2, "many": 10, "none": None}) == value


@pytest.mark.parametrize("expression", ["RATE(few)", "few + more"])
def test_an_unknown_expression_is_refused(expression: str) -> None:
    with pytest.raises(NameError):
        evaluate(expression, {"few": 2})


@pytest.mark.parametrize("more", [{"Statistic": "p99"}, {"ComparisonOperator": "LessThanLower"}])
def test_an_alarm_of_another_kind_is_not_evaluated(more: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        alarm(**more).is_raised(NOTHING, of(3))
